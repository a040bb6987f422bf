"""`ledger verify` finds every kind of tampering, and names the first entry."""

import json

import pytest
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store import ledger, proof


@pytest.fixture
def sealed(store, crisis):
    """A crisis with five sealed reports."""
    ledger.seal(store, crisis.id)  # the policy's entry is number 1
    drafts = [ReportDraft(text=f"report {number}", longitude=-72.3, latitude=18.5) for number in range(5)]
    accept(store, crisis, drafts, Sender("test"))
    ledger.seal(store, crisis.id)
    return crisis


def tamper(store, statement):
    with store.write() as session:
        session.connection().exec_driver_sql(statement)


def test_a_sound_ledger_is_counted(store, sealed):
    found = proof.verify(store, sealed)
    assert (found.sealed, found.unsealed, found.reports, found.erased) == (6, 0, 5, 0)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ('UPDATE ledger SET payload = \'{"commitment":"0","media":0}\' WHERE seq = 3', "entry 3"),
        ("UPDATE ledger SET kind = 'policy' WHERE seq = 4", "entry 4"),
        ("DELETE FROM ledger WHERE seq = 2", "entry 2 is missing"),
        ("UPDATE ledger SET payload = 'torn' WHERE seq = 5", "entry 5"),
        ("UPDATE reports SET commitment = 'x'", "commitment of report"),
        ("UPDATE reports SET damage_low = 5, damage_high = 5", "it was altered"),
        ("UPDATE reports SET lon_e7 = lon_e7 + 1", "it was altered"),
        ("UPDATE reports SET content = X'00'", "it was altered"),
        ("DELETE FROM report_keys", "it was altered"),
        ("DELETE FROM ledger WHERE seq = 6", "is missing"),
    ],
)
def test_tampering_is_named(store, sealed, statement, says):
    if store.is_postgresql:
        statement = statement.replace("X'00'", "'\\x00'")
    tamper(store, statement)
    with pytest.raises(proof.LedgerBroken, match=says):
        proof.verify(store, sealed)


def test_swapped_entries_are_named(store, sealed):
    tamper(store, "UPDATE ledger SET seq = 99 WHERE seq = 3")
    tamper(store, "UPDATE ledger SET seq = 3 WHERE seq = 4")
    tamper(store, "UPDATE ledger SET seq = 4 WHERE seq = 99")
    with pytest.raises(proof.LedgerBroken, match="entry 3"):
        proof.verify(store, sealed)


def test_a_cut_tail_shows_against_an_earlier_head(store, sealed):
    head = proof.read_head(store, sealed, json.dumps(proof.signed_head(store, sealed)))
    assert proof.verify(store, sealed, head).sealed == 6
    tamper(store, "DELETE FROM reports WHERE ledger_id = (SELECT id FROM ledger WHERE seq = 6)")
    tamper(store, "DELETE FROM ledger WHERE seq = 6")
    assert proof.verify(store, sealed).sealed == 5
    with pytest.raises(proof.LedgerBroken, match="entry 6 is missing"):
        proof.verify(store, sealed, head)


def test_a_forged_head_is_refused(store, sealed):
    head = proof.signed_head(store, sealed) | {"seq": 1}
    with pytest.raises(proof.HeadUnreadable, match="signature"):
        proof.read_head(store, sealed, json.dumps(head))
    with pytest.raises(proof.HeadUnreadable):
        proof.read_head(store, sealed, "not a head")
