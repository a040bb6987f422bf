"""The import page without scripts: upload, preview, start, rejects; and what hostile files can do to it."""

import io
import re

import pytest
from mapper.intake.import_work import work
from mapper.store.tables import ImportRun
from sqlalchemy import select

HOSTILE = '<img src=x onerror="alert(1)"></script>%(name)s {{ 7*7 }} 50 %'
CSV = f"""text,lat,lon,damage_grade,{HOSTILE.replace('"', "")}
Wall gone,18.5,-72.3,3,x
"{HOSTILE.replace('"', '""')}",-72.2,18.6,2,=cmd
Bad grade,18.6,-72.4,9,-1
"""


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store)


@pytest.fixture
def coordinator(sqlite_store, crisis, make_token):
    return make_token(sqlite_store, "coordinator")


@pytest.fixture
def upload(client, coordinator):
    def send(text, name="damage.csv", sender="UNOSAT", **fields):
        data = {"file": (io.BytesIO(text.encode()), name), "sender": sender, **fields}
        return client.post("/crises/coast/import", data=data, headers=coordinator)

    return send


def runs(store):
    with store.read() as session:
        return session.scalars(select(ImportRun)).all()


def test_from_the_file_to_its_rejects(client, upload, coordinator, sqlite_store):
    answer = upload(CSV, "../../etc/pass<wd>.csv")
    assert answer.status_code == 303
    address = answer.location
    page = client.get(address, headers=coordinator).text
    assert "no-store" in client.get(address, headers=coordinator).headers["Cache-Control"]
    assert "pass&lt;wd&gt;.csv" in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }} 50 %" in page
    assert "1 of 3 rows" in page
    assert "1 refused: Damage, 0 to 5: is a whole number from 0 to 5" in page
    assert client.post(address, data={"action": "start"}, headers=coordinator).status_code == 303
    assert "http-equiv" in client.get(address, headers=coordinator).text
    told = client.get(f"{address}/progress.json", headers=coordinator).json
    assert (told["is_over"], told["read"], told["total"]) == (False, 0, 3)
    while work(sqlite_store):
        pass
    page = client.get(address, headers=coordinator).text
    assert "Taken as new reports" in page
    assert "http-equiv" not in page
    rejects = client.get(f"{address}/rejects.csv", headers=coordinator)
    assert rejects.text == "line,reason,field\r\n4,is a whole number from 0 to 5,damage_grade\r\n"
    assert (
        'filename="etc_passwd-rejects.csv"' in rejects.headers["Content-Disposition"]
        or "-rejects.csv" in (rejects.headers["Content-Disposition"])
    )
    listed = client.get("/crises/coast/import", headers=coordinator).text
    assert "coordinator@example.org" in listed


def test_columns_are_changed_and_a_column_serves_once(client, upload, coordinator, sqlite_store):
    address = upload("what,where,lat,lon\nA wall,Rue 5,18.5,-72.3\n").location
    twice = {"map-text": "what", "map-location_text": "what", "action": "start"}
    answer = client.post(address, data=twice, headers=coordinator)
    assert answer.status_code == 422
    assert "is used for" in answer.text
    client.post(
        address, data={"map-text": "what", "map-title": "where", "action": "look"}, headers=coordinator
    )
    (run,) = runs(sqlite_store)
    assert (run.state, run.mapping["text"], run.mapping["title"]) == ("preview", "what", "where")
    client.post(address, data={"map-text": "", "action": "look"}, headers=coordinator)
    assert "text" not in runs(sqlite_store)[0].mapping
    assert client.post(address, data={"action": "discard"}, headers=coordinator).status_code == 303
    assert not runs(sqlite_store)
    assert client.get(address, headers=coordinator).status_code == 404


def test_what_is_wrong_is_said_beside_the_field(upload, client, coordinator):
    answer = client.post("/crises/coast/import", data={}, headers=coordinator)
    assert answer.status_code == 422
    assert "Choose a file" in answer.text
    assert "Say whose file it is" in answer.text
    assert upload(CSV, sender="x" * 65).status_code == 422
    assert "HTML or XML" in upload("<html><table>").text
    assert "empty" in upload("").text


