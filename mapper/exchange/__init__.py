"""Everything that leaves for other software: lists and details of incidents, files, feeds.

Lists read a snapshot through the publication gate; one incident's detail reads the tables.
"""
