"""Excel workbooks, read behind the fence: a sheet's cells as text, as a person would type them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.vocabulary.text import N_

LARGEST_WHOLE = 1e15  # a larger decimal number is not certain to be a whole one


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its width, and its rows with the number Excel shows; empty rows are left out."""

    name: str
    width: int
    others: tuple[str, ...]  # sheets that hold something too
    _cells: Any

    def rows(self) -> Iterator[list[str]]:
        """Yield each row's number as text, then its cells."""
        for number, row in enumerate(self._cells.iter_rows(), 1):
            texts = [_as_text(cell) for cell in row]
            if any(texts):
                yield [str(number), *texts, *[""] * (self.width - len(texts))]


def open_sheet(path: Path, wanted: str | None, columns: int) -> Sheet:
    """Return the sheet called `wanted`, or else the first that a reader sees and that holds a table.

    Raises FileRefused for no such sheet or a workbook that cannot be read, FileTooLarge for a wider one.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        sheets = [book.get_sheet_by_name(name) for name in _visible(book) if wanted in (None, name)]
    except (CalamineError, ValueError, OSError) as error:
        raise FileRefused(N_("The workbook is damaged or locked with a password.")) from error
    filled = [sheet for sheet in sheets if sheet.total_height and sheet.width]
    if not filled:
        raise FileRefused(N_("The workbook holds no table."))
    tables = [sheet for sheet in filled if sheet.total_height > 1 and sheet.width > 1]
    chosen = (tables or filled)[0]
    if chosen.width > columns:
        raise FileTooLarge(N_("The file has more than %(limit)d columns."), limit=columns)
    others = tuple(sheet.name for sheet in filled if sheet is not chosen)
    return Sheet(chosen.name, chosen.width, others, chosen)


def write_sheet(source: Path, layer: str | None, target: Path, limits: Limits) -> dict[str, Any]:
    """Write a sheet's rows, headings among them; return the fence's answer."""
    from mapper.files.fenced_rows import text_batches, write_rows

    sheet = open_sheet(source, layer, limits.columns)
    columns = write_rows(text_batches(sheet.rows()), None, None, target, limits)
    tables = [{"layer": sheet.name, "path": target.name, "columns": columns}]
    return {"kind": "workbook", "tables": tables, "layers": [sheet.name, *sheet.others]}


def _visible(book: Any) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_WHOLE:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
