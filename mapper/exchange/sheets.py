"""CSV and XLSX, safe to open: a text that a spreadsheet would run as a formula stays a text.

HXL: a second row of hashtags (hxlstandard.org, interop.md section 3) makes a table readable by machines.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.flat import GEOMETRY, batches, schema_of

# A cell that starts with one of these is run as a formula by spreadsheet programs (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MOST_XLSX_ROWS = 1_048_576
PLACE = ("longitude", "latitude")

HXL = {
    "id": "#event+id",
    "version": "#meta+version",
    "status": "#status+verification",
    "sector": "#sector",
    "asset": "#loc+type",
    "damage_low": "#severity+damage+min",
    "damage_high": "#severity+damage+max",
    "service_state": "#status+service",
    "needs": "#need+list",
    "people_affected_low": "#affected+ind+min",
    "people_affected_high": "#affected+ind+max",
    "reports": "#indicator+reports+num",
    "sources": "#indicator+sources+num",
    "origins": "#indicator+origins+num",
    "happened_from": "#date+occurred+start",
    "happened_to": "#date+occurred+end",
    "first_reported_at": "#date+reported",
    "verified_at": "#date+verified",
    "position_accuracy_m": "#geo+accuracy+m",
    "area_codes": "#meta+areas",
    "area_1": "#adm1+code",
    "area_2": "#adm2+code",
    "area_3": "#adm3+code",
    "needs_review": "#status+review",
    "title": "#event+name",
    "longitude": "#geo+lon",
    "latitude": "#geo+lat",
    "count": "#event+num",
    "week": "#date+week",
    "area_code": "#loc+code",
    "area_name": "#loc+name",
}


class TooManyRows(Exception):
    """A spreadsheet cannot hold so many rows; the message says what can."""


def headings(found: Extract) -> list[str]:
    """Return the columns of a table: flat ones, and longitude and latitude of incidents."""
    names = [name for name in schema_of(found).names if name != GEOMETRY]
    return names if found.seen.is_public else [*names, *PLACE]


def write_csv(found: Extract, path: Path, advance: Advance, *, hxl: bool = False) -> None:
    """Write a UTF-8 CSV; with `hxl` its second row holds HXL tags."""
    names = headings(found)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        if hxl:
            writer.writerow([HXL[name] for name in names])
        for batch in batches(found):
            writer.writerows(zip(*(_csv_column(column) for column in _columns(batch, names)), strict=True))
            advance(batch.num_rows)


def write_xlsx(found: Extract, path: Path, advance: Advance, *, hxl: bool = False) -> None:
    """Write an XLSX of one sheet, row by row. Texts are cells of type text, whatever they begin with."""
    if len(found.rows) + 2 > MOST_XLSX_ROWS:
        raise TooManyRows(f"a sheet holds {MOST_XLSX_ROWS:,} rows at most; csv and gpkg hold more")
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    names = headings(found)
    options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    try:
        with xlsxwriter.Workbook(str(path), options | {"strings_to_urls": False}) as book:
            sheet = book.add_worksheet(found.name)
            sheet.freeze_panes(2 if hxl else 1, 0)
            for row, cells in enumerate(_xlsx_rows(found, names, advance, hxl=hxl)):
                for column, value in enumerate(cells):
                    _write_cell(sheet, row, column, value)
    except FileCreateError as error:
        raise OSError(str(error)) from error


def _xlsx_rows(
    found: Extract, names: Sequence[str], advance: Advance, *, hxl: bool
) -> Iterator[Sequence[Any]]:
    yield names
    if hxl:
        yield [HXL[name] for name in names]
    for batch in batches(found):
        yield from zip(*(_plain_column(column) for column in _columns(batch, names)), strict=True)
        advance(batch.num_rows)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, value)


def _columns(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[pa.Array]:
    for name in names:
        if name in PLACE:
            points = shapely.from_wkb(batch[GEOMETRY].to_numpy(zero_copy_only=False))
            values = shapely.get_x(points) if name == PLACE[0] else shapely.get_y(points)
            yield pa.array(values, pa.float64(), from_pandas=True)  # not a number is null
        else:
            yield batch[name]


def _plain_column(column: pa.Array) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_timestamp(column.type):
        return [value and rfc3339(value) for value in values]
    return values


def _csv_column(column: pa.Array) -> list[Any]:
    values = _plain_column(column)
    convert: Callable[[Any], Any] | None = None
    if pa.types.is_string(column.type):
        convert = inert
    elif pa.types.is_boolean(column.type):
        convert = _lower
    return [value if value is None else convert(value) for value in values] if convert else values


def _lower(value: bool) -> str:
    return "true" if value else "false"


def inert(text: str) -> str:
    """Return a text so that no spreadsheet runs it: an apostrophe goes before what looks like a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def rfc3339(moment: datetime) -> str:
    """Return a time with its offset."""
    return moment.isoformat()
