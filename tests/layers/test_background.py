"""Layers beside the boundaries: people, activities, facilities, and the figures by area made of them."""

import csv
import json

import openpyxl
import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.layers.background import add_rows, in_force, rows_of
from mapper.layers.figures import population_of, reach_of
from mapper.layers.service import LayerRefused, add_areas
from mapper.store.tables import LayerRow
from sqlalchemy import func, select

from tests.layers.test_areas import square, write

COD_PS = (
    "ADM1_PCODE,ADM2_PCODE,ADM2_EN,F_TL,M_TL,T_TL\n"
    'C01,C0101,West,600,634,"1,234"\n'
    "C01,C0102,East,1,2,{east}\n"
)
THREE_W = (
    "Who,Cluster,Where,How far,Helped,PIN\n"
    "#org,#sector,#adm2+code,#status,#reached,#inneed\n"
    "Red Cross,WASH,C0101,Ongoing,200,900\n"
    "Well Diggers,WASH,C0101,completed,50,900\n"
    "Builders,Shelter/NFI,C0101,planned,999,\n"
    "Clinic on Wheels,Health,C0102,ongoing,,\n"
)


@pytest.fixture
def areas(store, crisis, tmp_path):
    west = {"ADM2_PCODE": "C0101", "ADM1_PCODE": "C01", "ADM2_EN": "West"}
    east = {"ADM2_PCODE": "C0102", "ADM1_PCODE": "C01", "ADM2_EN": "East"}
    levels = (
        [({"ADM1_PCODE": "C01"}, square(-74, 18, 2))],
        [(west, square(-74, 18)), (east, square(-73, 18))],
    )
    for number, rows in enumerate(levels):
        add_areas(store, crisis, write(tmp_path / f"{number}.geojson", *rows))


def text_file(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_people_are_known_by_area_and_added_up_for_the_area_above(store, crisis, areas, tmp_path):
    added = add_rows(store, crisis, "population", text_file(tmp_path / "ps.csv", COD_PS.format(east=66)))
    assert (added.rows, added.left_out, added.unknown_codes) == (2, 0, 0)
    with store.read() as session:
        fine, coarse = (population_of(session, crisis.id, level) for level in (2, 1))
        assert population_of(session, crisis.id, 3) is None
    assert fine.people == {"C0101": 1234, "C0102": 66}
    assert coarse.people == {"C01": 1300}
    assert (fine.source, fine.version) == ("ps.csv", "2026-03-01")


def test_a_sum_with_an_unknown_part_is_unknown_and_not_smaller(store, crisis, areas, tmp_path):
    add_rows(store, crisis, "population", text_file(tmp_path / "ps.csv", COD_PS.format(east="n/a")))
    with store.read() as session:
        assert population_of(session, crisis.id, 2).people == {"C0101": 1234, "C0102": None}
        assert population_of(session, crisis.id, 1).people == {"C01": None}


def test_a_newer_file_replaces_the_older_one_of_its_level(store, crisis, areas, tmp_path):
    add_rows(store, crisis, "population", text_file(tmp_path / "a.csv", COD_PS.format(east=66)))
    add_rows(store, crisis, "population", text_file(tmp_path / "b.csv", COD_PS.format(east=77)))
    with store.read() as session:
        assert population_of(session, crisis.id, 2).people["C0102"] == 77
        assert len(in_force(session, crisis.id, "population")) == 1


def test_activities_say_who_reached_whom(store, crisis, areas, tmp_path):
    add_rows(store, crisis, "activities", text_file(tmp_path / "3w.csv", THREE_W))
    with store.read() as session:
        layers, found = reach_of(session, crisis.id, 2)
    assert [layer.name for layer in layers] == ["3w.csv"]
    water = found["C0101", "water"]
    assert (water.reached, water.in_need) == (250, 900)
    assert water.organisations == {"Red Cross", "Well Diggers"}
    assert found["C0102", "health"].reached is None, "a team that gives no number has not reached nobody"
    assert ("C0101", "housing") not in found, "what is planned has reached nobody yet"


def test_a_plain_column_of_codes_is_known_by_its_values_or_needs_the_level(store, crisis, areas, tmp_path):
    plain = text_file(tmp_path / "plain.csv", "P-code;Population\nC0101;10\n;20\n")
    added = add_rows(store, crisis, "population", plain)
    assert (added.rows, added.left_out, added.joined_by, added.column) == (1, 1, "code", "P-code")
    with store.read() as session:
        assert population_of(session, crisis.id, 1).people == {"C01": 10}
    assert add_rows(store, crisis, "population", plain, level=2).joined_by == ""
    unknown = text_file(tmp_path / "unknown.csv", "P-code;Population\nZ9;10\nZ8;20\n")
    with pytest.raises(LayerRefused, match="--level"):
        add_rows(store, crisis, "population", unknown)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("population", "ADM2_PCODE,name\nC0101,West\n", "no column of people"),
        ("population", "ADM2_PCODE,population\nXX99,5\n", "load the areas first"),
        ("population", "ADM2_PCODE,population\n", "no row"),
        ("activities", "ADM2_PCODE,org\nC0101,A\n", "no column of sectors"),
        ("facilities", "name,type\nA,clinic\n", "need positions"),
    ],
)
def test_a_file_that_will_not_do_is_told_why(store, crisis, areas, tmp_path, kind, text, says):
    with pytest.raises(LayerRefused, match=says):
        add_rows(store, crisis, kind, text_file(tmp_path / "x.csv", text))
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(LayerRow)) == 0


def test_facilities_keep_their_place_and_what_they_are(store, crisis, tmp_path):
    point = {"type": "Point", "coordinates": [-73.5, 18.5]}
    feature = {"type": "Feature", "properties": {"name": "St. Ann", "amenity": "hospital"}, "geometry": point}
    path = text_file(tmp_path / "f.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert add_rows(store, crisis, "facilities", path).rows == 1
    with store.read() as session:
        (layer,) = in_force(session, crisis.id, "facilities")
        ((_codes, properties),) = rows_of(session, layer)
    assert (properties["asset"], properties["sector"], properties["name"]) == (
        "hospital",
        "health",
        "St. Ann",
    )


def test_the_command_says_what_it_left_out(settings, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store)
    path = text_file(tmp_path / "p.csv", "ADM2_PCODE,population\nC0101,5\n,7\n")
    arguments = ["layer", "add", "population", str(path), "--crisis", "coast"]
    done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
    assert done.exit_code == 0
    assert "1 rows of population loaded; 1 left out" in done.stderr


@pytest.mark.shared
def test_haitis_roads_load(sqlite_store, make_crisis, shared, tmp_path):
    import shutil

    crisis = make_crisis(sqlite_store)
    archive = shutil.make_archive(str(tmp_path / "roads"), "zip", shared / "haiti-roads-osm")
    added = add_rows(sqlite_store, crisis, "roads", tmp_path / archive)
    assert added.rows > 1_000 and added.left_out == 0


def test_a_sheet_loads_like_a_table(store, crisis, areas, tmp_path):
    book = openpyxl.Workbook()
    for row in csv.reader(THREE_W.splitlines()):
        book.active.append(row)
    book.save(tmp_path / "3w.xlsx")
    added = add_rows(store, crisis, "activities", tmp_path / "3w.xlsx")
    assert (added.rows, added.left_out, added.unknown_codes) == (4, 0, 0)
