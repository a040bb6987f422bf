"""Planning: where help is needed most, for coordinators.

Reads the internal snapshot and the layers; ranks areas by verified damage and people with every component
shown, and lets each number be walked down to its incidents and their reports. Decides nothing.
"""
