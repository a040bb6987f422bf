"""Runs GDAL on a stranger's file in a process that can do nothing else.

The process sees one private folder, has no network and no other driver than the one that the file's
bytes call for, and is ended when it takes more time or memory than the limits allow.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import mapper
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge, SeveralLayers
from mapper.vocabulary.text import N_

START = "import sys; sys.path.insert(0, sys.argv[1]); from mapper.files.fenced import main; main()"
NOWHERE = "http://127.0.0.1:9"  # the discard port: a last hurdle where the system has no fence of its own
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_HTTP_PROXY": NOWHERE,
    "GDAL_NUM_THREADS": "1",
    "GDAL_PYTHON_DRIVER_PATH": "disable",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "LIBKML_RESOLVE_STYLE": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",  # its own stream breaks on a feature without geometry
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
    "PYTHONDONTWRITEBYTECODE": "1",
    "all_proxy": NOWHERE,
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
}
REFUSALS: dict[str, type[FileRefused]] = {"FileTooLarge": FileTooLarge}


@dataclass
class Fenced:
    """What came back: the answer, and the private folder with its tables, gone with this object."""

    answer: dict[str, Any]
    _folder: tempfile.TemporaryDirectory[str] = field(repr=False)

    @property
    def tables(self) -> list[Path]:
        """Files of GeoJSON lines, or of rows as Arrow, one a layer."""
        return [Path(self._folder.name) / table["path"] for table in self.answer["tables"]]

    @property
    def source(self) -> Path:
        """The file that was found to be GeoJSON, unpacked and unread."""
        return Path(self._folder.name) / str(self.answer["source"])


def read_fenced(path: Path, kind: str, layer: str | None, limits: Limits, job: str = "read") -> Fenced:
    """Read a file of one of the fenced kinds; raises FileRefused or FileTooLarge.

    The job "read" brings its features, "rows" its rows as Arrow.
    Raises SeveralLayers when the file has several layers and none is named.
    """
    folder = tempfile.TemporaryDirectory(prefix="mapper-fence-")
    copy = Path(folder.name) / "source"
    shutil.copyfile(path, copy)
    task = {"job": job, "source": str(copy), "kind": kind, "layer": layer}
    return Fenced(run_fenced(task, Path(folder.name), limits), folder)


def repair_fenced(wkb: bytes, limits: Limits) -> bytes:
    """Return a valid geometry for an invalid one (WKB), within the limits on time and memory."""
    with tempfile.TemporaryDirectory(prefix="mapper-fence-") as folder:
        path = Path(folder) / "geometry"
        path.write_bytes(wkb)
        run_fenced({"job": "repair", "source": path.name}, Path(folder), limits)
        return path.read_bytes()


def run_fenced(task: dict[str, Any], folder: Path, limits: Limits) -> dict[str, Any]:
    """Do a task of `fenced.JOBS` in `folder`; raises FileRefused, FileTooLarge or SeveralLayers."""
    task = {**task, "folder": str(folder), "limits": asdict(limits)}
    root = str(Path(mapper.__file__).parent.parent)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own program
        [sys.executable, "-I", "-c", START, root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**ENVIRONMENT, "TMPDIR": str(folder)},
        cwd=folder,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(json.dumps(task).encode(), timeout=2 * limits.seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise FileTooLarge(N_("Reading the file takes too much time.")) from None
    return _answer(output, process.returncode)


def _answer(output: bytes, code: int) -> dict[str, Any]:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise FileTooLarge(N_("Reading the file takes too much time or memory."))
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise FileRefused(N_("The file is damaged: reading it failed.")) from None
    if answer.get("refused") == SeveralLayers.__name__:
        raise SeveralLayers(answer["layers"])
    if "refused" in answer:
        refusal = REFUSALS.get(answer["refused"], FileRefused)
        raise refusal(answer["message"], **answer.get("values", {}))
    return answer
