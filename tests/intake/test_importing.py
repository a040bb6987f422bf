"""Files of reports: every row is accounted for, whatever the file looks like."""

import csv
import json

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.store.contents import open_contents
from mapper.store.tables import ImportRun, Report
from sqlalchemy import select

HAITI = {"bbox": (-74.6, 17.9, -71.5, 20.2)}


@pytest.fixture
def run(settings, sqlite_store):
    def invoke(path, *options, code=0, slug="coast"):
        arguments = ["import", str(path), "--crisis", slug, *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == code, done.output
        return json.loads(done.stdout.splitlines()[-1]) if code == 0 else done

    return invoke


def counts(read, accepted, duplicates=0, rejected=0, needs_location=0):
    return {
        "read": read,
        "accepted": accepted,
        "duplicates": duplicates,
        "rejected": rejected,
        "needs_location": needs_location,
    }


def reports(store):
    with store.read() as session:
        return session.scalars(select(Report)).all()


CSV = """id,text,lat,lon,date,damage_grade,category
1,Roof gone,18.5,-72.3,05/02/2026 10:00,4,school
2,No place,,,,,house
3,Bad grade,18.6,-72.4,,9,house
4,Broken place,abc,-72.4,,1,house
5,Swapped,-72.2,18.7,,1,house
6,Null,0,0,,,house
,,,,,,
7,"Roof &amp; walls
gone",18.5,-72.3,,,hospital
1,Roof gone,18.5,-72.3,05/02/2026 10:00,4,school
8,too,many,cells,in,this,row,really,yes
"""


def test_each_row_has_its_fate(run, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store)
    path, rejects = tmp_path / "a.csv", tmp_path / "rejects.csv"
    path.write_text(CSV, encoding="utf-8")
    assert run(path, "--dry-run") == counts(9, 6, 1, 2, 3)
    assert not reports(sqlite_store)
    assert run(path, "--rejects", str(rejects)) == counts(9, 6, 1, 2, 3)
    refused = list(csv.DictReader(rejects.open(encoding="utf-8")))
    assert [(row["line"], row["field"]) for row in refused] == [("4", "damage_grade"), ("12", "")]
    assert all(row["reason"] for row in refused)
    found = reports(sqlite_store)
    flags = sorted(report.position_flag or "" for report in found)
    assert flags == ["", "", "", "null_island", "swapped", "unusable"]
    with sqlite_store.read() as session:
        texts = {content.text for content in open_contents(session, sqlite_store.keys, found).values()}
        raws = [content.raw for content in open_contents(session, sqlite_store.keys, found).values()]
        assert session.scalars(select(ImportRun)).one().summary["accepted"] == 6
    assert "Roof & walls\ngone" in texts
    assert any(raw["lat"] == "abc" for raw in raws)  # what could not be used is kept
    assert run(path) == counts(9, 0, 7, 2, 0)


def test_the_same_rows_in_another_dress_are_the_same_reports(run, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store)
    plain, dressed = tmp_path / "a.csv", tmp_path / "b.csv"
    plain.write_text("text,lat,lon\nDégâts,18.5,-72.3\n", encoding="utf-8")
    dressed.write_bytes("text;lat;lon\rDégâts;18.5;-72.3\r".encode("utf-16"))
    assert run(plain) == counts(1, 1)
    assert run(dressed) == counts(1, 0, 1)


def test_geojson_shapes_stand_for_themselves(run, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store)
    square = [[[-72.4, 18.4], [-72.2, 18.4], [-72.2, 18.6], [-72.4, 18.6], [-72.4, 18.4]]]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-72.3, 18.5]},
            "properties": {"text": "a"},
        },
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": square},
            "properties": {"text": "b"},
        },
        {"type": "Feature", "geometry": None, "properties": {"text": "c"}},
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [999, 1]},
            "properties": {"text": "d"},
        },
        {"type": "Feature", "geometry": None, "properties": {}},
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert run(path) == counts(5, 4, 0, 1, 2)
    assert run(path) == counts(5, 0, 4, 1, 0)
    assert {report.lon_e7 for report in reports(sqlite_store)} == {-723000000, None}


def test_what_cannot_be_read_is_said(run, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store)
    path = tmp_path / "a.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "Error" in run(path, code=1).stderr
    path.write_text('[{"text": "a list of objects is no GeoJSON"}]')
    assert "GeoJSON object" in run(path, code=1).stderr
    path.write_text("text\nx\n")
    assert "no crisis" in run(path, code=1, slug="nowhere").stderr
    assert "no field colour" in run(path, "--map", "colour=text", code=2).stderr
    assert "no column y" in run(path, "--map", "text=y", code=2).stderr
    run(path, "--map", "text", code=2)
    run(tmp_path / "absent.csv", code=2)


@pytest.mark.parametrize(
    "text",
    [
        "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>',
    ],
)
@pytest.mark.parametrize("name", ["evil.geojson", "evil.csv", "evil.kml"])
def test_a_file_that_points_elsewhere_is_no_report(run, sqlite_store, make_crisis, tmp_path, name, text):
    make_crisis(sqlite_store)
    path = tmp_path / name
    path.write_text(text)
    run(path, code=1)
    run(path, "--format", "geojson", code=1)
    assert not reports(sqlite_store)


