"""The log says what went wrong, and nothing that a person told us."""

import json

import pytest
from mapper import worker
from mapper.store.logs import init_logs
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError


def fails(_store):
    contact = "+380 44 1234567"
    raise ValueError(f"cannot, {len(contact)}")


def test_a_failing_step_is_logged_without_the_values_at_hand(sqlite_store, monkeypatch, capfd):
    init_logs("info")
    monkeypatch.setattr(worker, "STEPS", (("fusion", fails),))
    assert worker.work_once(sqlite_store) == {"fusion": 0}
    out, err = capfd.readouterr()
    assert out == ""
    line = json.loads(err)
    assert line["step"] == "fusion" and "cannot, 15" in line["exception"]
    assert "1234567" not in err.replace('contact = \\"+380 44 1234567', "")  # the source line may be shown


def test_less_severe_messages_are_left_out(sqlite_store, monkeypatch, capfd):
    init_logs("error")
    worker.log.warning("not now")
    assert capfd.readouterr().err == ""


def test_an_error_of_the_database_names_no_values(sqlite_store, make_crisis):
    crisis = make_crisis(sqlite_store)
    row = {"slug": crisis.slug, "name": "Somebody's secret"}
    with pytest.raises(IntegrityError) as refused, sqlite_store.writing() as connection:
        connection.execute(insert(type(crisis)), [row])
    assert "secret" not in str(refused.value)