def test_a_district_table_and_a_file_that_came_before_warn(upload, client, coordinator, sqlite_store, shared):
    nepal = (shared / "nepal-2015" / "district_damage_2015-05-01.geojson").read_text(encoding="utf-8")
    page = client.get(upload(nepal, "districts.geojson").location, headers=coordinator).text
    assert "table of districts" in page
    assert "mapper layer add assessment" in page
    sites = (shared / "nepal-2015" / "idp_sites_2015-04-29_some_swapped.geojson").read_text(encoding="utf-8")
    assert "list of sites" in client.get(upload(sites, "s.geojson").location, headers=coordinator).text
    first = upload(CSV).location
    client.post(first, data={"action": "start"}, headers=coordinator)
    while work(sqlite_store):
        pass
    page = client.get(upload(CSV).location, headers=coordinator).text
    assert "very same file" in page
    assert "0 would be taken, 2 are known already" in page


def test_what_is_past_cannot_be_done(client, upload, coordinator, sqlite_store):
    address = upload(CSV).location
    assert client.post(address, data={"action": "cancel"}, headers=coordinator).status_code == 409
    client.post(address, data={"action": "start"}, headers=coordinator)
    for action in ("start", "look", "discard", "nonsense"):
        assert client.post(address, data={"action": action}, headers=coordinator).status_code == 409
    assert client.post(address, data={"action": "cancel"}, headers=coordinator).status_code == 303
    assert runs(sqlite_store)[0].state == "cancelled"


def test_only_coordinators_and_administrators_bring_files(
    client, upload, sqlite_store, make_crisis, make_token
):
    address = upload(CSV).location
    make_crisis(sqlite_store, "other")
    stranger = make_token(sqlite_store, "coordinator", "other", "other@example.org")
    for role in ("verifier", "donor", "partner", "reporter"):
        headers = make_token(sqlite_store, role)
        for path in ("/crises/coast/import", address, f"{address}/rejects.csv", f"{address}/progress.json"):
            assert client.get(path, headers=headers).status_code == 403
        assert client.post("/crises/coast/import", headers=headers).status_code == 403
    assert client.get(address, headers=stranger).status_code == 403
    elsewhere = re.sub("coast", "other", address)
    assert client.get(elsewhere, headers=stranger).status_code == 404
    assert client.post(elsewhere, data={"action": "start"}, headers=stranger).status_code == 404
    assert (
        client.get("/crises/coast/import/none", headers=make_token(sqlite_store, "admin")).status_code == 404
    )


def test_an_import_is_undone_with_a_reason(client, upload, coordinator, sqlite_store):
    address = upload(CSV).location
    assert client.get(f"{address}/undo", headers=coordinator).status_code == 409
    client.post(address, data={"action": "start"}, headers=coordinator)
    while work(sqlite_store):
        pass
    page = client.get(f"{address}/undo", headers=coordinator).text
    assert "2 reports are withdrawn" in page
    assert client.post(f"{address}/undo", data={"reason": " "}, headers=coordinator).status_code == 422
    undone = client.post(f"{address}/undo", data={"reason": HOSTILE}, headers=coordinator)
    assert undone.status_code == 303
    assert "Being undone" in client.get(address, headers=coordinator).text
    while work(sqlite_store):
        pass
    page = client.get(address, headers=coordinator).text
    assert "Undone" in page
    assert "<img src=x" not in page
    assert f"{address}/undo" not in page


def test_a_newer_version_of_a_file_offers_what_to_do(client, upload, coordinator, sqlite_store):
    rows = "source_id,text,lat,lon\n1,Wall gone,18.5,-72.3\n2,Roof gone,18.6,-72.3\n"
    first = upload(rows).location
    assert "newer version" not in client.get(first, headers=coordinator).text
    client.post(first, data={"action": "start"}, headers=coordinator)
    while work(sqlite_store):
        pass
    second = upload("source_id,text,lat,lon\n1,Wall rebuilt,18.5,-72.3\n").location
    page = client.get(second, headers=coordinator).text
    assert "A newer version of a file" in page
    assert "Take the new version in place of the old one" in page
    assert "Withdraw them" in page
    chosen = {"action": "start", "changed": "replace", "missing": "withdraw"}
    client.post(second, data=chosen, headers=coordinator)
    while work(sqlite_store):
        pass
    page = client.get(second, headers=coordinator).text
    assert "Took the place of an older version" in page
    versions = [run.summary["versions"] for run in runs(sqlite_store) if "versions" in run.summary]
    assert versions == [{"replaced": 1, "withdrawn": 1}]
    undo = client.get(f"{second}/undo", headers=coordinator).text
    assert "2 reports that this import had replaced stand again" in undo
