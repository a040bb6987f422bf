"""A case file holds what its asker may see, and an outsider can check it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from mapper.cli import main
from mapper.config import Settings
from mapper.intake.drafts import DraftMedium
from mapper.intake.erasure import erase
from mapper.store.proof import verify
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry, Medium
from mapper.verification.adding import add_evidence
from mapper.verification.case_file import write_case_file
from mapper.verification.case_paper import Request
from mapper.verification.work import work
from mapper.web.offline import speaking
from sqlalchemy import select

from tests.files.clips import clip
from tests.verification.builders import ANNA, BORIS, do, make_incident, report_ids
from tests.verification.test_case import picture

WHY = "asked for by the court"


def with_photo(store: Store, crisis: Crisis) -> uuid.UUID:
    data = picture()
    medium = DraftMedium(data, "image/jpeg", hashlib.sha256(data).hexdigest())
    return make_incident(store, crisis, reports=1, draft={"media": (medium,)})


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(folder / "check.py")]
    return subprocess.run(command, capture_output=True, text=True)


def unpacked(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def written(
    store: Store, crisis: Crisis, incident_id: Any, folder: Path, settings: Settings, **asked: Any
) -> Path:
    fields = {"user_id": None, "email": None, "reason": WHY, "with_originals": False} | asked
    path = folder.with_suffix(".zip")
    with speaking(settings):
        write_case_file(store, crisis, incident_id, Request(**fields), path)
    return unpacked(path.read_bytes(), folder)


def test_an_outsider_checks_a_case_with_its_originals(
    store: Store, crisis: Crisis, tmp_path: Path, settings: Settings
) -> None:
    incident_id = with_photo(store, crisis)
    do(store, crisis, incident_id, ANNA, "verify")
    do(store, crisis, incident_id, BORIS, "verify")
    folder = written(store, crisis, incident_id, tmp_path / "case", settings, with_originals=True)
    done = checked(folder)
    assert done.returncode == 0, done.stderr
    assert "5 opened" in done.stdout  # a report, two decisions, and what was done with its photo twice
    [original] = folder.glob("media/original-*")
    assert original.read_bytes() == picture()
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    [medium] = json.loads((folder / "custody.json").read_text())
    assert {event["act"]: event["reason"] for event in medium["custody"]} == {
        "received": None,
        "exported": WHY,
    }
    assert verify(store, crisis).unsealed == 0
    opening = (folder / "openings.jsonl").read_text()
    (folder / "openings.jsonl").write_text(opening.replace("because", "becausf"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"].pop("openings.jsonl")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert "NOT OK" in checked(folder).stderr


def test_working_copies_are_taken_unless_originals_are_asked_for(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, settings: Settings
) -> None:
    incident_id = with_photo(sqlite_store, coast)
    while work(sqlite_store):
        pass
    folder = written(sqlite_store, coast, incident_id, tmp_path / "case", settings)
    assert checked(folder).returncode == 0
    assert [path.name[:5] for path in folder.glob("media/*")] == ["copy-"]
    with pypdfium2.PdfDocument(folder / "report.pdf") as document:
        shown = [item.type for page in document for item in page.get_objects()]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE in shown


@pytest.mark.parametrize("with_originals", [False, True])
def test_what_verifiers_added_is_proven_too(
    store: Store, crisis: Crisis, tmp_path: Path, settings: Settings, with_originals: bool
) -> None:
    """A sender's commitment knows nothing of a video that came later: its custody in the ledger does."""
    incident_id = with_photo(store, crisis)
    data = clip()
    medium = DraftMedium(data, "video/mp4", hashlib.sha256(data).hexdigest())
    [report] = report_ids(store, crisis, incident_id)
    add_evidence(store, crisis.id, incident_id, uuid.UUID(report), [medium], 1, "sent by the mayor")
    while work(store):
        pass
    folder = written(store, crisis, incident_id, tmp_path / "case", settings, with_originals=with_originals)
    done = checked(folder)
    assert done.returncode == 0, done.stderr
    kinds = sorted(path.suffix for path in folder.glob("media/*"))
    assert kinds == [".jpg", ".mp4"]
    assert verify(store, crisis).unsealed == 0
    if with_originals:
        [video] = folder.glob("media/original-*.mp4")
        video.write_bytes(video.read_bytes() + b"x")
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][f"media/{video.name}"] = hashlib.sha256(video.read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
        assert "in nothing that was opened" in checked(folder).stderr


def test_erasing_leaves_the_case_provable_without_the_person(
    store: Store, crisis: Crisis, tmp_path: Path, settings: Settings
) -> None:
    incident_id = with_photo(store, crisis)
    with store.read() as session:
        report_id = session.scalars(select(Medium.report_id)).one()
    erase(store, report_id, settings.data)
    folder = written(store, crisis, incident_id, tmp_path / "case", settings, with_originals=True)
    done = checked(folder)
    assert done.returncode == 0, done.stderr
    assert "0 opened" in done.stdout
    assert not list(folder.glob("media/*"))


def test_the_second_person_sees_no_first_assessment_in_the_file(
    sqlite_store: Store, coast: Crisis, client: FlaskClient, anna: Any, boris: Any, post: Any, tmp_path: Path
) -> None:
    incident_id = make_incident(sqlite_store, coast)
    body = {"kind": "verify", "damage_low": 5, "damage_high": 5, "reason": "flattened as I saw"}
    body |= {"source_grade": "B", "information_grade": "2", "position_accuracy_m": 33}
    assert post(incident_id, anna, body).status_code == 200
    address = f"/api/v1/crises/coast/incidents/{incident_id}/case-file"
    first = client.post(address, data={"reason": WHY}, headers=anna)
    second = client.post(address, data={"reason": WHY}, headers=boris)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["Cache-Control"] == "private, no-store"
    mine = unpacked(first.data, tmp_path / "first")
    other = unpacked(second.data, tmp_path / "second")
    assert "flattened" in (mine / "incident.json").read_text()
    whole = b"".join(
        path.read_bytes() for path in other.rglob("*") if path.suffix != ".pdf" and path.is_file()
    )
    assert b"flattened" not in whole
    assert b'damage_low":5' not in whole.replace(b" ", b"")
    with pypdfium2.PdfDocument(other / "report.pdf") as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "Case file" in text and "flattened" not in text
    assert checked(other).returncode == 0
    with sqlite_store.read() as session:
        noted = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "case_file")).all()
    assert len(noted) == 2


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"reason": "x" * 501}, 422),
        ({"reason": WHY, "media": "all"}, 422),
        ({"reason": WHY, "media": "originals"}, 403),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    sqlite_store: Store, coast: Crisis, client: FlaskClient, anna: Any, data: dict[str, str], status: int
) -> None:
    incident_id = make_incident(sqlite_store, coast)
    address = f"/api/v1/crises/coast/incidents/{incident_id}/case-file"
    assert client.post(address, data=data, headers=anna).status_code == status
    nowhere = address.replace(str(incident_id), "00000000-0000-0000-0000-000000000000")
    assert client.post(nowhere, data={"reason": WHY}, headers=anna).status_code == 404
    assert client.post(address, data={"reason": WHY}).status_code == 401


def test_the_command_writes_it_whole_or_says_why_not(
    sqlite_store: Store, coast: Crisis, settings: Settings, tmp_path: Path
) -> None:
    incident_id = make_incident(sqlite_store, coast)
    path = tmp_path / "case.zip"
    command = ["case", "export", str(incident_id), "--crisis", "coast", "--output", str(path)]
    run = CliRunner()
    env = {"MAPPER_DATA": str(settings.data)}
    done = run.invoke(main, [*command, "--reason", WHY], env=env)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["roots"] == 1
    assert checked(unpacked(path.read_bytes(), tmp_path / "case")).returncode == 0
    refused = run.invoke(main, [*command, "--reason", " "], env=env)
    assert refused.exit_code == 1 and "why" in refused.output
    command[-1] = str(tmp_path / "nowhere" / "case.zip")
    refused = run.invoke(main, [*command, "--reason", WHY], env=env)
    assert refused.exit_code == 1 and "cannot be written" in refused.output
