"""Benchmarks: each measures us against the usual way in the same run, alternated, as JSON lines."""
