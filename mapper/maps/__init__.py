"""The maps: page shells composed with folium, vector tiles and area layers.

Everything here is read from a snapshot of what the asker's audience may see; nothing is decided here.
Incidents reach the browser as vector tiles and JSON, never through a folium template.
"""
