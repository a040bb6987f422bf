"""Areas load in both layouts, and every position gets its P-codes."""

import csv
import json
import uuid
from datetime import timedelta

import pytest
from click.testing import CliRunner
from mapper.geography.cod import NoPcodes, recognise
from mapper.geography.positions import to_e7
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.layers.lookup import catalogue
from mapper.layers.service import LayerRefused, add_areas, areas_of, layers_of
from mapper.layers.work import work
from mapper.store.tables import Crisis, Incident, Report
from sqlalchemy import select


def square(west, south, size=1.0):
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def write(path, *features):
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": {"type": "Polygon", "coordinates": rings} if isinstance(rings, list) else rings,
            }
            for properties, rings in features
        ],
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def boundaries(tmp_path):
    return write(
        tmp_path / "adm2.geojson",
        (
            {"ADM2_PCODE": "C0101", "ADM2_EN": "West", "ADM1_PCODE": "C01", "validOn": "2025-05-01"},
            square(-74, 18),
        ),
        (
            {"ADM2_PCODE": "C0102", "ADM2_EN": "East", "ADM1_PCODE": "C01", "validOn": "2025-05-01"},
            square(-73, 18),
        ),
    )


def test_both_layouts_are_recognised():
    older = recognise(["ADM0_PCODE", "ADM1_EN", "ADM1_PCODE", "ADM2_FR", "ADM2_PCODE", "date", "validOn"])
    newer = recognise(["adm1_name", "adm1_pcode", "adm2_name", "adm2_name1", "adm2_pcode", "adm0_name"])
    assert (older.deepest, older.names[2], older.version) == (2, {"fr": "ADM2_FR"}, "validOn")
    assert (newer.deepest, newer.names[2]) == (2, {"und": "adm2_name", "und-1": "adm2_name1"})
    with pytest.raises(NoPcodes):
        recognise(["name", "pcode", "ADM2_NAME"])


def test_reports_get_codes_and_the_boundaries_version(store, crisis, boundaries):
    positions = [(-73.5, 18.5), (-72.5, 18.5), (-73.0, 18.5), (-71.5, 19.5), (None, None)]
    accept(
        store,
        crisis,
        [ReportDraft(text=str(p), longitude=p[0], latitude=p[1]) for p in positions],
        Sender("t"),
    )
    assert work(store) == 0
    added = add_areas(store, crisis, boundaries)
    assert (added.level, added.areas, added.version_label) == (2, 2, "2025-05-01")
    assert work(store) == 5 and work(store) == 0
    with store.read() as session:
        found = session.scalars(select(Report)).all()
    flags = {report.lon_e7: report.position_flag for report in found}
    assert flags == {
        -735000000: None,
        -725000000: None,
        -730000000: "on_border",
        -715000000: None,
        None: None,
    }
    by_place = {
        report.lon_e7: (report.area_codes, report.outside_areas, report.areas_version) for report in found
    }
    assert by_place == {
        -735000000: ({"1": "C01", "2": "C0101"}, False, 1),
        -725000000: ({"1": "C01", "2": "C0102"}, False, 1),
        -730000000: ({"1": "C01", "2": "C0101"}, False, 1),  # on the border: the first code
        -715000000: (None, True, 1),
        None: (None, False, 1),
    }


def test_newer_boundaries_replace_and_are_looked_up_again(store, crisis, boundaries, tmp_path):
    accept(store, crisis, [ReportDraft(text="a", longitude=-73.5, latitude=18.5)], Sender("t"))
    add_areas(store, crisis, boundaries)
    work(store)
    add_areas(
        store,
        crisis,
        write(tmp_path / "new.geojson", ({"adm2_pcode": "N1", "adm2_name": "New"}, square(-74, 18, 3))),
    )
    assert work(store) == 1
    with store.read() as session:
        report = session.scalars(select(Report)).one()
        assert (report.area_codes, report.areas_version) == ({"2": "N1"}, 2)
        assert [layer.version_label for layer in layers_of(session, crisis.id)] == ["2026-03-01"]
        assert [area.code for area in areas_of(session, crisis.id, 2)] == ["N1"]


def fused(store, crisis, longitude=-73.5, latitude=18.5, **changes):
    """Add an incident as fusion leaves one that waits for its areas."""
    at = store.clock()
    with store.write() as session:
        incident = Incident(
            crisis_id=crisis.id,
            id=uuid.uuid4(),
            sector="housing",
            needs=[],
            first_reported_at=at,
            last_reported_at=at,
            lon_e7=to_e7(longitude),
            lat_e7=to_e7(latitude),
            changed_at=at,
            **changes,
        )
        session.add(incident)
        return incident.id


def read(store, crisis, incident_id):
    with store.read() as session:
        return session.get_one(Incident, (crisis.id, incident_id))


def test_an_incident_is_dated_anew_only_when_its_areas_changed(store, crisis, boundaries, clock):
    incident = fused(store, crisis)
    first, second, third = (clock() + timedelta(hours=hours) for hours in (1, 2, 3))
    clock.set(first)
    add_areas(store, crisis, boundaries)
    work(store)
    assert read(store, crisis, incident).changed_at == first
    clock.set(second)
    add_areas(store, crisis, boundaries)  # the same boundaries as a newer version
    work(store)
    seen = read(store, crisis, incident)
    assert (seen.changed_at, seen.areas_version, seen.version) == (first, 2, 1)
    clock.set(third)
    add_areas(store, crisis, write(boundaries, ({"adm2_pcode": "N1"}, square(-74, 18, 3))))
    work(store)
    assert read(store, crisis, incident).changed_at == third


