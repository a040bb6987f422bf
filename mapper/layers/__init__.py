"""Background layers: what was known of a place before the damage, and administrative areas first.

`mapper layer add` loads them; the worker gives every report and incident the P-codes of the areas it
lies in, and does so again when newer boundaries are loaded.
"""
