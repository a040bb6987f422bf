"""A case file: one incident as a bundle that a court or an editor could use, after the Berkeley Protocol.

It says how it was made, by whom and when, holds the evidence with its custody, and proves against signed
roots of the ledger that nothing was altered since. It shows what the asker may see, and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.exchange.detail import incident_detail
from mapper.store import bundles, ledger, proof, roots
from mapper.store.blindness import silent_assessors, visible_decisions
from mapper.store.custody import Act
from mapper.store.originals import open_original
from mapper.store.store import Store
from mapper.store.tables import Crisis, IncidentReport, Report
from mapper.verification.case_paper import Request, case_pdf
from mapper.verification.case_proofs import opened_custody, opened_decisions, opened_reports, proven_entries
from mapper.verification.evidence import read_copy
from mapper.verification.refusals import NoSuchIncident
from mapper.verification.situations import decisions_of
from mapper.vocabulary.text import N_

SUFFIXES: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
}


def write_case_file(
    store: Store, crisis: Crisis, incident_id: uuid.UUID, asked: Request, path: Path
) -> dict[str, int]:
    """Write the file, whole or not at all; return counts. Ledger and custody note it before the bytes leave.

    Call it where gettext works. Raises NoSuchIncident and bundles.BundleRefused.
    """
    with store.read() as session:
        media = {item["id"]: item for item in _detail(session, store, crisis, incident_id, asked)["evidence"]}
    files = _media(store, crisis.id, media, asked)
    _note(store, crisis.id, incident_id, asked, len(files))
    while ledger.seal(store, crisis.id):
        pass
    roots.sign_root(store, crisis)
    head = proof.signed_head(store, crisis)
    with store.read() as session, bundles.writing(path) as bundle:
        detail = _detail(session, store, crisis, incident_id, asked)
        for name, data in files.items():
            bundle.add(name, data)
        bundle.add("incident.json", orjson.dumps(detail, option=orjson.OPT_INDENT_2))
        bundle.add("custody.json", orjson.dumps(_custody(detail), option=orjson.OPT_INDENT_2))
        counts = _add_proof(bundle, session, store, crisis, incident_id, asked)
        bundle.add("head.json", orjson.dumps(head))
        counts |= bundles.add_roots(bundle, session, store, crisis, head["seq"])
        thumbnails = _thumbnails(store, session, crisis.id, detail)
        bundle.add("report.pdf", case_pdf(crisis, detail, asked, bundle.files, counts, head, thumbnails))
        bundle.finish(_about(store, crisis, incident_id, asked))
    return {"media": len(files), **counts}


def _detail(
    session: Session, store: Store, crisis: Crisis, incident_id: uuid.UUID, asked: Request
) -> dict[str, Any]:
    found = incident_detail(session, store.keys, crisis.id, incident_id, asked.user_id)
    if found is None:
        raise NoSuchIncident(N_("There is no such incident in this crisis."))
    return {"geometry": found["geometry"], **found["properties"]}


def _media(
    store: Store, crisis_id: int, media: Mapping[str, Mapping[str, Any]], asked: Request
) -> dict[str, bytes]:
    """Return name and bytes of each medium that may be read; taking an original is noted first."""
    files = {}
    for name, item in media.items():
        if asked.with_originals:
            opened = open_original(
                store, crisis_id, uuid.UUID(name), asked.user_id, asked.reason, Act.EXPORTED
            )
            if opened is not None:
                files[f"media/original-{name}{SUFFIXES.get(item['content_type'], '.bin')}"] = opened.data
            continue
        with store.read() as session:
            copy = read_copy(store, session, crisis_id, uuid.UUID(name), is_small=False)
        if copy is not None:
            files[f"media/copy-{name}{SUFFIXES[copy.content_type]}"] = copy.data
    return files


def _note(store: Store, crisis_id: int, incident_id: uuid.UUID, asked: Request, media: int) -> None:
    payload = {"actor": asked.user_id, "media": media, "originals": int(asked.with_originals)}
    with store.write() as session:
        ledger.append(session, crisis_id, "case_file", str(incident_id), payload, store.clock())


def _add_proof(
    bundle: bundles.Bundle,
    session: Session,
    store: Store,
    crisis: Crisis,
    incident_id: uuid.UUID,
    asked: Request,
) -> dict[str, int]:
    decisions = decisions_of(session, crisis.id, incident_id)
    same = (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id)
    query = select(Report).join(IncidentReport, same).where(IncidentReport.crisis_id == crisis.id)
    reports = session.scalars(query.where(IncidentReport.incident_id == incident_id)).all()
    detail = _detail(session, store, crisis, incident_id, asked)
    media = [uuid.UUID(item["id"]) for item in detail["evidence"]]
    subjects = {str(incident_id), *map(str, media)}
    subjects |= {str(report.id) for report in reports}
    subjects |= {str(item.id) for item in visible_decisions(decisions, asked.user_id)}
    entries = bundle.add_lines("proofs.jsonl", proven_entries(session, crisis.id, subjects))
    openings = [
        *opened_reports(store, session, crisis.id, reports),
        *opened_decisions(decisions, asked.user_id),
        *opened_custody(session, crisis.id, media, silent_assessors(decisions, asked.user_id)),
    ]
    return {"entries": entries, "openings": bundle.add_lines("openings.jsonl", iter(openings))}


def _custody(detail: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept = ("id", "report", "content_type", "size", "sha256", "custody")
    return [{name: item[name] for name in kept} for item in detail["evidence"]]


def _thumbnails(
    store: Store, session: Session, crisis_id: int, detail: Mapping[str, Any]
) -> dict[str, bytes]:
    found = {
        item["id"]: read_copy(store, session, crisis_id, uuid.UUID(item["id"]), is_small=True)
        for item in detail["evidence"]
    }
    return {name: copy.data for name, copy in found.items() if copy is not None}


def _about(store: Store, crisis: Crisis, incident_id: uuid.UUID, asked: Request) -> dict[str, Any]:
    return {
        "kind": "case",
        "crisis": crisis.slug,
        "incident": str(incident_id),
        "made_at": store.clock().isoformat(),
        "made_for": asked.email,
        "reason": asked.reason,
        "media": "originals" if asked.with_originals else "copies",
    }
