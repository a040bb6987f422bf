"""Tables of districts and lists of sites, as they come: the Nepal earthquake's, and harder ones."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from mapper.cli import main
from mapper.files.records import is_records, read_records
from mapper.files.refusals import FileRefused
from mapper.layers.background import add_rows, in_force, rows_of
from mapper.layers.joining import KnownArea, find_join
from mapper.layers.service import LayerRefused, NamedColumns, add_areas
from mapper.store.tables import LayerRow
from shapely import from_wkb
from sqlalchemy import select

NEPAL = {"slug": "nepal", "bbox": (80, 26.3, 88.3, 30.5), "timezone": "Asia/Kathmandu"}


@pytest.fixture
def nepal(store, make_crisis, shared):
    crisis = make_crisis(store, **NEPAL)
    folder = shared / "nepal-2015"
    districts = folder / "districts_adm3_hlcit.geojson"
    with pytest.raises(LayerRefused, match="HLCIT_CODE"):
        add_areas(store, crisis, districts)
    assert add_areas(store, crisis, districts, 3, None, NamedColumns("HLCIT_CODE", "DISTRICT")).areas == 75
    return crisis, folder


def said(store, crisis, kind):
    with store.read() as session:
        (layer,) = in_force(session, crisis.id, kind)
        return list(rows_of(session, layer))


def test_the_damage_by_district_is_joined_by_its_codes(store, nepal):
    crisis, folder = nepal
    added = add_rows(store, crisis, "assessment", folder / "district_damage_2015-05-01.geojson")
    assert (added.rows, added.left_out, added.joined_by, added.column) == (75, 0, "code", "hlcit_code")
    by_code = {codes["3"]: properties for codes, properties in said(store, crisis, "assessment")}
    assert len(by_code) == 75
    assert sum(int(row["deaths"]) for row in by_code.values()) == 6250
    assert by_code["524 2 05 23"]["district"] == "Sindhupalchok"


def test_the_sites_are_facilities_and_two_of_them_are_turned_round(store, nepal):
    crisis, folder = nepal
    added = add_rows(store, crisis, "facilities", folder / "idp_sites_2015-04-29_some_swapped.geojson")
    assert (added.rows, added.put_right) == (34, 2)
    with store.read() as session:
        rows = session.scalars(select(LayerRow).order_by(LayerRow.number)).all()
    assert all(26 < from_wkb(row.geometry).y < 31 for row in rows)
    assert (rows[0].properties["name"], rows[0].properties["people"]) == ("Tribhuwan University", 3000)


def test_who_does_what_where_comes_as_hxl_records(store, nepal):
    crisis, folder = nepal
    added = add_rows(store, crisis, "activities", folder / "redcross_3w_hxl.json")
    assert (added.rows, added.left_out) == (2282, 0)
    codes, properties = said(store, crisis, "activities")[0]
    assert codes["3"] == "524 2 05 26"
    assert (properties["sector"], properties["organisation"]) == ("health", "British RC")


def test_names_do_where_there_are_no_codes(store, nepal, tmp_path):
    crisis, _folder = nepal
    path = tmp_path / "houses.csv"
    path.write_text("Area,Houses\nSINDHUPALCHOK district,100\n gorkha ,50\nAtlantis,1\n", encoding="utf-8")
    added = add_rows(store, crisis, "assessment", path)
    assert (added.rows, added.left_out, added.joined_by, added.column) == (2, 1, "name", "Area")
    path.write_text("Area,Houses\nAtlantis,1\nGorkha,2\nUtopia,3\n", encoding="utf-8")
    with pytest.raises(LayerRefused, match="mapper layer add areas"):
        add_rows(store, crisis, "assessment", path)


def test_a_table_with_degrees_is_a_list_of_facilities(store, nepal, tmp_path):
    crisis, _folder = nepal
    path = tmp_path / "clinics.csv"
    path.write_text(
        "name,type,lat,lon\nA,clinic,27.7,85.3\nB,clinic,85.3,27.7\nC,clinic,,\n", encoding="utf-8"
    )
    added = add_rows(store, crisis, "facilities", path)
    assert (added.rows, added.left_out, added.put_right) == (2, 1, 1)


def test_the_command_says_how_a_table_was_joined(sqlite_store, make_crisis, settings, shared):
    make_crisis(sqlite_store, **NEPAL)
    folder = shared / "nepal-2015"

    def run(kind, name, *options, code=0):
        arguments = ["layer", "add", kind, str(folder / name), "--crisis", "nepal", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == code, done.output
        return done.output

    named = ("--codes", "HLCIT_CODE", "--names", "DISTRICT")
    assert "--level" in run("areas", "districts_adm3_hlcit.geojson", *named, code=2)
    assert "no column XYZ" in run(
        "areas", "districts_adm3_hlcit.geojson", "--level", "3", "--codes", "XYZ", code=1
    )
    run("areas", "districts_adm3_hlcit.geojson", "--level", "3", *named)
    told = run("assessment", "district_damage_2015-05-01.geojson")
    assert "joined to areas by code in hlcit_code" in told
    assert "2 had latitude and longitude swapped" in run(
        "facilities", "idp_sites_2015-04-29_some_swapped.geojson"
    )


def area(code, *names, level=1):
    return KnownArea(level, code, names, {})


def test_a_name_that_two_areas_have_joins_nothing():
    areas = [area("A1", "Springfield"), area("A2", "Springfield"), area("A3", "Shelbyville")]
    rows = [{"town": "Springfield"}, {"town": "Shelbyville"}]
    join = find_join(["town"], rows, areas)
    assert [join.codes_of(row) for row in rows] == [{}, {"1": "A3"}]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.text() | st.integers())))
def test_a_join_is_of_loaded_areas_only(rows):
    areas = [area("0", "a"), area("1", "b"), area("x", "0", level=2)]
    join = find_join(["a", "b", "c"], rows, areas)
    if join is not None:
        named = [codes for row in rows if (codes := join.codes_of(row))]
        assert 2 * len(named) >= len(rows)
        assert all(set(codes.values()) <= {"0", "1", "x"} for codes in named)


@pytest.mark.parametrize("text", ["[]", "[1]", '[{"a": {"b": 1}}]', '[{"a": 1}', '[{"a": [1]}]', "[{}, 3]"])
def test_records_that_are_none_are_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused):
        read_records(path)


def test_records_are_told_from_geojson():
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}
    assert is_records(b'\xef\xbb\xbf [\n {"#adm1": 1}]')
    assert not is_records(json.dumps([feature]).encode())
    assert not is_records(json.dumps(feature).encode())
