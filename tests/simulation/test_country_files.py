"""The invented country in files and as layers: whole, in proportion, readable by the layers' own reader."""

import csv
import json

import pytest
import shapely
from click.testing import CliRunner
from mapper.cli import main
from mapper.layers.background import in_force, rows_of
from mapper.layers.service import layers_of
from mapper.simulation.country_files import load_country, write_country
from mapper.simulation.relief import activities, funding, people_in_need, stock
from mapper.simulation.service import into_store, story_of
from mapper.store.tables import Crisis

from tests.simulation.stories import BBOX, UNTIL, a_story

FILES = {
    "areas_adm1.geojson", "areas_adm2.geojson", "towns.csv", "population.csv", "roads.geojson",
    "facilities.geojson", "activities.csv", "stock.csv", "funding.csv",
}  # fmt: skip


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store, bbox=BBOX, languages=["en", "ar", "uk"])


def test_the_country_is_written_twice_the_same(tmp_path):
    for name in ("one", "two"):
        write_country(a_story(2_000), tmp_path / name)
    assert {path.name for path in (tmp_path / "one").iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    roads = json.loads((tmp_path / "one" / "roads.geojson").read_text())["features"]
    land = a_story(2_000).world.land
    assert len(roads) > 10
    assert all(land.buffer(1e-5).covers(shapely.geometry.shape(road["geometry"])) for road in roads)
    towns = list(csv.DictReader((tmp_path / "one" / "towns.csv").open(encoding="utf-8")))
    assert len({town["name"] for town in towns}) == len(towns) == 24
    assert all(town["pcode"].startswith("XS") for town in towns)


def test_help_is_in_proportion_to_need_and_leaves_gaps():
    story = a_story(5_000)
    need, rows = people_in_need(story), list(activities(story))
    codes = {(story.world.places[place].code, sector): people for (place, sector), people in need.items()}
    assert 0.4 * len(need) < len(rows) < 0.95 * len(need)
    for row in rows:
        assert codes[row["ADM2_PCODE"], row["Sector"]] == row["People in need"] >= row["People reached"] >= 0
    assert {row["Status"] for row in rows} >= {"ongoing", "completed"}
    assert all(row["Quantity"] >= 0 for row in stock(story)) and len(list(stock(story))) == 48
    assert all(0 <= row["Received"] < row["Required"] for row in funding(story) if row["Required"])


def test_the_files_load_as_layers(sqlite_store, crisis, tmp_path):
    story = story_of(sqlite_store, crisis, 1_000, 2.0, 5, UNTIL)
    before = into_store(sqlite_store, crisis, story_of(sqlite_store, crisis, 10, 2.0, 5, UNTIL), None)
    write_country(story, tmp_path)
    load_country(sqlite_store, crisis, tmp_path)
    with sqlite_store.read() as session:
        crisis = session.get_one(Crisis, crisis.id)
        assert [layer.level for layer in layers_of(session, crisis.id)] == [1, 2]
        for kind in ("population", "facilities", "roads", "activities"):
            assert [layer.features > 0 for layer in in_force(session, crisis.id, kind)] == [True]
        (layer,) = in_force(session, crisis.id, "population")
        people = sum(properties["people"] for _, properties in rows_of(session, layer))
        (layer,) = in_force(session, crisis.id, "activities")
        work = [properties for _, properties in rows_of(session, layer)]
    assert people > story.world.population.sum()
    assert all(item["sector"] != "unknown" for item in work)
    load_country(sqlite_store, crisis, tmp_path)  # again: nothing twice
    # The same story on the areas it has loaded is told on: the invented places are the same.
    again = into_store(sqlite_store, crisis, story_of(sqlite_store, crisis, 10, 2.0, 5, UNTIL), None)
    assert again.kept == before.reports == again.reports


def test_the_command_writes_and_loads_the_country(settings, sqlite_store, crisis, tmp_path):
    env = {"MAPPER_DATA": str(settings.data)}
    arguments = ["simulate", "--crisis", "coast", "--incidents", "500", "--until", "2026-03-01T00:00:00Z"]
    arguments += ["--out", str(tmp_path / "reports.csv"), "--layers"]
    assert CliRunner().invoke(main, arguments, env=env).exit_code == 2
    folder = tmp_path / "country"
    done = CliRunner().invoke(main, [*arguments, "--country", str(folder)], env=env)
    assert done.exit_code == 0, done.output
    assert {path.name for path in folder.iterdir()} == FILES
