"""Redaction: pixels under a box are gone from the copy that everybody sees; the original stays as it was."""

from __future__ import annotations

import io
import uuid
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from mapper.intake.erasure import erase
from mapper.store.custody import events_of
from mapper.store.originals import open_original
from mapper.store.store import Store
from mapper.store.tables import Crisis, Medium, Redaction
from mapper.verification.evidence import read_copy
from mapper.verification.redactions import Box, boxes_of, redact_copy
from mapper.verification.refusals import Invalid, NoSuchIncident, Stale
from mapper.verification.work import work
from PIL import Image
from sqlalchemy import select

from tests.verification.test_case import picture, with_photo

BOX = Box(left=0.25, top=0.5, width=0.25, height=0.25)


def the_medium(store: Store) -> uuid.UUID:
    with store.read() as session:
        return session.scalars(select(Medium.id)).one()


def shown(store: Store, crisis: Crisis, medium_id: uuid.UUID, *, is_small: bool = False) -> Any:
    with store.read() as session:
        copy = read_copy(store, session, crisis.id, medium_id, is_small=is_small)
    return None if copy is None else np.asarray(Image.open(io.BytesIO(copy.data)).convert("RGB"))


def test_the_pixels_are_gone_and_the_original_is_not_touched(store: Store, crisis: Crisis) -> None:
    with_photo(store, crisis, picture())
    medium_id = the_medium(store)
    work(store)
    before = shown(store, crisis, medium_id)
    assert redact_copy(store, crisis.id, medium_id, 7, [BOX], "two faces") == 1
    assert shown(store, crisis, medium_id) is None  # nobody sees the old copy meanwhile
    work(store)
    after, small = shown(store, crisis, medium_id), shown(store, crisis, medium_id, is_small=True)
    assert after[130:190, 66:126].max() < 12 and small[130:190, 66:126].max() < 12
    assert np.abs(after[:100].astype(int) - before[:100]).mean() < 3
    opened = open_original(store, crisis.id, medium_id, 7, "compare")
    assert opened is not None and opened.data == picture()
    with store.read() as session:
        acts = [(event.act, event.reason) for event in events_of(session, crisis.id, [medium_id])[medium_id]]
    assert ("redacted", "two faces") in acts


def test_a_redaction_is_undone_by_another_and_both_stay(store: Store, crisis: Crisis, tmp_path: Any) -> None:
    with_photo(store, crisis, picture())
    medium_id = the_medium(store)
    work(store)
    before = shown(store, crisis, medium_id)
    redact_copy(store, crisis.id, medium_id, 7, [BOX], "a plate", after=0)
    with pytest.raises(Stale):
        redact_copy(store, crisis.id, medium_id, 8, [], "undo", after=0)
    redact_copy(store, crisis.id, medium_id, 8, [], "no plate", after=1)
    work(store)
    assert np.array_equal(shown(store, crisis, medium_id), before)
    with store.read() as session:
        rows = session.scalars(select(Redaction).order_by(Redaction.number)).all()
        report_id = session.scalars(select(Medium.report_id)).one()
    assert [len(row.boxes) for row in rows] == [1, 0] and all(row.copy_sha256 for row in rows)
    erase(store, report_id, tmp_path)
    with store.read() as session:
        assert session.scalars(select(Redaction.copy_blob)).all() == [None, None]
    assert work(store) == 0
    with pytest.raises(NoSuchIncident):
        redact_copy(store, crisis.id, medium_id, 8, [], "again")


@pytest.mark.parametrize(
    "row",
    [
        {"left": "-1", "top": "0", "width": "5", "height": "5"},
        {"left": "1", "top": "0", "width": "nan", "height": "5"},
        {"left": "1", "top": "0", "width": "0", "height": "5"},
        {"left": "1", "top": "0", "width": "101", "height": "5"},
        {"left": "1", "top": "", "width": "5", "height": "5"},
        {"left": "1", "top": "1", "width": "5", "height": "5", "page": "0"},
    ],
)
def test_what_is_no_box_is_refused(row: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        boxes_of([row])


def test_empty_rows_are_left_out_and_commas_are_understood() -> None:
    rows = [{"left": "", "top": " ", "width": "", "height": "", "page": "1"}, {"left": "12,5", "top": "0"}]
    assert boxes_of(rows[:1]) == []
    made = boxes_of([rows[1] | {"width": "50", "height": "25", "page": "2"}])
    assert made == [Box(page=2, left=0.125, top=0, width=0.5, height=0.25)]


def test_the_page_works_by_numbers_alone(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: dict[str, str], make_token: Any
) -> None:
    with_photo(sqlite_store, coast, picture())
    work(sqlite_store)
    address = f"/crises/coast/verify/media/{the_medium(sqlite_store)}/redact"
    form: dict[str, Any] = {"box_left": ["25", ""], "box_top": ["50", ""], "box_width": ["25", ""]}
    form |= {"box_height": ["25", ""], "box_page": ["1", "1"], "after": "0"}
    assert client.post(address, data=form, headers=anna).status_code == 422
    assert client.post(address, data=form | {"reason": "<i>face</i>"}, headers=anna).status_code == 303
    assert "is being made" in client.get(address, headers=anna).text
    again = client.post(address, data=form | {"reason": "late"}, headers=anna)
    assert again.status_code == 412 and "meanwhile" in again.text
    work(sqlite_store)
    page = client.get(address, headers=anna).text
    assert 'value="25.00"' in page and "Redactions so far" in page
    coordinator = make_token(sqlite_store, "coordinator")
    assert client.get(address, headers=coordinator).status_code == 403
    assert client.get(address.replace("redact", "x/y"), headers=anna).status_code == 404
