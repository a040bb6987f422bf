"""Videos and PDFs: told apart by their bytes, sealed on arrival, shown only as copies without metadata."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.config import Settings
from mapper.files.media_fence import copy_fenced
from mapper.files.refusals import FileRefused
from mapper.files.video_stamp import pdf_time, video_stamp
from mapper.fusion.work import work as fuse
from mapper.intake.drafts import NotAccepted
from mapper.intake.erasure import erase
from mapper.intake.media import check_medium, sniff
from mapper.store.originals import open_original
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, Medium
from mapper.verification.work import work
from sqlalchemy import select

from tests.files.clips import clip, pdf, pictures_of

Send = Callable[..., uuid.UUID]


@pytest.fixture
def send(client: FlaskClient, coast: Crisis, sqlite_store: Store) -> Send:
    """Return a function that sends a report with a file and gives the medium's id."""

    def sent(data: bytes, name: str = "IMG_1.jpg") -> uuid.UUID:
        feature = {
            "type": "Feature",
            "geometry": None,
            "properties": {"text": "Down", "location_text": "Here"},
        }
        parts = {"report": json.dumps(feature), "media": (io.BytesIO(data), name)}
        answer = client.post("/api/v1/crises/coast/reports", data=parts, content_type="multipart/form-data")
        assert answer.status_code == 201, answer.text
        with sqlite_store.read() as session:
            return session.scalars(select(Medium.id)).one()

    return sent


@pytest.mark.parametrize(
    ("container", "kind"), [("mp4", "video/mp4"), ("mov", "video/quicktime"), ("webm", "video/webm")]
)
def test_a_video_is_sealed_and_its_copy_says_nothing(
    send: Send, sqlite_store: Store, coast: Crisis, container: str, kind: str
) -> None:
    data = clip(container)
    medium_id = send(data)
    while work(sqlite_store):
        pass
    with sqlite_store.read() as session:
        medium = session.get_one(Medium, (coast.id, medium_id))
    assert (medium.content_type, medium.copy_type, medium.problem) == (kind, "video/mp4", None)
    assert medium.sha256 == hashlib.sha256(data).hexdigest()
    opened = open_original(sqlite_store, coast.id, medium_id, 1, "to compare")
    assert opened is not None and opened.data == data
    assert medium.stamp is not None and medium.stamp["taken_at"] == "2026-03-01T10:00:00+00:00"
    if container != "webm":
        assert (medium.stamp["longitude"], medium.stamp["latitude"]) == (-72.335, 18.5392)


def test_copies_hold_no_metadata_and_boxes_hide_every_frame() -> None:
    data = clip(sound=True)
    box = {"page": 1, "left": 0.5, "top": 0.0, "width": 0.25, "height": 1.0}
    made = copy_fenced(data, "video/mp4", [box])
    assert b"SECRET" in data and b"+18.5392" in data
    for secret in (b"SECRET", b"+18.5392", b"Lavf", b"2026"):
        assert secret not in made.copy + made.thumbnail
    frames = pictures_of(made.copy)
    assert len(frames) == 20
    for frame in frames:
        assert max(frame.getpixel((200, 120))) < 20 and frame.getpixel((20, 20))[0] > 150
        assert frame.getpixel((300, 120))[1] > 120


def test_a_pdf_becomes_pictures_of_its_pages(
    send: Send, client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: dict[str, str], tmp_path: Any
) -> None:
    medium_id = send(pdf(3), "photo.png")
    while work(sqlite_store) + fuse(sqlite_store):
        pass
    base = f"/crises/coast/verify/media/{medium_id}/copy"
    for page, status in ((1, 200), (2, 200), (3, 200), (4, 404), (-1, 200)):
        answer = client.get(f"{base}?page={page}", headers=anna)
        assert answer.status_code == status, page
        assert status == 404 or (answer.mimetype == "image/jpeg" and b"SECRET" not in answer.data)
    with sqlite_store.read() as session:
        incident_id = session.scalars(select(Incident.id)).one()
        medium = session.get_one(Medium, (coast.id, medium_id))
    page_of_case = client.get(f"/crises/coast/verify/{incident_id}", headers=anna).text
    assert "Show document 1" in page_of_case and "?page=3" in page_of_case and "<embed" not in page_of_case
    erase(sqlite_store, medium.report_id, tmp_path)
    assert client.get(f"{base}?page=2", headers=anna).status_code == 404


