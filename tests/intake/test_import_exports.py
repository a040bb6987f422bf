"""Exports of KoboToolbox, ODK and Ushahidi, and files that are no reports at all."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.store.contents import open_contents
from mapper.store.tables import Report
from sqlalchemy import select


@pytest.fixture
def run(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)

    def invoke(path, *options, slug="coast"):
        arguments = ["import", str(path), "--crisis", slug, *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == 0, done.output
        invoke.said = done.stderr
        return list(json.loads(done.stdout.splitlines()[-1]).values())

    return invoke


@pytest.fixture
def reports(sqlite_store):
    def kept():
        with sqlite_store.read() as session:
            found = session.scalars(select(Report)).all()
            contents = open_contents(session, sqlite_store.keys, found)
            return {contents[report.id].text: report for report in found}

    return kept


IDS = [f"0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f{number}" for number in range(3)]

KOBO = f"""start;end;group_damage/what_do_you_see;group_damage/type_of_building;where;_where_latitude;_where_longitude;_where_altitude;_where_precision;_id;_uuid;_submission_time;_validation_status;_notes;_status;_submitted_by;__version__;_tags;_index
2026-02-10T08:00:00.000-05:00;2026-02-10T08:05:00.000-05:00;The roof of the school has gone;school;18.541 -72.336 35.2 4.8;18.541;-72.336;35.2;4.8;1;{IDS[0]};2026-02-10T13:06:00;;;submitted_via_web;alice;v1;;1
2026-02-10T09:00:00.000-05:00;2026-02-10T09:05:00.000-05:00;Water tower leans to one side;water_tower;18.545 -72.331 0 0;18.545;-72.331;0;0;2;{IDS[1]};2026-02-10T14:06:00;;;submitted_via_web;alice;v1;;2
"""  # noqa: E501
ODK = f"""SubmissionDate,start,report-description,report-place-Latitude,report-place-Longitude,report-place-Altitude,report-place-Accuracy,report-date_of_damage,meta-instanceID,KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion
2026-02-11T10:00:00.000Z,2026-02-11T04:50:00.000-05:00,Bridge is closed,18.51,-72.31,10.1,6.5,2026-02-09,uuid:{IDS[0]},uuid:{IDS[0]},5,App user,0,0,,approved,collect:x,0,1
2026-02-11T11:00:00.000Z,2026-02-11T05:50:00.000-05:00,n/a,,,,,,uuid:{IDS[1]},uuid:{IDS[1]},5,App user,0,0,,,collect:x,0,1
2026-02-11T12:00:00.000Z,2026-02-11T06:50:00.000-05:00,Wall fell,18.52,-72.32,0,0,2026-02-08,uuid:{IDS[2]},uuid:{IDS[2]},5,App user,0,0,,,collect:x,0,1
"""  # noqa: E501
USHAHIDI = """Post ID,Survey,Post Status,Created (UTC),Updated (UTC),Post Date (UTC),Contact ID,Contact,Source,Title,Description,Categories,Location.lat,Location.lon
17,Damage,published,2026-02-12 10:00:00,2026-02-12 10:00:00,2026-02-11 22:00:00,3,+50900000000,sms,Clinic hit,The clinic &amp; its store burnt down,"5a. Structures effondrees | Collapsed structure, ",18.53,-72.33
18,Damage,draft,2026-02-12 11:00:00,2026-02-12 11:00:00,2026-02-11 23:00:00,,,web,No light,Pylon down near the market,2f. Panne d'electricite | Power outage,18.54,-72.34
"""  # noqa: E501


@pytest.mark.parametrize("says", [(), ("--format", "kobo")])
def test_kobo(run, reports, tmp_path, says):
    path = tmp_path / "a.csv"
    path.write_text(KOBO)
    assert run(path, *says) == [2, 2, 0, 0, 0]
    assert "export of KoboToolbox" in run.said and "_notes" in run.said.split("not read")[1]
    school = reports()["The roof of the school has gone"]
    assert (school.source_id, school.sector, school.position_accuracy_m) == (IDS[0], "education", 4.8)
    assert school.observed_at.isoformat() == "2026-02-10T13:00:00+00:00"
    assert run(path, *says) == [2, 0, 2, 0, 0]


def test_kobo_with_one_column_for_the_place(run, reports, tmp_path):
    path = tmp_path / "a.csv"
    rows = [line.split(";") for line in KOBO.splitlines()]
    path.write_text("\n".join(";".join(row[:5] + row[9:]) for row in rows))
    assert run(path) == [2, 2, 0, 0, 0]
    school = reports()["The roof of the school has gone"]
    assert (school.lat_e7, school.lon_e7, school.position_accuracy_m) == (185410000, -723360000, 4.8)


def test_odk(run, reports, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(ODK)
    assert run(path) == [3, 2, 0, 1, 0]  # the second says nothing
    bridge = reports()["Bridge is closed"]
    assert (bridge.source_id, bridge.position_accuracy_m) == (f"uuid:{IDS[0]}", 6.5)
    assert bridge.observed_at.isoformat() == "2026-02-09T05:00:00+00:00"  # the question, not the form's start
    assert run(path, "--format", "odk") == [3, 0, 2, 1, 0]


def test_ushahidi(run, reports, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(USHAHIDI)
    assert run(path, "--format", "ushahidi") == [2, 2, 0, 0, 0]
    clinic = reports()["Clinic hit\nThe clinic & its store burnt down"]
    assert clinic.observed_at.isoformat() == "2026-02-11T22:00:00+00:00"  # UTC as the heading says
    assert clinic.contact_fingerprint and clinic.damage_low is not None
    assert reports()["No light\nPylon down near the market"].sector == "power"


@pytest.mark.shared
def test_real_exports_of_forms(run, reports, shared, tmp_path):
    run(shared / "xlsform-odk/repeats/tutorial_w_repeats.csv", "--dry-run")
    assert "source_id <- _uuid" in run.said and "position <- gps" in run.said.replace("_gps_latitude", "gps")
    assert run(shared / "xlsform-odk/transportation/transportation.csv") == [
        4,
        1,
        0,
        3,
        1,
    ]  # three rows tell of no place or damage
    assert "source_id <- _uuid" in run.said or "source_id <- meta/instanceID" in run.said


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nepal-2015/district_damage_2015-05-01.geojson", "assessment"),
        ("nepal-2015/districts_adm3_hlcit.geojson", "areas"),
        ("nepal-2015/idp_sites_2015-04-29_some_swapped.geojson", "facilities"),
        ("admin-boundaries/HTI_adm1.geojson", "areas"),
        ("ukraine-power-plants/global_power_plant_database_ukraine.csv", "facilities"),
        ("hxl-iati/input-valid.xlsx", "activities"),
        ("nasty-csv/hxl_latin1.csv", "activities"),
        ("nasty-csv/haiti_utf8_bom.csv", None),
        ("haiti-2010-ushahidi/haiti_ushahidi_redacted.csv", None),
        ("maui-2023-damage-labels/Maui_Wildfires_August_0.geojson", None),
        ("nasty-csv/ukraine_cyrillic_utf8.csv", None),
    ],
)
def test_layers_brought_as_reports_are_warned_of(run, shared, name, kind):
    run(shared / name, "--dry-run")
    assert (f"mapper layer add {kind}" in run.said) if kind else "warning" not in run.said


def test_reports_in_words_of_districts_are_no_layer(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("district,text,deaths,injured,houses damaged\nLéogâne,The market burnt down,1,2,3\n")
    run(path)
    assert "warning" not in run.said
