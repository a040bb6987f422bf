"""What a case shows beside its reports: sun, twins of photos, pins, translations, facilities, flags."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from mapper.fusion.links import KEPT_APART, MAYBE_SAME
from mapper.intake.drafts import DraftMedium
from mapper.intake.erasure import erase
from mapper.store.store import Store
from mapper.store.tables import Crisis, IncidentLink, IncidentReport, Layer, LayerRow, LedgerEntry, Medium
from mapper.verification.facilities import facilities_near
from mapper.verification.photos import read_metadata, told_by_original, twins
from mapper.verification.pins import Spot, place, standing_pins, withdraw
from mapper.verification.refusals import DoesNotFit
from mapper.verification.sun import sun_at
from mapper.verification.translations import translate, translations_of
from mapper.verification.work import work
from PIL import Image
from sqlalchemy import select, update

from tests.verification.builders import ANNA, LATITUDE, LONGITUDE, do, make_incident, report_ids


def test_the_sun_stands_where_almanacs_say() -> None:
    """Boulder, 17 October 2003, 12:30:30 at -7 h: zenith 50.11, azimuth 194.34 (Reda and Andreas 2004)."""
    at = datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC)
    sun = sun_at(-105.1786, 39.742476, at)
    assert sun.elevation == pytest.approx(90 - 50.11, abs=0.1)
    assert sun.azimuth == pytest.approx(194.34, abs=0.1)
    assert sun.shadow_azimuth == pytest.approx(14.34, abs=0.1)
    assert sun.shadow_length == pytest.approx(1.196, abs=0.01)


def test_at_night_there_is_no_shadow_and_in_polar_day_no_sunset() -> None:
    night = sun_at(-72.33, 18.54, datetime(2026, 3, 1, 5, tzinfo=UTC))
    assert night.elevation < 0 and night.shadow_azimuth is None and night.shadow_length is None
    polar = sun_at(25.0, 78.0, datetime(2026, 6, 21, 12, tzinfo=UTC))
    assert polar.sunrise is None and polar.shadow_azimuth is not None


@given(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
)
def test_the_sun_is_somewhere_everywhere(longitude: float, latitude: float, at: datetime) -> None:
    sun = sun_at(longitude, latitude, at.replace(tzinfo=UTC))
    assert 0 <= sun.azimuth < 360 and -91 <= sun.elevation <= 91
    assert (sun.shadow_azimuth is None) == (sun.elevation < 2)


def picture(seed: int = 1, exif: Image.Exif | None = None, **save: Any) -> bytes:
    blocks = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    image = Image.fromarray(blocks).resize((256, 256), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **({"exif": exif} if exif else {}) | save)
    return buffer.getvalue()


def with_photo(store: Store, crisis: Crisis, data: bytes) -> uuid.UUID:
    """Add an incident whose one report has this photo."""
    sha256 = uuid.uuid5(uuid.NAMESPACE_OID, data.hex()).hex * 2
    return make_incident(
        store, crisis, reports=1, draft={"media": (DraftMedium(data, "image/jpeg", sha256),)}
    )


def test_twins_are_found_and_other_photos_are_not(store: Store, crisis: Crisis) -> None:
    mine, same, alike, other = (
        with_photo(store, crisis, data) for data in (picture(), picture(), picture(quality=30), picture(2))
    )
    while work(store):
        pass
    with store.read() as session:
        ((_, found),) = twins(session, crisis.id, mine).items()
        assert {twin.incident_id: twin.is_same_file for twin in found} == {same: True, alike: False}
        assert found[0].incident_id == same
        assert twins(session, crisis.id, other)[next(iter(twins(session, crisis.id, other)))] == []


def test_reading_an_original_is_written_down_and_never_trusted_to_be_short(
    store: Store, crisis: Crisis
) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Camera\x07 " + "x" * 500
    exif.get_ifd(0x8825).update({1: "S", 2: (18.0, 30.0, 0.0), 3: "W", 4: (72.0, 15.0, 36.0)})
    incident_id = with_photo(store, crisis, picture(exif=exif))
    with store.read() as session:
        medium_id = session.scalars(select(Medium.id)).one()
    told = told_by_original(store, crisis.id, medium_id, ANNA.user_id, "to read the plate")
    assert told is not None
    assert told["GPS"] == "-18.50000, -72.26000"
    assert len(told["Model"]) <= 120 and told["Model"].startswith("Camera x")
    with store.read() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "custody")).all()[-1]
    assert entry.subject == str(medium_id) and '"actor":1' in entry.payload and '"opened"' in entry.payload
    do(store, crisis, incident_id, ANNA, "redact", parts=["media"])
    assert told_by_original(store, crisis.id, medium_id, ANNA.user_id, "to read the plate") is None
    assert told_by_original(store, crisis.id, uuid.uuid4(), ANNA.user_id, "to read the plate") is None


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00broken", b"no photo at all"])
def test_a_broken_photo_says_nothing(data: bytes) -> None:
    assert read_metadata(data) == {}


def test_pins_link_a_photo_with_the_map_and_are_withdrawn_in_the_open(store: Store, crisis: Crisis) -> None:
    incident_id, other = with_photo(store, crisis, picture()), make_incident(store, crisis)
    with store.read() as session:
        medium_id = session.scalars(select(Medium.id)).one()
    good = Spot(0.25, 0.5, LONGITUDE, LATITUDE)
    for spot in (Spot(1.1, 0, 0, 0), Spot(0, -0.1, 0, 0), Spot(0, 0, 181, 0), Spot(0, 0, 0, float("nan"))):
        with pytest.raises(DoesNotFit):
            place(store, crisis.id, incident_id, medium_id, spot, 1)
    with pytest.raises(DoesNotFit, match="not of this incident"):
        place(store, crisis.id, other, medium_id, good, 1)
    for _ in range(2):
        place(store, crisis.id, incident_id, medium_id, good, 1)
    with store.read() as session:
        first, second = standing_pins(session, crisis.id, incident_id)
    assert first.spot == good and (first.number, second.number) == (1, 2)
    withdraw(store, crisis.id, other, first.id)  # of another incident: nothing happens
    withdraw(store, crisis.id, incident_id, first.id)
    with store.read() as session:
        assert [pin.number for pin in standing_pins(session, crisis.id, incident_id)] == [2]


def test_a_translation_is_sealed_with_its_report_and_erased_with_it(
    store: Store, crisis: Crisis, tmp_path: Path
) -> None:
    incident_id, other = make_incident(store, crisis), make_incident(store, crisis)
    kept, erased = (uuid.UUID(text) for text in report_ids(store, crisis, incident_id))
    for report_id in (kept, erased):
        translate(store, crisis.id, incident_id, report_id, "en", "The roof fell in", 1)
        translate(store, crisis.id, incident_id, report_id, "en", "The roof has fallen in", 1)
    for wrong in (lambda: translate(store, crisis.id, other, kept, "en", "x", 1),
                  lambda: translate(store, crisis.id, incident_id, kept, "en", "  ", 1)):  # fmt: skip
        with pytest.raises(DoesNotFit):
            wrong()
    erase(store, erased, tmp_path)
    with store.read() as session:
        found = translations_of(session, store.keys, crisis.id, [kept, erased])
        assert {name: [item.text for item in items] for name, items in found.items()} == {
            str(kept): ["The roof has fallen in"]
        }
    do(store, crisis, incident_id, ANNA, "redact", reports=[str(kept)], parts=["text"])
    with store.read() as session:
        assert translations_of(session, store.keys, crisis.id, [kept]) == {}


def test_facilities_are_those_of_the_layers_in_force(store: Store, crisis: Crisis) -> None:
    at, layer_id = store.clock(), uuid.uuid4()
    with store.write() as session:
        session.add(
            Layer(
                crisis_id=crisis.id,
                id=layer_id,
                kind="facilities",
                name="Clinics",
                version_label="1",
                sha256="0" * 64,
                features=3,
                since_version=0,
                added_at=at,
            )
        )
        for number, east in enumerate((0.003, 0.001, 0.1), start=1):
            point = shapely.to_wkb(shapely.Point(LONGITUDE + east, LATITUDE))
            values = {"name": f"Clinic {number}", "category": "clinic"}
            session.add(
                LayerRow(
                    crisis_id=crisis.id,
                    layer_id=layer_id,
                    number=number,
                    codes={},
                    properties=values,
                    geometry=point,
                )
            )
    with store.read() as session:
        found = facilities_near(session, crisis.id, LONGITUDE, LATITUDE, 500)
    assert [item.name for item in found] == ["Clinic 2", "Clinic 1"]
    assert found[0].metres == pytest.approx(105, abs=2)
    with store.write() as session:
        session.execute(update(Layer).values(replaced_at=at + timedelta(days=1)))
    with store.read() as session:
        assert facilities_near(session, crisis.id, LONGITUDE, LATITUDE, 500) == []


def test_the_case_by_its_forms(
    client: Any, sqlite_store: Store, coast: Crisis, anna: Any, boris: Any
) -> None:
    incident_id = with_photo(sqlite_store, coast, picture())
    while work(sqlite_store):
        pass
    with sqlite_store.read() as session:
        medium_id = session.scalars(select(Medium.id)).one()
        report_id = session.scalars(select(IncidentReport.report_id)).one()
    address = f"/crises/coast/verify/{incident_id}"
    spot = {"x": "0,5", "y": "0.5", "longitude": "-72", "latitude": "18"}
    forms = [
        (f"{address}/comments", {"text": "@boris <i>look</i>"}, 303),
        (f"{address}/comments", {"text": " "}, 409),
        (f"{address}/translations", {"report": str(report_id), "text": "Le toit"}, 303),
        (f"{address}/translations", {"report": "x", "text": "Le toit"}, 404),
        (f"{address}/pins", {"medium": str(medium_id)} | spot, 303),
        (f"{address}/pins", {"medium": str(medium_id), "x": "left"}, 409),
        (f"/crises/coast/verify/media/{medium_id}/metadata", {"reason": "its place"}, 200),
        ("/crises/coast/verify/desk", {"note": "Call the bridge."}, 303),
    ]  # fmt: skip
    for path, form, status in forms:
        assert client.post(path, data=form, headers=anna).status_code == status, (path, form)
    page = client.get(f"{address}?sun=2026-03-01T12:00", headers=boris).text
    for words in ("&lt;i&gt;look&lt;/i&gt;", "Le toit", "50 percent across", "fall towards", "Beware"):
        assert words in page, words
    assert "<i>look" not in page
    assert client.get("/crises/coast/verify/x/duplicates", headers=boris).status_code == 404
    assert "None of its photos" in client.get(f"{address}/duplicates", headers=boris).text
    desk = client.get("/crises/coast/verify/desk", headers=boris).text
    assert "Call the bridge." in desk and "look" in desk
    comment = desk.split('name="comment" value="')[1].split('"')[0]
    client.post("/crises/coast/verify/desk", data={"read": "1", "comment": comment}, headers=boris)
    assert "look" not in client.get("/crises/coast/verify/desk", headers=boris).text


def test_a_proposal_is_answered_from_the_case(
    client: Any, sqlite_store: Store, coast: Crisis, anna: Any, post: Any
) -> None:
    mine, other = (make_incident(sqlite_store, coast) for _ in range(2))
    low, high = sorted((mine, other))
    with sqlite_store.write() as session:
        session.add(
            IncidentLink(
                crisis_id=coast.id,
                incident_id=low,
                other_id=high,
                kind=MAYBE_SAME,
                probability=0.41,
                why={"kind": "first"},
                linked_at=sqlite_store.clock(),
            )
        )
    address = f"/crises/coast/verify/{mine}"
    page = client.get(address, headers=anna).text
    assert "Perhaps the same damage" in page and "41 percent likely" in page
    form = {"kind": "keep_apart", "other": str(other), "reason": "two doors", "version": "1"}
    assert client.post(address, data=form, headers=anna).status_code == 303
    assert "Perhaps the same damage" not in client.get(address, headers=anna).text
    with sqlite_store.read() as session:
        assert session.get(IncidentLink, (coast.id, low, high, KEPT_APART)) is not None
    for wrong in (str(mine), str(uuid.uuid4())):
        body = {"kind": "keep_apart", "other": wrong, "reason": "x"}
        assert post(mine, anna, body).status_code == 422
