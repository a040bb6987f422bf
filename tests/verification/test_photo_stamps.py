"""A photo's place and time: proposed where the sender names none, shown to verifiers, and to nobody else."""

import io
import json
from datetime import UTC, datetime

import pytest
from mapper.files.exif import PHOTO_ACCURACY_M
from mapper.fusion.work import work as fuse
from mapper.intake.erasure import erase
from mapper.store.tables import Incident, Medium, Report
from mapper.verification.evidence import make_copies
from mapper.verification.work import work as make_the_copies
from PIL import Image
from sqlalchemy import select

from tests.files.test_exif import photo, stamp

PAP = {1: "N", 2: (18.0, 32.0, 21.0), 3: "W", 4: (72.0, 20.0, 6.0)}  # -72.335, 18.539167
URL = "/api/v1/crises/coast"


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store)


@pytest.fixture
def verifier(sqlite_store, crisis, make_token):
    return make_token(sqlite_store, "verifier")


@pytest.fixture
def send(client, crisis, sqlite_store):
    """Return a function that sends a report with a photo and gives its row."""

    def sent(data, geometry=None, **properties):
        feature = {"type": "Feature", "geometry": geometry, "properties": {"text": "House down"} | properties}
        parts = {"report": json.dumps(feature), "media": (io.BytesIO(data), "IMG_1.jpg")}
        answer = client.post(f"{URL}/reports", data=parts, content_type="multipart/form-data")
        assert answer.status_code == 201, answer.text
        with sqlite_store.read() as session:
            return session.scalars(select(Report)).one()

    return sent


def evidence(client, store, verifier):
    while fuse(store):
        pass
    with store.read() as session:
        incident = session.scalars(select(Incident.id)).one()
    detail = client.get(f"{URL}/incidents/{incident}", headers=verifier).json
    return incident, detail, detail["properties"]["evidence"][0]["stamp"]


def test_a_report_without_a_place_gets_the_photos_proposed(client, sqlite_store, verifier, send):
    report = send(photo(PAP))
    assert (report.lon_e7 / 1e7, report.lat_e7 / 1e7) == pytest.approx((-72.335, 18.539167), abs=1e-6)
    assert (report.position_flag, report.position_accuracy_m) == ("position_from_photo", PHOTO_ACCURACY_M)
    incident, detail, said = evidence(client, sqlite_store, verifier)
    assert detail["geometry"]["coordinates"] == pytest.approx([-72.335, 18.539167], abs=1e-6)
    assert detail["properties"]["report_list"][0]["position_flag"] == "position_from_photo"
    assert said["risks"] == [] and said["metres_from_report"] is None
    page = client.get(f"/crises/coast/verify/{incident}", headers=verifier).text
    assert "proposed: from the photo" in page


@pytest.mark.parametrize(
    ("gps", "flag"),
    [
        ({2: (18.0, 32.0, 21.0), 4: (72.0, 20.0, 6.0)}, "no_reference"),
        (PAP | {2: (91.5, 0.0, 0.0)}, "out_of_range"),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, "null_island"),
        (PAP | {1: "S"}, None),  # sound, but in another country
        ({}, None),
    ],
)
def test_what_cannot_be_used_places_nothing(client, sqlite_store, verifier, send, gps, flag):
    report = send(photo(gps))
    assert (report.lon_e7, report.position_flag) == (None, None)
    _incident, detail, said = evidence(client, sqlite_store, verifier)
    assert detail["geometry"] is None
    assert said["position_flag"] == flag
    assert (said["position"] is None) == (flag is not None or not gps)


def test_what_the_sender_said_stands_and_a_great_distance_is_a_risk(client, sqlite_store, verifier, send):
    report = send(photo(PAP), {"type": "Point", "coordinates": [-72.0, 19.0]}, position_accuracy_m=50)
    assert (report.lon_e7, report.lat_e7, report.position_flag) == (-720000000, 190000000, None)
    incident, _detail, said = evidence(client, sqlite_store, verifier)
    assert said["risks"] == ["photo_far_from_report"]
    assert said["metres_from_report"] == pytest.approx(62_200, abs=500)
    assert "far apart" in client.get(f"/crises/coast/verify/{incident}", headers=verifier).text


@pytest.mark.parametrize(
    ("taken", "risks"),
    [
        ("2026:02:28 09:00:00", []),
        ("2026:02:27 00:00:00", ["photo_taken_before"]),
        ("2026:03:04 00:00:00", ["photo_taken_after_it_was_sent"]),
    ],
)
def test_a_photo_of_another_time_is_a_risk(client, sqlite_store, verifier, send, taken, risks):
    observed = datetime(2026, 2, 28, 9, tzinfo=UTC).isoformat()
    send(photo({}, {0x9003: taken, 0x9011: "+00:00"}), observed_at=observed)
    assert evidence(client, sqlite_store, verifier)[2]["risks"] == risks


def test_the_original_stays_sealed_and_copies_hold_no_metadata(sqlite_store, send):
    data = photo(PAP, orientation=6)
    send(data)
    make_the_copies(sqlite_store)
    with sqlite_store.read() as session:
        medium = session.scalars(select(Medium)).one()
    for name in (medium.blob, medium.copy_blob, medium.thumbnail_blob):
        assert sqlite_store.blobs.get(name)[:2] != b"\xff\xd8", "kept under the report's key"
    copy = make_copies(data).copy
    assert stamp(copy).longitude is None
    with Image.open(io.BytesIO(copy)) as image:
        assert image.size == (6, 8) and not image.getexif()


def test_nobody_outside_is_told(client, sqlite_store, send, crisis, make_token):
    send(photo(PAP))
    while fuse(sqlite_store):
        pass
    with sqlite_store.read() as session:
        incident = session.scalars(select(Incident.id)).one()
    for headers in ({}, make_token(sqlite_store, "donor"), make_token(sqlite_store, "partner")):
        for path in (
            f"{URL}/incidents/{incident}",
            f"{URL}/incidents",
            "/crises/coast",
            "/crises/coast/impact",
        ):
            text = client.get(path, headers=headers).text
            assert "72.33" not in text and "18.53" not in text


def test_erasing_a_report_erases_what_its_photo_said(sqlite_store, send, settings):
    report = send(photo(PAP))
    erase(sqlite_store, report.id, settings.data)
    with sqlite_store.read() as session:
        assert session.scalars(select(Medium)).one().stamp is None


@pytest.mark.shared
def test_real_photos_travel_the_whole_way(client, sqlite_store, verifier, send, shared):
    report = send((shared / "exif-photos/pap_orient6_NW.jpg").read_bytes())
    assert (report.lon_e7, report.lat_e7) == (-723350000, 185391670)
    make_the_copies(sqlite_store)
    with sqlite_store.read() as session:
        medium = session.scalars(select(Medium)).one()
    assert (medium.stamp["orientation"], medium.problem) == (6, None)
