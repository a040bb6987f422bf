"""Places: positions, the sorted cell key, administrative areas.

Pure: it opens no file and starts no process. Longitude stands before latitude, degrees are WGS 84,
lengths are metres.
"""
