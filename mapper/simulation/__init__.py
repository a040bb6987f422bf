"""A crisis to practise on: invented places, damage and voices, with the truth kept beside them.

It acts through the rooms below as people would: it reports, verifies and publishes. Everything is drawn
from a seed, and no word in it comes from real reports.
"""
