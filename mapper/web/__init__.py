"""The web: what every page and answer shares, whichever room writes it.

Errors become problem documents or calm pages here; headers, languages, assets, limits and health
live here too. This room knows no people: who may see what is decided one floor up, in accounts/.
"""
