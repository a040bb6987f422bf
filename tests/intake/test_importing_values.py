"""What a row's values become: places put right, fields held to the contract or left out, rows known again."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.intake.importing import BATCH
from mapper.intake.places import AxesCount, Position, degrees_of, place
from mapper.intake.rows import identity_of
from mapper.intake.understanding import scale_of
from mapper.store.contents import open_contents
from mapper.store.tables import Crisis, ImportRun, LedgerEntry, Report
from sqlalchemy import func, select

HAITI = Crisis(west=-74.6, south=17.9, east=-71.5, north=20.2)


@pytest.fixture
def run(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)

    def invoke(path, *options, code=0):
        arguments = ["import", str(path), "--crisis", "coast", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == code, done.output
        if code == 0:
            invoke.said = done.stderr
            return list(json.loads(done.stdout.splitlines()[-1]).values())
        return done.stderr

    return invoke


@pytest.fixture
def table(tmp_path):
    def write(text, name="a.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def kept(store):
    with store.read() as session:
        reports = session.scalars(select(Report)).all()
        contents = open_contents(session, store.keys, reports)
        return {contents[report.id].text: report for report in reports}


@pytest.mark.parametrize(
    ("degrees", "swapped_file", "expected"),
    [
        ((-72.3, 18.5), False, Position(-72.3, 18.5)),
        ((18.5, -72.3), False, Position(-72.3, 18.5, "swapped")),
        ((18.5, -72.3), True, Position(-72.3, 18.5, "swapped")),
        ((-72.3, 18.5), True, Position(-72.3, 18.5)),
        ((5.7, 50.2), False, Position(5.7, 50.2, "outside_bbox")),
        ((50.2, 5.7), True, Position(5.7, 50.2, "outside_bbox")),
        ((0, 0), False, Position(flag="null_island")),
        ((999, 999), False, Position(flag="unusable")),
        ((18.5, -102.3), False, Position(flag="unusable")),
        ((float("nan"), 18.5), False, Position(flag="unusable")),
        (None, False, Position(flag="unusable")),
    ],
)
def test_places(degrees, swapped_file, expected):
    assert place(HAITI, degrees, swapped_file) == expected


def test_null_island_is_a_place_where_the_crisis_is_there():
    gulf = Crisis(west=-5, south=-5, east=5, north=5)
    assert place(gulf, (0.0, 0.0), False) == Position(0.0, 0.0)


def test_where_both_orders_lie_in_the_box_the_file_decides():
    levant = Crisis(west=30, south=30, east=45, north=45)
    assert place(levant, (35.0, 40.0), False) == Position(35.0, 40.0)
    assert place(levant, (35.0, 40.0), True) == Position(40.0, 35.0, "swapped")


@pytest.mark.parametrize(
    ("values", "degrees"),
    [
        ({"latitude": "18,5", "longitude": "-72,3"}, (-72.3, 18.5)),
        ({"latitude": "72°18'O", "longitude": "18°30'N"}, (-72.3, 18.5)),
        ({"latitude": "18.5, -72.3", "longitude": ""}, (-72.3, 18.5)),
        ({"position": "18.5 -72.3 0 0"}, (-72.3, 18.5)),
        ({"latitude": "18 N", "longitude": "19 N"}, None),
        ({"latitude": "18.5"}, None),
        ({"latitude": "338886289", "longitude": "35.5"}, (35.5, 338886289.0)),
        ({}, None),
    ],
)
def test_degrees_of_a_row(values, degrees):
    found = degrees_of(values)
    assert found == (None if degrees is None else pytest.approx(degrees))


def test_a_file_is_swapped_only_when_hardly_any_row_fits_as_given():
    some, all_rows = AxesCount(HAITI), AxesCount(HAITI)
    lying, standing, abroad, none = (18.5, -72.3), (-72.3, 18.5), (5.7, 50.2), (np.nan, np.nan)
    some.see_many(*np.array([lying if number % 3 else standing for number in range(10)]).T)
    all_rows.see_many(*np.array([none, abroad, *[lying] * 9]).T)
    assert not some.are_swapped
    assert all_rows.are_swapped


def test_a_row_is_known_again_in_any_dress():
    plain = {"text": "a\nb", "lat": "1"}
    assert identity_of(plain) == identity_of({"lat": "1", "text": "a\r\nb", "extra": ""})
    assert identity_of(plain) != identity_of({"text": "a\nb", "lat": "1.0"})


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (["destroyed", "minor-damage", ""], "xbd"),
        (["Destroyed", "Possibly damaged", "Damaged"], "copernicus"),
        (["severe damage", "Destroyed"], "unosat"),
        (["destroyed"], None),
        (["1", "2", "3"], None),
        (["roof gone"], None),
        ([], None),
    ],
)
def test_a_scale_is_known_by_its_words_and_never_by_numbers(values, scale):
    assert scale_of(values) == scale


def test_a_scale_found_in_the_values_grades_the_rows(run, sqlite_store, table):
    path = table("text,damage\na,minor-damage\nb,destroyed\nc,odd\nd,no-damage\ne,major-damage\nf,\n")
    assert run(path) == [6, 6, 0, 0, 6]
    found = kept(sqlite_store)
    assert "scale xbd" in run.said
    assert [(found[name].damage_low, found[name].damage_high) for name in "abcdef"] == [
        (1, 2), (5, 5), (None, None), (0, 0), (3, 4), (None, None),
    ]  # fmt: skip
    assert (found["c"].damage_scale, found["c"].damage_value) == ("xbd", "odd")


def test_the_contracts_own_columns_are_held_to_it(run, sqlite_store, table):
    text = "text,damage_grade,people_affected,service_state,source_url\n"
    text += 'fine,4,"1,250",out,https://example.org/a\nbad grade,9,,,\nbad people,,-5,,\nbad state,,,maybe,\n'
    text += "bad link,,,,javascript:alert(1)\nwords,,about fifty,,\n"
    assert run(table(text)) == [6, 1, 0, 5, 1]
    report = kept(sqlite_store)["fine"]
    assert (report.damage_low, report.people_affected, report.service_state) == (4, 1250, "out")


def test_a_guessed_column_costs_no_row(run, sqlite_store, table):
    text = "text,affected people,url\na,about fifty,javascript:alert(1)\nb,~50,http://example.org\n"
    assert run(table(text)) == [2, 2, 0, 0, 2]
    assert "people_affected could not be read, and is kept in the raw row: 1" in run.said
    found = kept(sqlite_store)
    assert (found["a"].people_affected, found["b"].people_affected) == (None, 50)
    chosen = table("text,crowd\nc,about fifty\n", "b.csv")
    assert run(chosen, "--map", "people_affected=crowd") == [1, 0, 0, 1, 0]


def test_dates_are_read_in_the_files_order_and_the_crisis_zone(run, sqlite_store, table):
    rows = (
        "".join(f"{n},01/02/2026 10:00\n" for n in range(300))
        + "last,02/13/2026\nodd,soon\nlate,01/01/2199\n"
    )
    assert run(table("text,date\n" + rows)) == [303, 303, 0, 0, 303]
    assert "month first" in run.said
    assert "observed_at could not be read, and is kept in the raw row: 2" in run.said
    found = kept(sqlite_store)
    assert found["0"].observed_at.isoformat() == "2026-01-02T15:00:00+00:00"
    assert found["odd"].observed_at is None and found["late"].observed_at is None


def test_the_senders_id_names_a_report_when_it_is_asked_for(run, sqlite_store, table):
    path = table("Serial,text\n1,a\n2,b\n1,a again\n")
    assert run(path, "--dry-run", "--map", "source_id=serial") == [3, 2, 1, 0, 2]
    assert run(path, "--map", "source_id=serial") == [3, 2, 1, 0, 2]
    changed = table("Serial,text\n1,a changed\n3,c\n", "b.csv")
    assert run(changed, "--dry-run", "--map", "source_id=serial") == [2, 1, 1, 0, 1]
    assert run(changed, "--fresh") == [
        2,
        2,
        0,
        0,
        2,
    ]  # a serial number alone is no identity: other files count from 1 too


def test_more_rows_than_a_batch(run, sqlite_store, table):
    rows = "".join(f"report {n % (BATCH + 10)}\n" for n in range(2 * BATCH))
    assert run(table("text\n" + rows)) == [2 * BATCH, BATCH + 10, BATCH - 10, 0, BATCH + 10]
    with sqlite_store.read() as session:
        imports = session.scalars(select(ImportRun)).all()
        entries = session.scalar(select(func.count()).where(LedgerEntry.kind == "import"))
        assert [item.summary["read"] for item in imports] == [2 * BATCH]
        assert all(item.finished_at for item in imports)
        assert entries == 1


def test_texts_are_what_people_wrote(run, sqlite_store, table):
    text = 'title,description,location\n"Fire &amp; smoke","&quot;Help&quot; <b>us</b>",Rue 5\n'
    text += "Same,Same thing,\nnull,N/A,-\n"
    assert run(table(text)) == [3, 2, 0, 1, 2]
    assert set(kept(sqlite_store)) == {'Fire & smoke\n"Help" <b>us</b>', "Same thing"}


def test_a_damaged_text_is_refused_before_any_row(run, sqlite_store, table):
    feature = {"type": "Feature", "geometry": None, "properties": {"text": "a"}}
    whole = json.dumps({"type": "FeatureCollection", "features": [feature] * 3})
    assert "cut off" in run(table(whole[:-2], "a.geojson"), code=1)
    assert kept(sqlite_store) == {}


def test_points_off_earth_and_columns_beside_a_bad_geometry(run, sqlite_store, table):
    def feature(name, coordinates, **properties):
        geometry = {"type": "Point", "coordinates": coordinates}
        return {"type": "Feature", "geometry": geometry, "properties": {"text": name, **properties}}

    features = [
        feature("beyond", [999, 999]),
        feature("columns", ["x", "y"], lat=18.5, lon=-72.3),
        feature("nothing", []),
    ]
    path = table(json.dumps({"type": "FeatureCollection", "features": features}), "a.geojson")
    assert run(path) == [3, 3, 0, 0, 2]
    found = kept(sqlite_store)
    assert (found["columns"].lon_e7, found["columns"].lat_e7) == (-723000000, 185000000)
    assert found["beyond"].position_flag == "unusable"


def test_axes_beyond_the_poles_are_put_right(run, sqlite_store, make_crisis, settings, table):
    make_crisis(sqlite_store, "west", bbox=(-125, 32, -114, 42))
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [34.05, -118.24]},
        "properties": {},
    }
    path = table(json.dumps(feature), "a.geojson")
    arguments = ["import", str(path), "--crisis", "west"]
    done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
    assert json.loads(done.stdout)["needs_location"] == 0
    assert next(iter(kept(sqlite_store).values())).lon_e7 == -1182400000


def test_other_kinds_of_files_go_through_the_fence(run, sqlite_store, tmp_path):
    import numpy as np
    import shapely
    from pyogrio.raw import write

    path = tmp_path / "sites.gpkg"
    point = np.array([shapely.to_wkb(shapely.Point(-72.3, 18.5))], dtype=object)
    words = np.array(["Roof gone"], dtype=object)
    for layer in ("one", "two"):
        write(
            path, point, [words], np.array(["description"]), driver="GPKG", geometry_type="Point",
            crs="EPSG:4326", layer=layer, append=path.exists(), encoding="UTF-8",
        )  # fmt: skip
    assert "one, two" in run(path, code=1)
    assert run(path, "--layer", "one") == [1, 1, 0, 0, 0]
    assert run(path, "--layer", "one", "--format", "gpkg") == [1, 0, 1, 0, 0]
    assert "gpkg, not geojson" in run(path, "--format", "geojson", "--layer", "one", code=1)
    assert list(kept(sqlite_store)) == ["Roof gone"]
