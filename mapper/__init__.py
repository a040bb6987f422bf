"""Damage mapper: takes in public damage reports, fuses them, has them verified, and maps them."""
