"""The gate: what each audience may see of a crisis, decided here and nowhere else.

It writes the internal snapshot and the public release, keeps the rules of the release (embargo, one
partition, minimum counts), and says which snapshot a request is answered from.
"""