def test_an_incident_moved_meanwhile_keeps_waiting(store, crisis, boundaries, monkeypatch):
    incident = fused(store, crisis)
    add_areas(store, crisis, boundaries)

    def moved_first(*arguments):
        monkeypatch.undo()
        with store.write() as session:
            session.get_one(Incident, (crisis.id, incident)).lon_e7 = to_e7(-72.5)
        return catalogue(*arguments)

    monkeypatch.setattr("mapper.layers.work.catalogue", moved_first)
    work(store)
    assert read(store, crisis, incident).areas_version is None
    work(store)
    assert read(store, crisis, incident).area_codes == {"1": "C01", "2": "C0102"}


def test_levels_agree_with_the_finest_and_ignore_codes_of_another_system(sqlite_store, make_crisis, tmp_path):
    crisis = make_crisis(sqlite_store)
    coarse = write(tmp_path / "1.geojson", ({"ADM1_PCODE": "X1"}, square(-74, 18)))
    fine = [
        ({"ADM2_PCODE": "X101", "ADM1_PCODE": "X1"}, square(-74, 18, 1.2)),  # juts out of what holds it
        ({"ADM2_PCODE": "X102", "ADM1_PCODE": "524 2"}, square(-74, 19.5)),
    ]
    add_areas(sqlite_store, crisis, coarse)
    add_areas(sqlite_store, crisis, write(tmp_path / "2.geojson", *fine))
    jutting = fused(sqlite_store, crisis, -72.9, 18.5)
    other = fused(sqlite_store, crisis, -73.5, 19.7)
    work(sqlite_store)
    assert read(sqlite_store, crisis, jutting).area_codes == {"1": "X1", "2": "X101"}
    assert read(sqlite_store, crisis, other).area_codes == {"2": "X102"}


@pytest.mark.parametrize(
    ("features", "says"),
    [
        ([({"name": "x"}, square(-74, 18))], "P-codes"),
        ([({"ADM1_PCODE": "A"}, square(-74, 18)), ({"ADM1_PCODE": "A"}, square(-73, 18))], "already"),
        ([({"ADM1_PCODE": " "}, square(-74, 18))], "no code"),
        ([({"ADM1_PCODE": "A"}, square(30, 50))], "bounding box"),
        ([({"ADM1_PCODE": "A"}, {"type": "Point", "coordinates": [-73, 18]})], "no polygon"),
        ([({"ADM1_PCODE": "A"}, None)], "no polygon"),
        ([], "no areas"),
    ],
)
def test_a_file_that_will_not_do_is_told_why(sqlite_store, make_crisis, tmp_path, features, says):
    crisis = make_crisis(sqlite_store)
    with pytest.raises(LayerRefused, match=says):
        add_areas(sqlite_store, crisis, write(tmp_path / "a.geojson", *features))
    with sqlite_store.read() as session:
        assert session.get(Crisis, crisis.id).areas_version == 0


@pytest.mark.shared
def test_haitis_sections_hold_every_position_inside(sqlite_store, make_crisis, shared):
    crisis = make_crisis(sqlite_store, bbox=(-74.6, 17.9, -71.5, 20.2))
    for level, count in ((1, 10), (2, 140), (3, 570)):
        assert (
            add_areas(sqlite_store, crisis, shared / f"admin-boundaries/HTI_adm{level}.geojson").areas
            == count
        )
    accept(sqlite_store, crisis, [ReportDraft(text="x", longitude=-72.335, latitude=18.539167)], Sender("t"))
    work(sqlite_store)
    with sqlite_store.read() as session:
        codes = session.scalars(select(Report.area_codes)).one()
    assert set(codes) == {"1", "2", "3"} and codes["1"] == "HT01"
    assert codes["3"].startswith(codes["2"]) and codes["2"].startswith(codes["1"])
    with (shared / "haiti-2010-ushahidi/haiti_ushahidi_redacted.csv").open(encoding="utf-8-sig") as file:
        rows = [(float(row["LONGITUDE"]), float(row["LATITUDE"])) for row in csv.DictReader(file)]
    with sqlite_store.read() as session:
        found = catalogue(session, sqlite_store.engine, crisis.id, 3).find(*zip(*rows, strict=True))
    assert sum(not where.codes for where in found) == 58  # abroad, or off a shore drawn too straight
    assert all(set(where.codes) == {"1", "2", "3"} for where in found if where.codes)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count"), [("UKR_adm1", 27), ("NPL_adm1", 7), ("NPL_adm2", 775), ("TUR_adm1", 81)]
)
def test_other_countries_load(sqlite_store, make_crisis, shared, name, count):
    crisis = make_crisis(sqlite_store, bbox=(-180, -90, 180, 90))
    assert add_areas(sqlite_store, crisis, shared / f"admin-boundaries/{name}.geojson").areas == count


def test_the_command_says_what_is_wrong(settings, sqlite_store, make_crisis, boundaries, tmp_path):
    from mapper.cli import main

    make_crisis(sqlite_store)
    run = CliRunner().invoke
    env = {"MAPPER_DATA": str(settings.data)}
    good = run(main, ["layer", "add", "areas", str(boundaries), "--crisis", "coast"], env=env)
    assert good.exit_code == 0 and "2 areas of level 2" in good.stderr
    bad = run(main, ["layer", "add", "areas", str(boundaries), "--crisis", "nowhere"], env=env)
    assert bad.exit_code == 1 and "no crisis nowhere" in bad.stderr
    text = tmp_path / "x.geojson"
    text.write_text("<VRTDataset/>")
    assert run(main, ["layer", "add", "areas", str(text), "--crisis", "coast"], env=env).exit_code == 1
    assert (
        run(main, ["layer", "add", "castles", str(boundaries), "--crisis", "coast"], env=env).exit_code == 2
    )
