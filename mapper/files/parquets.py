"""GeoParquet, read behind the fence (https://geoparquet.org, version 1.1: well-known binary).

A Parquet file without places of its own is a table all the same: its columns may hold degrees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

BATCH_ROWS = 65_536
KIND = "geoparquet"
DAMAGED = N_("The file is damaged or not what it seems to be.")


def write_parquet(source: Path, target: Path, limits: Limits | None) -> dict[str, Any]:
    """Write the table as rows within limits, or without limits as features; return the fence's answer.

    Raises FileRefused for a file without places where features are wanted.
    """
    from mapper.files.fenced_features import write_features
    from mapper.files.fenced_rows import write_rows

    opened, columns = _open(source), []
    if limits is not None:
        columns = write_rows(opened.batches(), opened.geometry, opened.convert, target, limits)
    elif opened.geometry is None:
        raise FileRefused(N_("The file holds no layer with geometry."))
    else:
        write_features(opened.batches(), opened.geometry, opened.convert, target)
    tables = [{"layer": KIND, "path": target.name, "columns": columns}]
    return {"kind": KIND, "tables": tables, "layers": []}


@dataclass(frozen=True)
class _Opened:
    file: Any
    geometry: str | None
    convert: Any

    def batches(self) -> Iterator[Any]:
        """Yield record batches without columns that only speed up windows (bbox)."""
        from pyarrow import ArrowException

        names = [name for name in self.file.schema_arrow.names if name != "bbox"]
        try:
            yield from self.file.iter_batches(BATCH_ROWS, columns=names)
        except (ArrowException, OSError) as error:
            raise FileRefused(DAMAGED) from error


def _open(source: Path) -> _Opened:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    from mapper.files.fenced_features import converter

    try:
        file = ParquetFile(source)
        described = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
        if not isinstance(described, dict):
            return _Opened(file, None, None)
        column = str(described["primary_column"])
        about = described["columns"][column]
        if about["encoding"] != "WKB" or column not in file.schema_arrow.names:
            raise FileRefused(N_("Places in GeoParquet are read as well-known binary (WKB) only."))
        return _Opened(file, column, converter(about.get("crs")))
    except (ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise FileRefused(DAMAGED) from error
