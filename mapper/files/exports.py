"""Exports of the systems that field teams use, known by their headings.

Such a table mixes the questions of a form with the system's own book-keeping. The book-keeping is never
guessed to be what somebody saw; a few of its columns are used, the times of filling in and sending only where
no question has a time. Sources: interop notes 1.2 to 1.4, and the projects' exporters named there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Export:
    """One system's table. Headings are compared without case.

    `marks`: each is a set of headings that no other table has together. `fields`: field of a report -> the
    system's own columns for it, the best first; `last`: likewise, where nothing else was found. `own`: the
    rest of its book-keeping. `utc`: columns of times without an offset that are in UTC.
    """

    name: str
    label: str
    marks: tuple[frozenset[str], ...]
    fields: Mapping[str, tuple[str, ...]]
    last: Mapping[str, tuple[str, ...]]
    own: frozenset[str]
    utc: frozenset[str] = frozenset()

    def is_own(self, heading: str) -> bool:
        """Whether a column is book-keeping and no question of the form."""
        name = heading.strip().casefold()
        used = (names for table in (self.fields, self.last) for names in table.values())
        return name in self.own or any(name in names for names in used)

    def column_of(self, field: str, columns: Iterable[str], *, last: bool = False) -> str | None:
        """Return the system's own column for a field of a report."""
        by_name = {column.strip().casefold(): column for column in columns}
        names = (self.last if last else self.fields).get(field, ())
        return next((by_name[name] for name in names if name in by_name), None)


DEVICE = {"start", "end", "today", "deviceid", "subscriberid", "simid", "phonenumber", "username", "audit"}

KOBO = Export(
    "kobo",
    "KoboToolbox",
    (
        frozenset({"_uuid", "_submission_time"}),
        frozenset({"_id", "_uuid"}),
        frozenset({"meta/instanceid", "_submission_time"}),
    ),
    {"source_id": ("meta/rootuuid", "_uuid", "meta/instanceid")},
    {"observed_at": ("start", "today", "_submission_time", "end"), "position": ("_geolocation",)},
    frozenset(
        {
            "_id", "_validation_status", "_notes", "_status", "_submitted_by", "_tags", "_index", "_version",
            "__version__", "_attachments", "_duration", "_xform_id_string", "_bamboo_dataset_id",
            "formhub/uuid", "meta/instancename", "meta/deprecatedid",
        }
        | DEVICE
    ),
    frozenset({"_submission_time"}),
)  # fmt: skip
ODK = Export(
    "odk",
    "ODK",
    (
        frozenset({"submissiondate", "key"}),
        frozenset({"submissiondate", "meta-instanceid"}),
        frozenset({"__id", "__system/submissiondate"}),
        frozenset({"meta/instanceid"}),
        frozenset({"meta-instanceid"}),
    ),
    {"source_id": ("meta-instanceid", "meta/instanceid", "instanceid", "__id", "key")},
    {"observed_at": ("start", "today", "submissiondate", "__system/submissiondate", "end")},
    frozenset(
        {
            "submitterid", "submittername", "attachmentspresent", "attachmentsexpected", "status",
            "reviewstate", "edits", "formversion", "meta-instancename", "meta/instancename", "parent_key",
            "set-of", "meta-entity", "isvalidated", "__system/submittername", "__system/reviewstate",
        }
        | DEVICE
    ),
    frozenset(),
)  # fmt: skip
USHAHIDI = Export(
    "ushahidi",
    "Ushahidi",
    (
        frozenset({"post id", "post status"}),
        frozenset({"post id", "survey"}),
        frozenset({"incident title", "approved", "verified"}),
    ),
    {"id": ("post id", "serial", "#"), "contact": ("contact",), "title": ("title", "incident title")},
    {"observed_at": ("post date (utc)", "created (utc)", "updated (utc)")},
    frozenset(
        {
            "survey", "post status", "contact id", "source", "approved", "verified", "collections", "sets",
            "completed stages", "form id",
        }
    ),
    frozenset({"post date (utc)", "created (utc)", "updated (utc)"}),
)  # fmt: skip
EXPORTS = {export.name: export for export in (KOBO, USHAHIDI, ODK)}


def export_of(columns: Iterable[str], said: str | None = None) -> Export | None:
    """Return whose export a table is: what somebody said, or what its headings tell; None for no such."""
    if said in EXPORTS:
        return EXPORTS[said]
    names = {column.strip().casefold() for column in columns}
    return next((export for export in EXPORTS.values() if any(mark <= names for mark in export.marks)), None)
