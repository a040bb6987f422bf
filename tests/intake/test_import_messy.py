"""Files as people really send them."""

from __future__ import annotations

import csv
import json

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from mapper.cli import main
from mapper.files.csv_batches import csv_batches
from mapper.files.csvs import open_csv
from mapper.store.contents import open_contents
from mapper.store.tables import Report
from sqlalchemy import select


@pytest.fixture
def run(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)

    def invoke(path, *options):
        arguments = ["import", str(path), "--crisis", "coast", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == 0, done.output
        invoke.said = done.stderr
        found = json.loads(done.stdout.splitlines()[-1])
        assert found["read"] == found["accepted"] + found["duplicates"] + found["rejected"]
        return list(found.values())

    return invoke


@pytest.fixture
def kept(sqlite_store):
    def reports():
        with sqlite_store.read() as session:
            found = session.scalars(select(Report).order_by(Report.lat_e7)).all()
            contents = open_contents(session, sqlite_store.keys, found)
        return [(report, contents[report.id]) for report in found]

    return reports


ROWS = [
    ["Commentaire", "Latitude", "Longitude", "Date de l'incident", "Catégorie"],
    ["L'école s'est effondrée; 3 blessés", "18,541", "-72,336", "05/02/2026 14:30", "École"],
    ["Dégâts à l'hôpital &amp; au dépôt", "18°32'27,6\"N", "72°20'09,6\"O", "13/02/2026", "Hôpital"],
    ["Pont coupé", "N 18 33.5", "W 72 20.25", "5 février 2026", "Pont"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_one_table_in_many_dresses(run, kept, tmp_path, encoding, ending, delimiter):
    path = tmp_path / "a.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=ending).writerows(ROWS)
    assert run(path) == [3, 3, 0, 0, 0]
    school, hospital, bridge = kept()
    assert (school[0].lat_e7, school[0].lon_e7) == (185410000, -723360000)
    assert (hospital[0].lat_e7, hospital[0].lon_e7) == (185410000, -723360000)
    assert (bridge[0].lat_e7, bridge[0].lon_e7) == (185583333, -723375000)
    assert {found.observed_at.date().isoformat() for found, _ in kept()} == {"2026-02-05", "2026-02-13"}
    assert {"Dégâts à l'hôpital & au dépôt"} <= {content.text for _, content in kept()}
    assert run(path) == [3, 0, 3, 0, 0]


def test_headings_that_repeat_many_columns_and_titles_above(run, kept, tmp_path):
    path = tmp_path / "a.csv"
    headings = ["Text", "Lat", "Lon", "Notes", "Notes", "", "", *(f"Extra {n}" for n in range(57))]
    row = ["It fell", "18.5", "-72.3", "first", "second", "x", "y", *map(str, range(57))]
    table = [["Damage list of the town"], ["as of 3 March"], [], headings, row, [""] * 64, ["-"] * 64]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(table)
    rejects = tmp_path / "rejects.csv"
    assert run(path, "--rejects", str(rejects)) == [2, 1, 0, 1, 0]
    ((_, content),) = kept()
    assert len(content.raw) == 64
    assert (content.raw["Notes"], content.raw["Notes (2)"], content.raw["column 6"]) == (
        "first",
        "second",
        "x",
    )
    assert rejects.read_text().splitlines()[1].startswith("7,")


def test_swapped_axes_are_put_right_and_said_in_a_sheet(run, kept, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["text", "lat", "lon"])
    for number in range(6):
        book.active.append([f"House {number}", -72.3 - number / 10, 18.5])
    book.save(tmp_path / "a.xlsx")
    assert run(tmp_path / "a.xlsx") == [6, 6, 0, 0, 0]
    assert "are swapped in this file" in run.said and "position swapped: 6" in run.said
    assert {report.lat_e7 for report, _ in kept()} == {185000000}


def test_a_damaged_row_takes_no_neighbour_along(run, tmp_path):
    lines = [f'"House {n} fell",18.{n:05d},-72.3' for n in range(30_000)]
    lines[20_000] = '"House 20000 fell,18.5,-72.3'  # the quote is never closed
    lines[25_000] = "House, again,18.5,-72.3"
    path, rejects = tmp_path / "a.csv", tmp_path / "rejects.csv"
    path.write_text("text,lat,lon\n" + "\n".join(lines) + "\n")
    assert run(path, "--dry-run", "--rejects", str(rejects))[:4] == [30_000, 29_998, 0, 2]
    assert [row.split(",")[0] for row in rejects.read_text().splitlines()[1:]] == ["20002", "25002"]


CELLS = st.text(st.sampled_from("ab,;\"'\n\r \0é"), max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=30),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_quick_reader_and_the_careful_one_agree(tmp_path_factory, rows, ending):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator=ending).writerows([["text", "lat", "lon"], *rows])
    table = open_csv(path)
    quick = [row for batch in csv_batches(table) for row in batch.rows()]
    careful = list(table.records())
    assert [row.line for row in quick] == [record.line for record in careful]
    values = [() if record.problem else record.values for record in careful]
    assert [tuple(row.values.values()) for row in quick] == values


@given(st.text(st.sampled_from('ab,"\n\r'), max_size=80))
def test_the_two_readers_agree_on_damage_too(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text("text,lat,lon\n" + text, newline="")
    table = open_csv(path)
    quick = [(row.line, row.problem) for batch in csv_batches(table) for row in batch.rows()]
    assert quick == [(record.line, record.problem) for record in table.records()]
