"""`--json` is understood by every command that prints something for programs."""

import json

import pytest
from click.testing import CliRunner
from mapper.cli import main

REPORTS = "report_id,reported_at,lat,lon,text\n1,2026-03-01T09:00:00Z,18.5,-72.3,Bridge down\n"
TRUTH = "report_id,incident_id\n1,a\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["ledger", "verify", "--crisis", "coast"],
        ["ledger", "head", "--crisis", "coast"],
        ["ledger", "seal-day", "--crisis", "coast"],
        ["ledger", "export", "--crisis", "coast", "--output", "bundle.zip"],
        ["import", "reports.csv", "--crisis", "coast"],
        ["fusion", "score", "reports.csv", "truth.csv"],
        ["publish", "--crisis", "coast"],
        ["work", "--until-idle"],
        ["crisis", "list"],
    ],
)
def test_json_is_printed_on_demand(settings, sqlite_store, make_crisis, tmp_path, monkeypatch, arguments):
    make_crisis(sqlite_store)
    (tmp_path / "reports.csv").write_text(REPORTS, encoding="utf-8")
    (tmp_path / "truth.csv").write_text(TRUTH, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, [*arguments, "--json"], env={"MAPPER_DATA": str(settings.data)})
    assert done.exit_code == 0, done.output
    assert isinstance(json.loads(done.stdout.splitlines()[-1]), dict)
