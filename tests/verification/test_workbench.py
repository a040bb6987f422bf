"""The verifiers' pages: the queue, the case, and two people who verify one incident in a browser."""

import html
import io
import re
import uuid

import pytest
from mapper.fusion.work import work as fuse
from mapper.intake.drafts import DraftMedium, ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.tables import Incident, Medium
from mapper.verification.evidence import NotAPhoto, make_copies
from mapper.verification.work import work
from PIL import Image
from sqlalchemy import select, update

from tests.verification.builders import ANNA, do, make_incident

HOUSE = {"category": "house", "longitude": -72.3, "latitude": 18.5, "position_accuracy_m": 30.0}
HOSTILE = "${alert(1)} `x` </script><img src=x onerror=alert(1)>"


def photo(comment=b"made by Maria"):
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    exif[0x010F] = "Secret camera"
    Image.effect_noise((64, 32), 90).convert("RGB").save(buffer, "JPEG", exif=exif, comment=comment)
    return buffer.getvalue()


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store)


@pytest.fixture
def incident_id(sqlite_store, crisis):
    medium = DraftMedium(photo(), "image/jpeg", "ab" * 32)
    drafts = [ReportDraft(text=f"House fallen {HOSTILE}", media=(medium,), contact="me@example.org", **HOUSE)]
    accept(sqlite_store, crisis, drafts, Sender("test"))
    while fuse(sqlite_store):
        pass
    with sqlite_store.read() as session:
        return session.scalars(select(Incident.id)).one()


def test_copies_stand_upright_and_hold_pixels_only():
    copies = make_copies(photo())
    image = Image.open(io.BytesIO(copies.copy))
    assert image.size == (32, 64)
    assert not image.getexif() and "comment" not in image.info
    assert b"Maria" not in copies.copy and b"Secret" not in copies.copy
    assert len(copies.perceptual_hash) == 16
    with pytest.raises(NotAPhoto):
        make_copies(b"\xff\xd8 no")


def test_a_worker_makes_copies_once_and_says_what_it_cannot_decode(store, make_crisis):
    crisis = make_crisis(store)
    media = [
        DraftMedium(photo(), "image/jpeg", "ab" * 32),
        DraftMedium(b"\xff\xd8 no", "image/jpeg", "cd" * 32),
    ]
    accept(store, crisis, [ReportDraft(text="x", media=tuple(media))], Sender("test"))
    assert work(store) == 2 and work(store) == 0
    with store.read() as session:
        good, bad = session.scalars(select(Medium).order_by(Medium.position)).all()
    assert good.copy_blob and good.thumbnail_blob and good.perceptual_hash and good.problem is None
    assert bad.copy_blob is None and bad.problem


def test_only_deciders_see_the_pages_and_the_photos(client, sqlite_store, crisis, incident_id, make_token):
    work(sqlite_store)
    with sqlite_store.read() as session:
        medium_id = session.scalars(select(Medium.id)).one()
    addresses = [
        "/crises/coast/verify",
        f"/crises/coast/verify/{incident_id}",
        f"/crises/coast/verify/media/{medium_id}/copy",
    ]
    verifier, donor = make_token(sqlite_store, "verifier"), make_token(sqlite_store, "donor")
    for address in addresses:
        assert client.get(address).status_code in (302, 303, 401)
        assert client.get(address, headers=donor).status_code == 403
        answer = client.get(address, headers=verifier)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
    for address in (f"/crises/coast/verify/{uuid.uuid4()}", "/crises/coast/verify/x", addresses[2] + "x"):
        assert client.get(address, headers=verifier).status_code == 404


def test_a_withheld_photo_is_at_no_address(client, sqlite_store, crisis, incident_id, make_token):
    work(sqlite_store)
    with sqlite_store.read() as session:
        medium_id = session.scalars(select(Medium.id)).one()
    verifier = make_token(sqlite_store, "verifier")
    do(sqlite_store, crisis, incident_id, ANNA, "redact", parts=["media"])
    for size in ("copy", "thumbnail"):
        assert (
            client.get(f"/crises/coast/verify/media/{medium_id}/{size}", headers=verifier).status_code == 404
        )


