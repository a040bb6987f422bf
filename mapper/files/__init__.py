"""Strangers' files, read safely: CSV and GeoJSON by own parsers, the rest by GDAL behind a fence.

`features.read_features` and `csvs.open_csv` are the front doors. What a file says about its own
kind (name, extension, declared type) is never believed: its bytes decide. `fence` runs GDAL in a
process without network, with few drivers and with limits on time and memory.
"""
