"""The public form: what it asks, what it keeps, and how it says what is wrong. No scripts are needed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from mapper.app import create_app
from mapper.config import Settings
from mapper.intake.choices import CONSENT, consent_record
from mapper.intake.form import read_form
from mapper.store.contents import ReportContent, open_contents
from mapper.store.store import Store
from mapper.store.tables import Crisis, Medium, Report
from sqlalchemy import select

HTML = {"Accept": "text/html"}
KEY = "7d0e6a3c-65d2-4bb5-9d52-0f8f0a3c3b11"
WHOLE = {
    "key": KEY,
    "what": "power",
    "damage": "4",
    "latitude": "18.5392",
    "longitude": "-72.3364",
    "accuracy": "35",
    "place_text": "behind the market",
    "text": "Трансформатор горить",
    "works": "out",
    "people": "1200",
    "seen_at": "2026-03-01T06:30",
    "contact": "+509 1234 5678",
    "consent": "public",
}


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    return make_crisis(sqlite_store)


@pytest.fixture
def client(sqlite_store: Store, settings: Settings, coast: Crisis) -> FlaskClient:
    return create_app(settings, sqlite_store).test_client()


def kept(store: Store) -> list[tuple[Report, ReportContent]]:
    with store.read() as session:
        reports = session.scalars(select(Report).order_by(Report.received_at)).all()
        contents = open_contents(session, store.keys, reports)
    return [(report, contents[report.id]) for report in reports]


def receipt_of(page: str) -> str:
    found = re.search(r'id="receipt">([0-9 ]+)<', page)
    assert found, page
    return found.group(1)


def beside(page: str) -> dict[str, str]:
    """The sentence beside each field, by the field's name."""
    found = re.findall(r'id="(\w+)-error".*?</span> (.*?)</span></p>', page, re.DOTALL)
    return {name: unescape(sentence) for name, sentence in found}


def test_the_form_says_what_a_sender_must_know(client: FlaskClient) -> None:
    page = client.get("/crises/coast/report", headers=HTML).text
    assert "not an emergency line" in page
    assert "Do not go near" in page
    assert "What happens with what you send" in page
    assert all(unescape(choice.label) in unescape(page) for choice in CONSENT)
    assert "csrf_token" not in page
    assert client.get_cookie("session") is None


def test_a_whole_report_is_kept_as_it_was_sent(client: FlaskClient, sqlite_store: Store) -> None:
    answer = client.post("/crises/coast/report", data=WHOLE, headers=HTML)
    assert answer.status_code == 201
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", receipt_of(answer.text))
    assert answer.headers["Cache-Control"] == "private, no-store"
    ((report, content),) = kept(sqlite_store)
    assert (report.sector, report.damage_low, report.damage_high, report.service_state) == (
        "power",
        4,
        4,
        "out",
    )
    assert (report.lon_e7, report.lat_e7, report.position_accuracy_m) == (-723364000, 185392000, 35)
    assert (report.channel, report.consent, report.people_affected) == ("form", "public", 1200)
    assert report.observed_at is not None
    assert (
        report.observed_at.isoformat() == "2026-03-01T11:30:00+00:00"
    )  # Port-au-Prince is five hours behind
    assert (content.text, content.contact) == (WHOLE["text"], WHOLE["contact"])
    assert content.location_text == "behind the market"


def test_what_was_agreed_to_is_kept_with_the_words_that_were_read(
    client: FlaskClient, sqlite_store: Store
) -> None:
    client.post("/crises/coast/report", data=WHOLE)
    ((_report, content),) = kept(sqlite_store)
    assert content.raw["properties"]["consent_record"] == consent_record(str)
    assert consent_record(str) != consent_record(str.upper)


def test_words_alone_are_a_place(client: FlaskClient, sqlite_store: Store) -> None:
    sent = {"what": "unknown", "damage": "unknown", "place_text": "Rue 5", "consent": "internal"}
    assert client.post("/crises/coast/report", data=sent).status_code == 201
    ((report, _content),) = kept(sqlite_store)
    assert (report.lon_e7, report.damage_low, report.damage_high) == (None, None, None)


