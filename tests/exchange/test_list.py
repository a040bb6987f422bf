"""The list of incidents for people who work on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.clock import SteppedClock
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.exchange.conftest import LIST, Ask
from tests.publication.incidents import add_incident

CONTRACT = (  # contract.md, "Incident properties"
    "id version status sector asset damage_low damage_high service_state needs people_affected_low "
    "people_affected_high reports sources origins happened_from happened_to first_reported_at verified_at "
    "position_accuracy_m area_codes title"
)


def ids(answer: Any) -> list[str]:
    """Return the ids of an answer's features."""
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json["features"]]


def test_an_incident_has_the_properties_of_the_contract(
    internal: Ask, sqlite_store: Store, coast: Crisis
) -> None:
    incident = add_incident(
        sqlite_store,
        coast,
        sector="health",
        asset="clinic",
        damage_low=3,
        damage_high=4,
        needs=["water"],
        lon_e7=-723_456_789,
        lat_e7=185_432_101,
        area_codes={"1": "HT01"},
        happened_from=sqlite_store.clock(),
    )
    answer = internal()
    assert answer.content_type == "application/geo+json"
    (feature,) = answer.json["features"]
    assert set(CONTRACT.split()) <= set(feature["properties"])
    assert feature["id"] == feature["properties"]["id"] == str(incident.id)
    assert feature["geometry"] == {"type": "Point", "coordinates": [-72.3456789, 18.5432101]}
    assert feature["properties"]["title"] == "Clinic: Heavy damage to Very heavy damage"
    assert feature["properties"]["area_codes"] == {"1": "HT01"}
    assert feature["properties"]["happened_from"] == "2026-03-01T12:00:00+00:00"
    assert feature["properties"]["damage_low"] == 3


def test_an_incident_without_a_position_has_no_geometry(
    internal: Ask, sqlite_store: Store, coast: Crisis
) -> None:
    add_incident(sqlite_store, coast, sector="unknown")
    (feature,) = internal().json["features"]
    assert feature["geometry"] is None
    assert feature["properties"]["title"] == "Incident: Damage not known"
    assert feature["properties"]["damage_low"] is None
    assert feature["properties"]["area_codes"] == {}


def test_answers_to_people_with_rights_are_kept_by_nobody(internal: Ask) -> None:
    answer = internal()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    assert "Last-Modified" not in answer.headers


def test_filters(internal: Ask, sqlite_store: Store, coast: Crisis, clock: SteppedClock) -> None:
    now = clock()
    here = {"lon_e7": -720_000_000, "lat_e7": 185_000_000}
    a = add_incident(
        sqlite_store, coast, sector="health", damage_low=3, damage_high=3, happened_from=now, **here
    )
    b = add_incident(sqlite_store, coast, sector="housing", damage_low=1, damage_high=5, status="verified")
    c = add_incident(sqlite_store, coast, sector="water", happened_from=now - timedelta(days=2))
    for query, wanted in {
        "": [a, b, c],
        "?sector=health,water": [a, c],
        "?min_grade=2": [a],
        "?min_grade=0": [a, b],  # unknown is not 0
        "?status=verified": [b],
        "?bbox=-73,18,-71,19": [a],
        "?from=2026-03-01T00:00:00Z": [a],
        "?to=2026-03-01T00:00:00Z": [c],
        "?from=2026-03-01T00:00:00Z&clock=reported": [a, b, c],
        "?filter=damage_low%20IS%20NULL": [c],
        "?sector=health&min_grade=4": [],
    }.items():
        assert sorted(ids(internal(query))) == sorted(str(item.id) for item in wanted), query


def test_pages_follow_each_other_without_gap_or_repeat(
    internal: Ask, sqlite_store: Store, coast: Crisis
) -> None:
    for n in range(25):
        add_incident(sqlite_store, coast, sector="health" if n % 2 else "housing", cell_key=n * 7 % 5)
    found, query, pages = [], "?limit=4&sector=health", 0
    while query:
        answer = internal(query)
        assert answer.json["numberMatched"] == 12
        assert answer.json["numberReturned"] == len(answer.json["features"])
        found += ids(answer)
        pages += 1
        following = [link["href"] for link in answer.json["links"] if link["rel"] == "next"]
        query = following[0].split("/incidents")[1] if following else ""
        assert not query or "sector=health" in query
        add_incident(sqlite_store, coast)  # what arrives meanwhile moves no page
    assert pages == 3
    assert found == sorted(found)
    assert len(set(found)) == 12


def test_a_limit_above_the_largest_is_clamped(internal: Ask, sqlite_store: Store, coast: Crisis) -> None:
    add_incident(sqlite_store, coast)
    assert len(ids(internal("?limit=100000"))) == 1


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("bbox=1,2,3", "bbox"),
        ("min_grade=high", "min_grade"),
        ("from=2026-03-01", "from"),
        ("clock=wrong", "clock"),
        ("limit=0", "limit"),
        ("cursor=%F0%9F", "cursor"),
        ("filter=damage_low%20%3D", "filter"),
        ("filter=text%20%3D%20'x'", "filter"),
        ("colour=red", "colour"),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_names_it(internal: Ask, query: str, name: str) -> None:
    answer = internal(f"?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 400
    assert [error["pointer"] for error in answer.json["errors"]] == [name]
    assert answer.json["errors"][0]["detail"]


def test_nothing_yet_is_an_empty_list(client: FlaskClient, coast: Crisis) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 200
    assert answer.json["features"] == []


def test_an_unknown_crisis_is_not_there(client: FlaskClient) -> None:
    answer = client.get("/api/v1/crises/nowhere/incidents")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_a_role_in_another_crisis_shows_nothing_here(
    client: FlaskClient, internal: Ask, sqlite_store: Store, coast: Crisis, make_crisis: Any, make_token: Any
) -> None:
    make_crisis(sqlite_store, "elsewhere")
    incident = add_incident(sqlite_store, coast)
    assert ids(internal()) == [str(incident.id)]
    headers = make_token(sqlite_store, "verifier", "elsewhere", "other@example.org")
    assert client.get(LIST, headers=headers).json["features"] == []
    assert client.get(f"{LIST}/{incident.id}", headers=headers).status_code == 404