def test_a_decoder_that_breaks_in_its_own_way_stops_no_worker(sqlite_store, crisis, monkeypatch):
    def broken(*_arguments, **_options):
        raise IndexError("outside the table")

    media = (DraftMedium(photo(), "image/jpeg", "ab" * 32),)
    accept(sqlite_store, crisis, [ReportDraft(text="x", media=media)], Sender("test"))
    monkeypatch.setattr(Image, "open", broken)
    assert work(sqlite_store) == 1 and work(sqlite_store) == 0
    with sqlite_store.read() as session:
        assert "IndexError" in session.scalars(select(Medium.problem)).one()


def test_nothing_is_offered_on_a_signpost_and_no_foreign_words_are_shown(
    client, sqlite_store, crisis, incident_id, make_token
):
    verifier = make_token(sqlite_store, "verifier")
    target = make_incident(sqlite_store, crisis)
    do(sqlite_store, crisis, incident_id, ANNA, "merge", into=str(target))
    page = client.get(f"/crises/coast/verify/{incident_id}?decided=call+0800", headers=verifier).text
    assert 'name="kind"' not in page
    assert "0800" not in page.replace("decided=call+0800", "")
    assert str(target) in page


def test_a_form_left_as_it_came_decides_nothing(client, sqlite_store, crisis, incident_id, make_token):
    """No grade is chosen beforehand: a tired person must not verify by pressing a button."""
    verifier = make_token(sqlite_store, "verifier")
    address = f"/crises/coast/verify/{incident_id}"
    page = client.get(address, headers=verifier).text
    form = page[page.index('value="verify"') :]
    firsts = dict(re.findall(r'<select[^>]*name="(\w+)">\s*<option value="([^"]*)"', form)[:4])
    assert set(firsts) == {"damage_low", "damage_high", "source_grade", "information_grade"}
    ticks = {"no_conflict": "1", "gate_accepted": "1"}
    sent = firsts | ticks | {"kind": "verify", "reason": "x", "position_accuracy_m": "30"}
    answer = client.post(address, headers=verifier, data=sent)
    assert answer.status_code == 422
    # Each is said in the summary and beside its field.
    assert answer.text.count("Grade the ") == 4 and answer.text.count("damage, a whole number") == 4


def test_the_case_shows_words_as_words_and_never_the_contact(
    client, sqlite_store, crisis, incident_id, make_token
):
    page = client.get(
        f"/crises/coast/verify/{incident_id}", headers=make_token(sqlite_store, "verifier")
    ).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page and "<img src=x" not in page
    assert "me@example.org" not in page


def test_the_queue_filters_and_pages(client, sqlite_store, crisis, incident_id, make_token):
    verifier = make_token(sqlite_store, "verifier")
    every = client.get("/crises/coast/verify", headers=verifier).text
    assert str(incident_id) in every
    assert (
        str(incident_id) in client.get("/crises/coast/verify?sector=housing&state=new", headers=verifier).text
    )
    for query in ("state=verified", "sector=health", "area=HT01"):
        assert str(incident_id) not in client.get(f"/crises/coast/verify?{query}", headers=verifier).text
    for page in ("99999", "9" * 5_000, "0", "\N{ARABIC-INDIC DIGIT TWO}"):
        address = f"/crises/coast/verify?page={page}&state=nonsense"
        assert client.get(address, headers=verifier).status_code == 200


FORM = {
    "kind": "verify",
    "damage_low": "4",
    "damage_high": "5",
    "source_grade": "B",
    "information_grade": "2",
    "position_accuracy_m": "25",
    "reason": "two photos",
    "no_conflict": "1",
    "gate_accepted": "1",
}


def test_forms_decide_and_say_what_is_wrong(client, sqlite_store, crisis, incident_id, make_token):
    first, second = (make_token(sqlite_store, "verifier", email=f"{name}@example.org") for name in "ab")
    address = f"/crises/coast/verify/{incident_id}"
    wrong = client.post(address, data=FORM | {"position_accuracy_m": "far"}, headers=first)
    assert wrong.status_code == 422 and "in metres" in wrong.text
    for version in ("77", "9" * 5_000, "none"):
        assert client.post(address, data=FORM | {"version": version}, headers=first).status_code == 412
    assert client.post(address, data=FORM, headers=first).status_code == 303
    again = client.post(address, data=FORM, headers=first)
    assert again.status_code == 409
    blind = client.get(address, headers=second).text
    assert "two photos" not in blind and "a@example.org" not in blind
    assert client.post(address, data=FORM | {"reason": "neighbours"}, headers=second).status_code == 303
    done = client.get(address, headers=second).text
    assert "two photos" in done and "neighbours" in done
    with sqlite_store.read() as session:
        incident = session.get(Incident, (crisis.id, incident_id))
    assert incident.status == "verified" and (incident.damage_low, incident.damage_high) == (4, 5)