def test_an_empty_form_is_answered_beside_each_field(client: FlaskClient, sqlite_store: Store) -> None:
    answer = client.post("/crises/coast/report", data={"key": KEY}, headers=HTML)
    assert answer.status_code == 422
    assert set(beside(answer.text)) == {"what", "damage", "place", "consent"}
    summary = answer.text.partition('id="error-summary"')[2]
    for name, sentence in beside(answer.text).items():
        assert f'href="#{name}"' in summary
        assert sentence in unescape(summary)
    assert kept(sqlite_store) == []


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("what", "castle", "what"),
        ("damage", "6", "damage"),
        ("damage", "", "damage"),
        ("consent", "everything", "consent"),
        ("seen_at", "yesterday", "seen_at"),
        ("seen_at", "2031-01-01T00:00", "seen_at"),
        ("people", "-3", "people"),
        ("people", "many", "people"),
        ("people", "99999999999", "people"),
        ("people", "9" * 5_000, "people"),
        ("text", "x" * 20_001, "text"),
        ("contact", "x" * 501, "contact"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_kept_in_the_form(
    client: FlaskClient, sqlite_store: Store, field: str, value: str, wrong: str
) -> None:
    answer = client.post("/crises/coast/report", data=WHOLE | {field: value}, headers=HTML)
    assert answer.status_code == 422
    assert set(beside(answer.text)) == {wrong}
    assert 'value="behind the market"' in answer.text
    assert f'value="{KEY}"' in answer.text
    assert kept(sqlite_store) == []


@pytest.mark.parametrize(
    "position", [("91", "0"), ("nan", "-72"), ("18,5", "-72"), ("", "-72"), ("inf", "inf")]
)
def test_an_impossible_pin_is_no_pin(
    client: FlaskClient, sqlite_store: Store, position: tuple[str, str]
) -> None:
    pin = {"latitude": position[0], "longitude": position[1]}
    assert client.post("/crises/coast/report", data=WHOLE | pin).status_code == 201
    ((report, _content),) = kept(sqlite_store)
    assert report.lon_e7 is None
    without_words = client.post("/crises/coast/report", data=WHOLE | pin | {"place_text": " "})
    assert set(beside(without_words.text)) == {"place"}


def test_sending_twice_is_sending_once(client: FlaskClient, sqlite_store: Store) -> None:
    first = client.post("/crises/coast/report", data=WHOLE)
    second = client.post("/crises/coast/report", data=WHOLE)
    assert receipt_of(first.text) == receipt_of(second.text)
    assert len(kept(sqlite_store)) == 1


def test_going_back_and_changing_the_report_is_another_report(
    client: FlaskClient, sqlite_store: Store
) -> None:
    changed = WHOLE | {"damage": "5"}
    receipts = [
        receipt_of(client.post("/crises/coast/report", data=sent).text) for sent in (WHOLE, changed, changed)
    ]
    assert receipts[0] != receipts[1] == receipts[2]
    assert len(kept(sqlite_store)) == 2


def test_each_form_has_a_key_of_its_own(client: FlaskClient) -> None:
    pages = [client.get("/crises/coast/report").text for _ in range(2)]
    keys = [re.search(r'name="key" value="([0-9a-f-]{36})"', page) for page in pages]
    assert keys[0] and keys[1]
    assert keys[0].group(1) != keys[1].group(1)


def photo(kind: str = "JPEG") -> tuple[io.BytesIO, str]:
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(data, kind)
    data.seek(0)
    return data, "photo.jpg"


def test_photos_come_along(client: FlaskClient, sqlite_store: Store) -> None:
    sent = WHOLE | {"photos": [photo(), photo("PNG")]}
    assert client.post("/crises/coast/report", data=sent).status_code == 201
    with sqlite_store.read() as session:
        kinds = session.scalars(select(Medium.content_type).order_by(Medium.position)).all()
    assert kinds == ["image/jpeg", "image/png"]


def test_no_photo_chosen_is_no_photo(client: FlaskClient, sqlite_store: Store) -> None:
    answer = client.post("/crises/coast/report", data=WHOLE | {"photos": (io.BytesIO(b""), "")})
    assert answer.status_code == 201


def test_what_is_no_photo_is_named(client: FlaskClient, sqlite_store: Store) -> None:
    script = (io.BytesIO(b"<svg onload='alert(1)'/>"), "house.jpg")
    answer = client.post("/crises/coast/report", data=WHOLE | {"photos": [photo(), script]})
    assert answer.status_code == 422
    assert "File 2" in beside(answer.text)["photos"]
    assert kept(sqlite_store) == []


def test_too_many_photos_are_refused(client: FlaskClient, sqlite_store: Store) -> None:
    answer = client.post("/crises/coast/report", data=WHOLE | {"photos": [photo() for _ in range(7)]})
    assert answer.status_code == 422
    assert "at most 6" in beside(answer.text)["photos"]


def test_a_strangers_words_stay_words(client: FlaskClient) -> None:
    evil = '"><script>alert(1)</script>${7*7}`{{7*7}}'
    sent = WHOLE | {"text": evil, "place_text": evil, "contact": evil, "key": evil, "damage": evil}
    page = client.post("/crises/coast/report", data=sent, headers=HTML).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "49" not in page


def test_an_unknown_crisis_has_no_form(client: FlaskClient) -> None:
    assert client.get("/crises/atlantis/report", headers=HTML).status_code == 404
    assert client.post("/crises/atlantis/report", data=WHOLE).status_code == 404


def test_a_blanked_crisis_still_takes_reports(
    client: FlaskClient, sqlite_store: Store, coast: Crisis
) -> None:
    with sqlite_store.write() as session:
        session.get_one(Crisis, coast.id).blanked_at = sqlite_store.clock()
    assert client.post("/crises/coast/report", data=WHOLE).status_code == 201


@pytest.mark.parametrize("language", ["fr", "es", "uk", "ar"])
def test_the_form_is_there_in_every_language(client: FlaskClient, language: str) -> None:
    page = client.get(f"/crises/coast/report?lang={language}").text
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page


FIELDS = st.dictionaries(st.sampled_from(sorted(WHOLE)), st.text(max_size=40), max_size=13)


@given(FIELDS)
def test_whatever_is_sent_is_read_or_complained_about(fields: dict[str, str]) -> None:
    read = read_form(fields, "Europe/Kyiv", {}, "en")
    assert read.errors or read.document["properties"]["category"]
    if read.document["geometry"]:
        longitude, latitude = read.document["geometry"]["coordinates"]
        assert -180 <= longitude <= 180
        assert -90 <= latitude <= 90
