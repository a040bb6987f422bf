"""The internal snapshot's columns: written by publication/, read by maps/, exchange/ and the screens.

An Arrow IPC file, uncompressed, one record batch, rows sorted by `cell_key` (rows without a position
come first, with key -1), so that a map tile is a range of rows. Codes are dictionary-encoded strings.
"""

from __future__ import annotations

import pyarrow as pa

CODE = pa.dictionary(pa.int16(), pa.string())
TIME = pa.timestamp("us", tz="UTC")

INTERNAL = pa.schema(
    [
        ("cell_key", pa.int64()),
        ("lon_e7", pa.int32()),
        ("lat_e7", pa.int32()),
        ("id", pa.string()),
        ("version", pa.int32()),
        ("status", CODE),
        ("sector", CODE),
        ("asset", CODE),
        ("damage_low", pa.int8()),
        ("damage_high", pa.int8()),
        ("service_state", CODE),
        ("needs", pa.list_(pa.string())),
        ("people_affected_low", pa.int64()),
        ("people_affected_high", pa.int64()),
        ("reports", pa.int32()),
        ("sources", pa.int32()),
        ("origins", pa.int32()),
        ("happened_from", TIME),
        ("happened_to", TIME),
        ("first_reported_at", TIME),
        ("verified_at", TIME),
        ("position_accuracy_m", pa.float32()),
        ("area_codes", pa.string()),  # JSON object: level -> P-code
        ("area_1", pa.dictionary(pa.int32(), pa.string())),  # P-codes by level, for filters and choropleths
        ("area_2", pa.dictionary(pa.int32(), pa.string())),
        ("area_3", pa.dictionary(pa.int32(), pa.string())),
        ("outside_areas", pa.bool_()),
        ("needs_review", pa.bool_()),
        ("by_id", pa.int32()),  # the k-th value is the row of the k-th incident in order of id: for paging
    ]
)

WHOLE_CRISIS = "crisis"  # the area code of rows that were merged beyond every area
WHOLE_CRISIS_LEVEL = -1

PUBLIC_ROWS = pa.schema(
    [
        ("area_code", CODE),  # WHOLE_CRISIS for what was merged beyond every area
        ("area_level", pa.int8()),
        ("sector", CODE),  # vocabulary.sectors.MULTIPLE where sectors were merged
        ("week", CODE),  # ISO week, 2026-W07
        ("count", pa.int32()),
        ("damage_low", pa.int8()),
        ("damage_high", pa.int8()),
    ]
)

PUBLIC_AREAS = pa.schema(
    [
        ("area_code", pa.string()),
        ("area_level", pa.int8()),
        ("name", pa.string()),
        ("area_codes", pa.string()),  # JSON object: level -> P-code
        ("geometry", pa.binary()),  # WKB, longitude latitude
    ]
)
