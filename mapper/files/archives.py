"""Zip archives from strangers: everything is checked before anything is unpacked.

Members get names of our own, so that no name in an archive ever becomes a path; the real size is
counted while unpacking, since an archive may lie about it.
"""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.vocabulary.text import N_

CHUNK = 1 << 20
SMALL_BYTES = 20_000_000  # an archive that stays below this, expanded, may have any ratio
WANTED = {
    ".shp",
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".kml",
    ".geojson",
    ".json",
    ".gpkg",
    ".fgb",
    ".gpx",
    ".parquet",
}
ARCHIVES = {".zip", ".kmz", ".7z", ".rar", ".gz", ".tar"}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED = 0x1
WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True)
class Member:
    """An unpacked file: the name it had without folder and extension, and where it lies now."""

    stem: str
    path: Path


def is_workbook(archive: Path, limits: Limits) -> bool:
    """Whether a zip is an Excel workbook, whose size when expanded is within the limits.

    Raises what `unpack` raises.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            if WORKBOOK not in opened.NameToInfo:
                return False
            _check_size(opened.infolist(), limits, archive.stat().st_size)
            return True
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileRefused(N_("The zip archive is damaged.")) from error


def unpack(archive: Path, folder: Path, limits: Limits) -> list[Member]:
    """Unpack the members of known kinds into `folder`; those of one stem keep a common new stem.

    Raises FileTooLarge for a bomb, FileRefused for names that leave the folder, links, encryption and
    archives within the archive.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _checked(opened, limits, archive.stat().st_size)
            return _extracted(opened, members, folder, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileRefused(N_("The zip archive is damaged.")) from error


def _checked(opened: zipfile.ZipFile, limits: Limits, packed: int) -> list[zipfile.ZipInfo]:
    members = opened.infolist()
    _check_size(members, limits, packed)
    for member in members:
        _check_member(member)
    return [
        member
        for member in members
        if not member.is_dir() and _suffix(member) in WANTED and _is_named(member)
    ]


def _check_size(members: list[zipfile.ZipInfo], limits: Limits, packed: int) -> None:
    if len(members) > limits.zip_members:
        raise FileTooLarge(N_("The archive has more than %(limit)d members."), limit=limits.zip_members)
    expanded = sum(member.file_size for member in members)
    if expanded > limits.zip_bytes or expanded > max(SMALL_BYTES, packed * limits.zip_ratio):
        raise FileTooLarge(N_("The archive would expand to %(size)d bytes."), size=expanded)


def _check_member(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or set(member.filename) & set("\\:\0"):
        raise FileRefused(N_("The archive holds a name that leads out of its folder."))
    if stat.S_ISLNK(member.external_attr >> 16):
        raise FileRefused(N_("The archive holds a link."))
    if member.flag_bits & ENCRYPTED or member.compress_type not in METHODS:
        raise FileRefused(N_("The archive is encrypted or packed in an unusual way."))
    if _suffix(member) in ARCHIVES:
        raise FileRefused(N_("The archive holds another archive."))


def _extracted(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, limits: Limits
) -> list[Member]:
    numbers: dict[str, int] = {}
    room = limits.zip_bytes
    result = []
    for member in members:
        stem = str(PurePosixPath(member.filename).with_suffix(""))
        number = numbers.setdefault(stem.lower(), len(numbers))
        target = folder / f"member-{number}{_suffix(member)}"
        room = _copy(opened, member, target, room)
        result.append(Member(PurePosixPath(stem).name, target))
    return result


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Unpack one member; return how much room is left."""
    with opened.open(member) as source, target.open("xb") as file:
        while chunk := source.read(CHUNK):
            room -= len(chunk)
            if room < 0:
                raise FileTooLarge(N_("The archive expands to more than it says."))
            file.write(chunk)
    return room


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _is_named(member: zipfile.ZipInfo) -> bool:
    """macOS adds a shadow of each file, `__MACOSX/._name`."""
    return not PurePosixPath(member.filename).name.startswith(".")
