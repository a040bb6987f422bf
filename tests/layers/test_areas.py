"""Areas load in both layouts, and every position gets its P-codes."""

import json

import pytest
from click.testing import CliRunner
from mapper.geography.cod import NoPcodes, recognise
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.layers.service import LayerRefused, add_areas, areas_of, layers_of
from mapper.layers.work import work
from mapper.store.tables import Crisis, Report
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
                "geometry": {"type": "Polygon", "coordinates": rings},
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


@pytest.mark.parametrize(
    ("features", "says"),
    [
        ([({"name": "x"}, square(-74, 18))], "P-codes"),
        ([({"ADM1_PCODE": "A"}, square(-74, 18)), ({"ADM1_PCODE": "A"}, square(-73, 18))], "already"),
        ([({"ADM1_PCODE": " "}, square(-74, 18))], "no code"),
        ([({"ADM1_PCODE": "A"}, square(30, 50))], "bounding box"),
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
