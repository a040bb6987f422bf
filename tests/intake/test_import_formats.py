"""Real files of every format, made by the programs people use, travel whole."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import geopandas
import openpyxl
import pandas
import pytest
import shapely
from click.testing import CliRunner
from mapper.cli import main
from mapper.intake.tables import FORMATS, OTHER_NAMES, open_table
from mapper.store.contents import open_contents
from mapper.store.tables import Report
from sqlalchemy import select

WORDS = [f"Дах пошкоджено №{number}, l'école — «ouverte»" for number in range(40)]


@pytest.fixture
def run(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)

    def invoke(path, *options, code=0):
        arguments = ["import", str(path), "--crisis", "coast", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == code, done.output
        return json.loads(done.stdout.splitlines()[-1]) if code == 0 else done

    return invoke


def frame():
    when = [datetime(2026, 2, 1 + number % 28, 10, 30, tzinfo=UTC) for number in range(40)]
    points = [shapely.Point(-72.5 + number / 100, 18.2 + number / 100) for number in range(40)]
    columns = {"text": WORDS, "grade": [number % 6 for number in range(40)], "category": "school"}
    return geopandas.GeoDataFrame(columns | {"when": pandas.to_datetime(when)}, geometry=points, crs=4326)


def write(path, driver, made=None):
    """GDAL makes a folder of what has no extension."""
    named = path.with_suffix({"GPKG": ".gpkg", "LIBKML": ".kml", "FlatGeobuf": ".fgb"}[driver])
    (frame() if made is None else made).to_file(named, driver=driver)
    named.rename(path)


def zipped_shapefile(path):
    folder = path.parent / "shapes"
    folder.mkdir()
    frame().to_file(folder / "reports.shp", encoding="UTF-8")
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)


def kmz(path):
    inside = path.with_suffix(".kml")
    frame().rename(columns={"text": "description"}).to_file(inside, driver="LIBKML")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inside, "doc.kml")
        archive.writestr("files/icon.png", b"x")


def gpx(path):
    named = frame().rename(columns={"text": "desc", "when": "time"})[["desc", "time", "geometry"]]
    named.to_file(path, driver="GPX", layer="waypoints")


def xlsx(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Text", "Grade", "Category", "When", "Latitude", "Longitude"])
    rows = frame()
    for row in rows.itertuples():
        moment = row.when.to_pydatetime().replace(tzinfo=None)
        sheet.append([row.text, row.grade, row.category, moment, row.geometry.y, row.geometry.x])
    book.create_sheet("Notes").append(["made by hand"])
    book.save(path)


def csv(path):
    rows = frame()
    rows["lat"], rows["lon"] = rows.geometry.y, rows.geometry.x
    rows.drop(columns="geometry").to_csv(path, index=False)


MAKERS = {
    "gpkg": lambda path: write(path, "GPKG"),
    "shapefile": zipped_shapefile,
    "kml": lambda path: write(path, "LIBKML", frame().rename(columns={"text": "description"})),
    "kmz": kmz,
    "flatgeobuf": lambda path: write(path, "FlatGeobuf"),
    "geoparquet": lambda path: frame().to_parquet(path, write_covering_bbox=True, schema_version="1.1.0"),
    "geojson": lambda path: frame().to_file(path, driver="GeoJSON"),
    "geojsonseq": lambda path: frame().to_file(path, driver="GeoJSONSeq"),
    "gpx": gpx,
    "xlsx": xlsx,
    "csv": csv,
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("says", [True, False])
def test_a_file_of_each_format_travels_whole(run, sqlite_store, tmp_path, kind, says):
    path = tmp_path / "made"
    MAKERS[kind](path)
    path = path.rename(tmp_path / "file.txt")  # the bytes tell what it is
    options = ["--format", kind] if says else []
    whole = {"read": 40, "accepted": 40, "duplicates": 0, "rejected": 0, "needs_location": 0}
    assert run(path, *options) == whole
    assert run(path, *options) == whole | {"accepted": 0, "duplicates": 40}
    with sqlite_store.read() as session:
        reports = session.scalars(select(Report)).all()
        contents = open_contents(session, sqlite_store.keys, reports)
    assert sorted(content.text for content in contents.values()) == sorted(WORDS)
    assert {(report.lon_e7, report.lat_e7) for report in reports} == {
        (-725000000 + number * 100000, 182000000 + number * 100000) for number in range(40)
    }
    assert kind == "shapefile" or all(report.observed_at.hour in (10, 15) for report in reports)
    assert kind == "gpx" or {report.sector for report in reports} == {"education"}


@pytest.mark.parametrize("kind", ["gpkg", "flatgeobuf", "geoparquet", "kml"])
def test_areas_stand_for_themselves_by_a_point_inside(run, sqlite_store, tmp_path, kind):
    path = tmp_path / "made"
    shapes = frame().to_crs(32618).buffer(50, cap_style="square")
    drivers = {"gpkg": "GPKG", "flatgeobuf": "FlatGeobuf", "kml": "LIBKML"}
    made = frame()[["category"]].assign(description=WORDS)
    made = geopandas.GeoDataFrame(made, geometry=shapes if kind != "kml" else shapes.to_crs(4326))
    if kind == "geoparquet":
        made.to_parquet(path)
    else:
        write(path, drivers[kind], made)
    assert run(path)["needs_location"] == 0
    with sqlite_store.read() as session:
        reports = session.scalars(select(Report)).all()
        raw = next(iter(open_contents(session, sqlite_store.keys, reports).values())).raw
    assert len(reports) == 40 and not any(report.position_flag for report in reports)
    assert min(report.lon_e7 for report in reports) == pytest.approx(-725000000, abs=20)
    assert raw["geometry"]["type"] == "Polygon"


def test_a_format_that_the_file_is_not_is_said(run, tmp_path):
    path = tmp_path / "a.gpkg"
    MAKERS["csv"](path)
    assert "not gpkg" in run(path, "--format", "gpkg", code=1).stderr
    gpkg = tmp_path / "b.csv"
    MAKERS["gpkg"](gpkg)
    assert "is gpkg, not kml" in run(gpkg, "--format", "kml", code=1).stderr
    run(gpkg, "--format", "csv", code=1)
    run(gpkg, "--format", "word", code=2)
    assert set(OTHER_NAMES.values()) <= set(FORMATS)


def test_rows_that_are_refused_have_their_number_in_any_format(run, tmp_path):
    made = frame()
    made["damage_grade"] = [9 if number in (4, 20) else 1 for number in range(40)]
    made.loc[7, ["text", "category"]] = None
    made.loc[7, "geometry"] = None
    for name, driver in (("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf"), ("a.geojson", "GeoJSON")):
        path, rejects = tmp_path / name, tmp_path / f"{name}.csv"
        options = {"SPATIAL_INDEX": "NO"} if driver == "FlatGeobuf" else {}
        made.to_file(path, driver=driver, **options)
        found = run(path, "--rejects", str(rejects), "--dry-run")
        assert found == {"read": 40, "accepted": 37, "duplicates": 0, "rejected": 3, "needs_location": 0}
        lines = [row.split(",")[0] for row in rejects.read_text().splitlines()[1:]]
        first = 5 if driver == "GeoJSON" else 0  # the lines before the features
        assert lines == [str(number + first) for number in (5, 8, 21)]


def test_a_sheet_has_its_own_row_numbers_and_odd_cells(run, sqlite_store, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"] = "Comment", "Lat", "Lon", "damage_grade"
    for row, values in (
        (5, ("whole", 18.5, -72.3, 3)),
        (6, ("bad", "18,6", "72°18'O", 77)),
        (9, ("c", 18, -72, None)),
    ):
        for column, value in zip("BCDE", values, strict=True):
            sheet[f"{column}{row}"] = value
    path, rejects = tmp_path / "a.xlsx", tmp_path / "rejects.csv"
    book.save(path)
    found = run(path, "--rejects", str(rejects))
    assert found == {"read": 3, "accepted": 2, "duplicates": 0, "rejected": 1, "needs_location": 0}
    assert rejects.read_text().splitlines()[1].startswith("6,")


def test_a_sheet_can_be_chosen(run, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["how to read this"])
    for name, text in (("North", "a"), ("South", "b")):
        sheet = book.create_sheet(name)
        sheet.append(["text", "lat", "lon"])
        sheet.append([text, 18.5, -72.5])
    path = tmp_path / "a.xlsx"
    book.save(path)
    table = open_table(path, None)
    assert "North" in table.description and "South" in table.description
    assert run(path)["accepted"] == 1
    assert run(path, "--layer", "South")["accepted"] == 1
    assert "no table" in run(path, "--layer", "East", code=1).stderr


def test_kml_folders_are_read_together(run, sqlite_store, tmp_path):
    marks = "".join(
        f"<Folder><name>{folder}</name><Placemark><name>{name}</name>"
        "<description>It &lt;burns&gt;</description>"
        f"<Point><coordinates>-72.{place},18.5</coordinates></Point></Placemark></Folder>"
        for place, (folder, name) in enumerate((("School", "A"), ("Hospital", "B")), 3)
    )
    path = tmp_path / "a.kml"
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>')
    assert run(path)["accepted"] == 2
    with sqlite_store.read() as session:
        reports = session.scalars(select(Report)).all()
    assert {report.sector for report in reports} == {"education", "health"}