def test_a_video_plays_only_when_it_is_asked_for(
    send: Send, client: FlaskClient, sqlite_store: Store, anna: dict[str, str]
) -> None:
    medium_id = send(clip())
    while work(sqlite_store) + fuse(sqlite_store):
        pass
    with sqlite_store.read() as session:
        incident_id = session.scalars(select(Incident.id)).one()
    page = client.get(f"/crises/coast/verify/{incident_id}", headers=anna).text
    assert '<video controls preload="none"' in page and "autoplay" not in page
    base = f"/crises/coast/verify/media/{medium_id}/copy"
    part = client.get(base, headers=anna | {"Range": "bytes=0-99"})
    assert part.status_code == 206 and len(part.data) == 100 and part.mimetype == "video/mp4"
    assert client.get(base).status_code in (302, 401)


@pytest.mark.parametrize("data", [clip()[:600], b"\0\0\0\x18ftypmp42" + bytes(200), b"%PDF-1.7 nothing"])
def test_what_cannot_be_decoded_is_kept_and_says_so(send: Send, sqlite_store: Store, data: bytes) -> None:
    send(data)
    while work(sqlite_store):
        pass
    with sqlite_store.read() as session:
        medium = session.scalars(select(Medium)).one()
    assert medium.problem and medium.blob and medium.copy_blob is None


def test_the_bytes_decide_what_it_is() -> None:
    assert sniff(b"\0\0\0\x18ftypheic") is None and sniff(b"\0\0\0\x18ftypavif") is None
    assert sniff(b"\0\0\0\x14ftypqt  ") == "video/quicktime"
    assert sniff(b"<svg/>") is None and sniff(b"PK\3\4") is None and sniff(b"") is None
    assert sniff(b"\x1aE\xdf\xa3\x42\x82\x88matroska") is None


def test_sizes_are_settings(settings: Settings) -> None:
    small = settings.model_copy(update={"max_video_bytes": 10_000, "max_pdf_bytes": 10_000})
    for data in (b"%PDF-" + bytes(10_000), b"\0\0\0\x18ftypmp42" + bytes(10_000)):
        with pytest.raises(NotAccepted) as refused:
            check_medium(data, 2, small)
        assert refused.value.status == 413 and "10000 bytes" in str(refused.value)
        assert "/media/2" in str(refused.value)
    with pytest.raises(NotAccepted) as refused:
        check_medium(b"#!/bin/sh", 0, small)
    assert refused.value.status == 415 and "PDF" in str(refused.value)


def test_a_playlist_is_no_video() -> None:
    for text in (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n"):
        with pytest.raises(FileRefused):
            copy_fenced(text, "video/mp4")


@pytest.mark.parametrize(
    ("text", "place", "flag"),
    [
        ("+18.5392-072.3350/", (-72.335, 18.5392), None),
        ("-33.8688+151.2093+012.3CRSWGS_84/", (151.2093, -33.8688), None),
        ("+00.0000+000.0000/", (0.0, 0.0), "null_island"),
        ("+98.0+000.0/", (None, None), "out_of_range"),
        ("here", (None, None), "unreadable"),
    ],
)
def test_places_of_videos(text: str, place: tuple[float, float], flag: str | None) -> None:
    stamp = video_stamp(1, 1, {"location": text, "creation_time": "1904-01-01T00:00:00Z"})
    assert (stamp.longitude, stamp.latitude) == place and stamp.flag == flag and stamp.taken_at is None


def test_dates_of_pdfs() -> None:
    assert pdf_time("D:20260301100000+02'00'") == "2026-03-01T10:00:00+02:00"
    assert pdf_time("D:20260301100000Z") == "2026-03-01T10:00:00+00:00"
    assert pdf_time("D:202603011000") == "2026-03-01T10:00:00"
    assert pdf_time("D:20261341100000") is None and pdf_time("yesterday") is None
