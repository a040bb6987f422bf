"""The second person asks every address, and none of them tells what the first one found."""

from __future__ import annotations

import gzip
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.exchange.formats import FORMATS
from mapper.publication.work import write_internal
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.verification.builders import make_incident
from tests.verification.conftest import Decide

# Nothing else on any page says these, so whoever reads one has seen the assessment.
REASON = "xylophone on the balcony"
ACCURACY = 37.25
FOUND: dict[str, Any] = {
    "kind": "verify",
    "damage_low": 5,
    "damage_high": 5,
    "source_grade": "B",
    "information_grade": "2",
    "position_accuracy_m": ACCURACY,
    "reason": REASON,
    "no_conflict": True,
}
TILE_X, TILE_Y = 4900, 7333  # the tile of zoom 14 that holds the builders' incidents
PAGES = [
    "/crises/coast",
    "/crises/coast/summary.json",
    "/crises/coast/verify",
    "/crises/coast/verify?whose=all",
    "/crises/coast/verify/desk",
    "/crises/coast/verify/{id}",
    "/crises/coast/verify/{id}/duplicates",
    "/crises/coast/plan",
    "/crises/coast/plan.csv",
    "/crises/coast/plan/incidents",
    "/crises/coast/plan/incidents/{id}",
    "/crises/coast/incidents.atom",
    "/crises/coast/tiles/incidents/0/0/0.mvt",
    "/crises/coast/tiles/incidents/14/{x}/{y}.mvt",
    "/api/v1/crises/coast/incidents",
    "/api/v1/crises/coast/incidents/{id}",
    "/ogc/collections/coast.incidents/items",
    "/ogc/collections/coast.incidents/items/{id}",
]
EXPORTS = [f"/crises/coast/export/{name}" for name in FORMATS if name not in ("html", "pdf")]


@pytest.fixture
def assessed(
    sqlite_store: Store, coast: Crisis, client: FlaskClient, post: Decide, anna: dict[str, str]
) -> uuid.UUID:
    """An incident that Anna has assessed, in the tables and in the snapshot."""
    incident_id = make_incident(sqlite_store, coast)
    answer = post(incident_id, anna, FOUND)
    assert answer.status_code in (200, 201), answer.text
    write_internal(sqlite_store, coast.id)
    return incident_id


@pytest.mark.parametrize("address", PAGES + EXPORTS)
def test_no_address_tells_the_second_person_what_the_first_one_found(
    client: FlaskClient,
    assessed: uuid.UUID,
    boris: dict[str, str],
    address: str,
) -> None:
    answer = client.get(address.format(id=assessed, x=TILE_X, y=TILE_Y), headers=boris)
    assert answer.status_code == 200, address
    body = answer.data
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    for told in (REASON, str(ACCURACY), "xylophone"):
        assert told.encode() not in body, address


def test_the_bulk_page_and_the_public_tell_nothing_either(
    client: FlaskClient, assessed: uuid.UUID, boris: dict[str, str]
) -> None:
    bulk = client.post("/crises/coast/verify/bulk", data={"incident": str(assessed)}, headers=boris)
    assert REASON.encode() not in bulk.data
    for address in ("/crises/coast", "/api/v1/crises/coast/incidents", "/crises/coast/incidents.atom"):
        assert REASON.encode() not in client.get(address).data


def test_the_first_person_reads_their_own(
    client: FlaskClient, assessed: uuid.UUID, anna: dict[str, str]
) -> None:
    """The words are really there to be found: otherwise the tests above would pass on nothing."""
    assert REASON in client.get(f"/crises/coast/verify/{assessed}", headers=anna).text


def test_what_the_incident_itself_says_is_what_the_reports_said(
    client: FlaskClient,
    assessed: uuid.UUID,
    boris: dict[str, str],
) -> None:
    """Damage grades of an open assessment must not reach the incident's own columns before the second."""
    shown = client.get(f"/api/v1/crises/coast/incidents/{assessed}", headers=boris).json
    assert (shown["properties"]["damage_low"], shown["properties"]["damage_high"]) == (2, 3)