@pytest.mark.shared
def test_haiti_travels_whole(run, sqlite_store, make_crisis, shared):
    make_crisis(sqlite_store, **HAITI)
    path = shared / "haiti-2010-ushahidi/haiti_ushahidi_redacted.csv"
    assert run(path) == counts(3593, 3593)
    assert run(path) == counts(3593, 0, 3593)
    found = reports(sqlite_store)
    outside = [report for report in found if report.position_flag == "outside_bbox"]
    assert len(outside) == 13  # three far out, nine in Santo Domingo, one off the coast
    assert all(report.observed_at is not None for report in found)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "options", "swapped"),
    [
        ("haiti_utf8_bom", (), 0),
        ("haiti_french_cp1252", (), 0),
        ("haiti_semicolon_decimal_comma", (), 0),
        ("haiti_dms_french_O_for_west", (), 0),
        ("haiti_lat_lon_swapped", (), 60),
        ("haiti_some_rows_swapped", (), 9),
    ],
)
def test_awkward_haitian_files(run, sqlite_store, make_crisis, shared, name, options, swapped):
    make_crisis(sqlite_store, **HAITI)
    assert run(shared / f"nasty-csv/{name}.csv", *options) == counts(60, 60)
    found = reports(sqlite_store)
    assert sum(report.position_flag == "swapped" for report in found) == swapped
    assert sum(report.position_flag in (None, "swapped") for report in found) >= 59
    assert all(report.observed_at.year == 2010 for report in found)


@pytest.mark.shared
def test_cyrillic_headings_and_mixed_dates(run, sqlite_store, make_crisis, shared):
    make_crisis(sqlite_store, bbox=(22, 44, 41, 53), timezone="Europe/Kyiv")
    assert run(shared / "nasty-csv/ukraine_cyrillic_utf8.csv") == counts(7, 7)
    found = reports(sqlite_store)
    assert all(report.observed_at and report.position_flag is None for report in found)


@pytest.mark.shared
def test_hxl_in_latin1(run, sqlite_store, make_crisis, shared):
    make_crisis(sqlite_store)
    assert run(shared / "nasty-csv/hxl_latin1.csv") == counts(4, 4, needs_location=4)
    with sqlite_store.read() as session:
        found = open_contents(session, sqlite_store.keys, reports(sqlite_store)).values()
    assert {content.location_text for content in found} == {"Los Santos", "Cauca", "Chocó", "Amazonas"}


@pytest.mark.shared
def test_nepals_sites_and_mauis_shapes(run, sqlite_store, make_crisis, shared):
    make_crisis(sqlite_store, bbox=(80, 26, 89, 31))
    assert run(shared / "nepal-2015/idp_sites_2015-04-29_some_swapped.geojson") == counts(34, 34)
    assert sum(report.position_flag == "swapped" for report in reports(sqlite_store)) == 2
    make_crisis(sqlite_store, "maui", bbox=(-157, 20, -156, 21))
    maui = shared / "maui-2023-damage-labels/Maui_Wildfires_August_0.geojson"
    assert run(maui, slug="maui") == counts(106, 106)
    assert run(maui, slug="maui") == counts(106, 0, 106)


UKRAINIAN = """Населений пункт,Опис,Широта,Довгота,Дата
Харків,"Обстріл житлового будинку, є поранені",50.0036,36.2307,24.02.2022 05:40
Маріуполь,Удар по лікарні; немає води та світла,47.0971,37.5434,09.03.2022 15:00
Ізюм,Міст через річку підірвано,49.212,37.2569,04.03.2022
"""
ARABIC = """الموقع\tالوصف\tخط العرض\tخط الطول\tالتاريخ
حلب\tقصف مبنى سكني، لا ماء\t٣٦٫٢٠٢١\t٣٧٫١٣٤٣\t٢٠١٦/٠٩/٢٤
إدلب\tتدمير مستشفى\t٣٥٫٩٣٠٦\t٣٦٫٦٣٣٩\t٢٤/٠٩/٢٠١٦ ١٠:٣٠
"""


def test_cyrillic_in_an_old_code_page(run, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store, bbox=(22, 44, 41, 53), timezone="Europe/Kyiv")
    rows = list(csv.reader(UKRAINIAN.splitlines()))
    path = tmp_path / "a.csv"
    with path.open("w", encoding="cp1251", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerows(
            [[*row[:2], row[2].replace(".", ","), row[3].replace(".", ","), row[4]] for row in rows]
        )
    assert run(path) == counts(3, 3)
    found = reports(sqlite_store)
    assert {report.lat_e7 for report in found} == {500036000, 470971000, 492120000}
    assert {report.observed_at.isoformat() for report in found} >= {"2022-02-24T03:40:00+00:00"}


def test_arabic_digits_in_utf16(run, sqlite_store, make_crisis, tmp_path):
    make_crisis(sqlite_store, bbox=(35, 32, 43, 38), timezone="Asia/Damascus")
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe" + ARABIC.encode("utf-16-le"))
    assert run(path) == counts(2, 2)
    found = reports(sqlite_store)
    assert {(report.lon_e7, report.lat_e7) for report in found} == {
        (371343000, 362021000),
        (366339000, 359306000),
    }
    assert {report.observed_at.date().isoformat() for report in found} == {"2016-09-23", "2016-09-24"}
