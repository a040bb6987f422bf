"""The usual ways of doing it, which we are measured against."""
