"""The store: engine, tables, ledger, keys, blobs and migrations.

Everything that more than one room reads is kept here, on SQLite or PostgreSQL with one schema.
A room opens `Store.read()` or `Store.write()`; what is written is durable when the block ends.
"""
