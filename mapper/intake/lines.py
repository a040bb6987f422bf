"""NDJSON: a report a line, accepted in groups, each refused line named with its number and reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from mapper.intake.channels import draft_of
from mapper.intake.drafts import Fate, NotAccepted, Outcome, ReportDraft, Sender
from mapper.intake.preparing import hash_content
from mapper.intake.schemas import parse_json, read_feature
from mapper.intake.service import accept
from mapper.store.store import Store
from mapper.store.tables import Crisis

GROUP = 500
MOST_ERRORS = 1_000
LONGEST_LINE = 1_000_000


def accept_lines(store: Store, crisis: Crisis, body: IO[bytes], sender: Sender, most: int) -> dict[str, Any]:
    """Return the counts and the errors by line; read = accepted + duplicates + rejected.

    What was accepted before a line fails stays accepted. A line sent twice by the same sender is a
    duplicate: without an id of its own its content is its key.
    """
    counts = {"read": 0, "accepted": 0, "duplicates": 0, "rejected": 0}
    errors: list[dict[str, Any]] = []
    group: list[tuple[int, ReportDraft]] = []

    def flush() -> None:
        outcomes = accept(store, crisis, [draft for _, draft in group], sender)
        for (number, _), outcome in zip(group, outcomes, strict=True):
            _count(counts, errors, number, outcome)
        group.clear()

    for number, line in _lines(body):
        counts["read"] += 1
        try:
            if counts["read"] > most:
                raise NotAccepted(
                    [("", f"one request holds at most {most} lines; send the rest in another")], 413
                )
            group.append((number, _draft(store, line, sender)))
        except NotAccepted as refusal:
            counts["rejected"] += 1
            _note(errors, number, refusal)
        if len(group) >= GROUP:
            flush()
    flush()
    return counts | {"errors": errors}


def _lines(body: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each non-empty line with its number; a line that is too long is cut, and so refused."""
    number = 0
    while line := body.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            while (rest := body.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        if line.strip():
            yield number, line


def _draft(store: Store, line: bytes, sender: Sender) -> ReportDraft:
    if len(line) > LONGEST_LINE:
        raise NotAccepted([("", f"the line is longer than {LONGEST_LINE} bytes")], 413)
    document = parse_json(line)
    feature = read_feature(document, store.clock())
    key = None if feature.properties.source_id and sender.user_id else f"line:{hash_content(document, [])}"
    return draft_of(feature, document, sender, key=key)


def _count(counts: dict[str, int], errors: list[dict[str, Any]], number: int, outcome: Outcome) -> None:
    if outcome.fate is Fate.ACCEPTED:
        counts["accepted"] += 1
    elif outcome.fate is Fate.DUPLICATE:
        counts["duplicates"] += 1
    else:
        counts["rejected"] += 1
        _note(errors, number, NotAccepted([("", "this key came before with other content")]))


def _note(errors: list[dict[str, Any]], number: int, refusal: NotAccepted) -> None:
    for pointer, detail in refusal.errors:
        if len(errors) < MOST_ERRORS:
            errors.append({"line": number, "pointer": pointer, "detail": detail})