@pytest.mark.browser
def test_two_people_verify_one_incident_in_the_browser(
    site, browse, sign_in, sqlite_store, crisis, incident_id
):
    from mapper.accounts.service import add_user

    from tests.conftest import PASSWORD

    address = f"/crises/coast/verify/{incident_id}"
    for name in ("first", "second"):
        add_user(sqlite_store, f"{name}@example.org", "verifier", "coast", PASSWORD)
        page = browse()
        sign_in(page, f"{name}@example.org")
        page.goto(site + "/crises/coast/verify")
        page.locator(f'a[href="{address}"]').click()
        page.locator("#damage_low-verify").select_option("4")
        page.locator("#damage_high-verify").select_option("5")
        page.locator("#source_grade-verify").select_option("B")
        page.locator("#information_grade-verify").select_option("2")
        page.locator("#position_accuracy_m-verify").fill("30")
        page.locator("#no_conflict-verify").check()
        page.locator("#gate_accepted-verify").check()
        page.locator("#reason-verify").fill(f"seen by {name}")
        page.locator("details:has(#reason-verify) button.button").click()
        page.wait_for_url("**decided=verify")
        assert ("seen by first" in page.content()) is True
    with sqlite_store.read() as session:
        assert session.get(Incident, (crisis.id, incident_id)).status == "verified"


def test_a_stale_form_shows_both_versions_and_keeps_what_was_typed(
    client, sqlite_store, crisis, incident_id, make_token
):
    first, second = (make_token(sqlite_store, "verifier", email=f"{name}@example.org") for name in "ab")
    address = f"/crises/coast/verify/{incident_id}"
    page = client.get(address, headers=first).text
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', page).group(1))
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    other = {"kind": "triage", "reason": "plausible"}
    assert client.post(address, data=other, headers=second).status_code == 303
    typed = FORM | {"version": version, "seen": seen, "reason": "<b>my long reason</b>", "weather": "rain"}
    stale = client.post(address, data=typed, headers=first)
    assert stale.status_code == 412
    assert f"You looked at version {version}" in stale.text
    table = stale.text[stale.text.index("What has changed since you looked") :]
    assert "New" in table[:600] and "Triaged" in table[:600]
    assert "&lt;b&gt;my long reason&lt;/b&gt;</textarea>" in stale.text and ">rain</textarea>" in stale.text
    assert (
        stale.text.count('value="4" selected') >= 1
        and 'id="no_conflict-verify" name="no_conflict" value="1" checked' in stale.text
    )
    again = typed | {"version": re.search(r'name="version" value="(\d+)"', stale.text).group(1)}
    assert client.post(address, data=again, headers=first).status_code == 303


@pytest.mark.parametrize("seen", ["", "x", "[]", '{"status": {"$": 1}}', '"text"'])
def test_what_a_form_remembers_may_be_anything(client, sqlite_store, incident_id, make_token, seen):
    verifier = make_token(sqlite_store, "verifier")
    stale = FORM | {"version": "99", "seen": seen}
    assert client.post(f"/crises/coast/verify/{incident_id}", data=stale, headers=verifier).status_code == 412


def test_people_say_two_things_aloud_on_the_page(client, sqlite_store, incident_id, make_token):
    verifier = make_token(sqlite_store, "verifier")
    address = f"/crises/coast/verify/{incident_id}"
    without = {name: value for name, value in FORM.items() if name not in ("no_conflict", "gate_accepted")}
    refused = client.post(address, data=without, headers=verifier)
    assert refused.status_code == 422
    assert "no stake in it, or leave" in refused.text and "although the gate lacks" in refused.text
    with sqlite_store.write() as session:
        session.execute(update(Incident).values(origins=2, happened_from=sqlite_store.clock()))
    assert client.post(address, data=without | {"no_conflict": "1"}, headers=verifier).status_code == 303
