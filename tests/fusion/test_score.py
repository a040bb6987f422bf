"""`mapper fusion score`: the contract's answer, on real data and on bad files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mapper.fusion.commands import fusion
from mapper.fusion.metrics import compare

KEYS = {
    "pair_precision",
    "pair_recall",
    "bcubed_precision",
    "bcubed_recall",
    "bcubed_f",
    "reports",
    "incidents",
    "seconds",
}
HEAD = "report_id,reported_at,lat,lon,location_text,category,text,channel\n"
REPORTS = (
    HEAD
    + "a,2026-03-01T10:00:00Z,50.10012,30.10034,Town,School,School roof burnt,t\n"
    + "b,2026-03-01T11:00:00Z,50.10042,30.10054,,School,The school's roof has burnt,t\n"
    + "c,2026-03-09T11:00:00Z,50.50042,30.90054,,,Bridge closed,t\n"
)
TRUTH = "report_id,incident_id\na,1\nb,1\nc,2\n"


def score(folder: Path, reports: str, truth: str) -> Result:
    """Run the command on two texts."""
    (folder / "reports.csv").write_text(reports, encoding="utf-8")
    (folder / "truth.csv").write_text(truth, encoding="utf-8")
    return CliRunner().invoke(fusion, ["score", str(folder / "reports.csv"), str(folder / "truth.csv")])


def test_answers_in_json(tmp_path: Path) -> None:
    result = score(tmp_path, REPORTS, TRUTH)
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(answer) == KEYS
    assert (answer["bcubed_f"], answer["reports"], answer["incidents"]) == (1.0, 3, 2)


def test_values_that_cannot_be_read_count_as_not_given(tmp_path: Path) -> None:
    odd = (
        REPORTS
        + "d,yesterday,north,999,,,,\na,2026-03-01T10:00:00Z,,,,,twice,\n,2026-03-01T10:00:00Z,,,,,,\n"
    )
    result = score(tmp_path, odd, TRUTH + "d,9\n")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["reports"] == 4
    for part in ("line 5: reported_at", "line 5: lon and lat", "line 6: report_id is there", "line 7"):
        assert part in result.stderr


@pytest.mark.parametrize(
    ("reports", "truth", "sentence"),
    [
        ("", TRUTH, "empty"),
        (REPORTS, "name,label\na,1\n", "truth.csv has no column report_id, incident_id"),
        ("id,text\n1,x\n", TRUTH, "reports.csv has no column report_id, reported_at"),
        (REPORTS, "report_id,incident_id\nz,1\n", "no report_id in common"),
        ("<html>", TRUTH, "HTML"),
    ],
)
def test_bad_files_get_a_sentence(tmp_path: Path, reports: str, truth: str, sentence: str) -> None:
    result = score(tmp_path, reports, truth)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stdout == ""


def test_used_wrongly() -> None:
    assert CliRunner().invoke(fusion, ["score", "only-one.csv"]).exit_code == 2
    assert CliRunner().invoke(fusion, ["score", "no.csv", "where.csv"]).exit_code == 1


def test_metrics_by_hand() -> None:
    right = compare([1, 1, 1, 2], ["x", "x", "y", "y"])
    assert right.pair_precision == pytest.approx(1 / 3)
    assert right.pair_recall == pytest.approx(1 / 2)
    assert right.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert right.bcubed_recall == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)
    assert compare([1, 2], ["x", "y"]).pair_precision == 1.0


@pytest.mark.shared
def test_on_the_analysts_grouping(shared: Path) -> None:
    folder = shared / "fusion-benchmark-ukraine-dev"
    result = CliRunner().invoke(fusion, ["score", str(folder / "reports.csv"), str(folder / "truth.csv")])
    answer = json.loads(result.stdout)
    assert answer["reports"] == 1559
    assert answer["bcubed_f"] >= 0.965
    assert answer["pair_precision"] >= 0.95
