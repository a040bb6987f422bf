"""The door is idempotent, atomic and durable before it answers."""

import threading
import time
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mapper.intake import service
from mapper.intake.drafts import DraftMedium, Fate, ReportDraft, Sender
from mapper.intake.preparing import hash_content
from mapper.intake.service import Committer, accept
from mapper.intake.work import KEPT, work
from mapper.store.tables import IdempotencyKey, LedgerEntry, Medium, Report, ReportKey
from sqlalchemy import func, select

SENDER = Sender("user:1", 1)


def draft(text="Bridge down", **changes):
    fields = {
        "text": text,
        "content_hash": hash_content({"text": text}, []),
        "longitude": -72.3,
        "latitude": 18.5,
    }
    return ReportDraft(**(fields | changes))


def count(store, table):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_report_is_kept_with_its_key_and_its_ledger_entry(store, crisis):
    outcome = accept(store, crisis, [draft(category="bridge")], SENDER)[0]
    assert outcome.fate is Fate.ACCEPTED and len(outcome.receipt) == 16
    with store.read() as session:
        report = session.scalars(select(Report)).one()
        assert report.id == outcome.report_id
        assert (report.lon_e7, report.lat_e7) == (-723000000, 185000000)
        assert report.sector == "transport" and report.asset == "bridge"
        assert report.receipt_hash == store.keys.receipt_hash(outcome.receipt)
        assert report.fused_at is None and report.areas_version is None
    assert count(store, ReportKey) == 1
    assert count(store, LedgerEntry) == 2  # the crisis' policy and the report


def test_a_nul_in_a_text_stops_no_report_on_either_engine(store, crisis):
    words = dict.fromkeys(("category", "source_id", "damage_scale", "damage_value", "channel"), "a\x00b")
    drafts = [draft(), draft(text="x\0y", **words)]
    assert [item.fate for item in accept(store, crisis, drafts, SENDER)] == [Fate.ACCEPTED] * 2
    assert accept(store, crisis, drafts[1:], SENDER)[0].fate is Fate.DUPLICATE


def test_the_same_key_and_content_is_the_same_report(store, crisis):
    first = accept(store, crisis, [draft(idempotency_key="k")], SENDER)[0]
    again = accept(store, crisis, [draft(idempotency_key="k")], SENDER)[0]
    other = accept(store, crisis, [draft("Other", idempotency_key="k")], SENDER)[0]
    stranger = accept(store, crisis, [draft(idempotency_key="k")], Sender("user:2", 2))[0]
    assert (again.fate, again.report_id, again.receipt) == (Fate.DUPLICATE, first.report_id, first.receipt)
    assert other.fate is Fate.CONFLICT
    assert stranger.fate is Fate.ACCEPTED
    assert count(store, Report) == 2


def test_the_senders_own_id_names_the_report(store, crisis):
    first = accept(store, crisis, [draft(channel="kobo", source_id="7")], SENDER)[0]
    again = accept(store, crisis, [draft("Changed", channel="kobo", source_id="7")], SENDER)[0]
    other_channel = accept(store, crisis, [draft(channel="sms", source_id="7")], SENDER)[0]
    assert (again.fate, again.report_id) == (Fate.DUPLICATE, first.report_id)
    assert other_channel.fate is Fate.ACCEPTED


def test_a_crisis_knows_only_its_own_keys(store, make_crisis):
    for slug in ("one", "two"):
        outcome = accept(
            store, make_crisis(store, slug), [draft(idempotency_key="k", channel="c", source_id="s")], SENDER
        )
        assert outcome[0].fate is Fate.ACCEPTED


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=8), max_size=4))
def test_any_order_and_grouping_of_repetitions_keeps_each_once(sqlite_store, make_crisis, batches):
    crisis = make_crisis(sqlite_store, f"c{uuid.uuid4().hex[:12]}")
    kept = {}
    for batch in batches:
        drafts = [draft(str(content), idempotency_key=str(key)) for key, content in batch]
        for (key, content), outcome in zip(batch, accept(sqlite_store, crisis, drafts, SENDER), strict=True):
            if key not in kept:
                assert outcome.fate is Fate.ACCEPTED
                kept[key] = (content, outcome.report_id)
            else:
                same = kept[key][0] == content
                assert outcome.fate is (Fate.DUPLICATE if same else Fate.CONFLICT)
                assert outcome.report_id == kept[key][1]


def test_many_threads_with_one_key_keep_one_report(store, crisis):
    committer, outcomes = Committer(store), []

    def send():
        outcomes.append(committer.accept(crisis, draft(idempotency_key="tap"), SENDER))

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.fate.value for outcome in outcomes) == ["accepted"] + ["duplicate"] * 15
    assert len({outcome.report_id for outcome in outcomes}) == 1
    assert count(store, Report) == 1


def test_two_processes_with_one_key_keep_one_report(store, crisis):
    """Two committers stand for two processes: only the database joins them."""
    committers, outcomes = [Committer(store), Committer(store)], []

    def send(number):
        committer = committers[number % 2]
        outcomes.extend(
            committer.accept(crisis, draft(idempotency_key=f"k{key}"), SENDER) for key in range(10)
        )

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcome.fate is Fate.ACCEPTED for outcome in outcomes) == 10
    assert count(store, Report) == 10


def test_a_bad_neighbour_does_not_refuse_the_group(store, crisis, monkeypatch):
    committer = Committer(store)
    bad = draft(people_affected=2**70)
    results = {}

    def send(name, item):
        try:
            results[name] = committer.accept(crisis, item, SENDER)
        except Exception as error:
            results[name] = error

    items = {"bad": bad} | {f"good{number}": draft(str(number)) for number in range(6)}
    threads = [threading.Thread(target=send, args=pair) for pair in items.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert isinstance(results.pop("bad"), Exception)
    assert all(outcome.fate is Fate.ACCEPTED for outcome in results.values())
    assert count(store, Report) == 6


def test_a_commit_that_breaks_off_is_told_to_its_reports_and_hands_on_the_turn(store, crisis, monkeypatch):
    """Not even an interruption of the committing thread may leave others waiting for ever."""
    committer, results = Committer(store), []
    threads = [threading.Thread(target=lambda: results.append(_fate(committer, crisis))) for _ in range(3)]
    going, broken = threading.Event(), threading.Event()

    def breaks_off(*_):
        going.set()
        broken.wait(5)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(service, "_write", breaks_off)
        threads[0].start()
        assert going.wait(5)
        threads[1].start()
        threads[2].start()
        while len(committer._waiting) < 2:
            time.sleep(0.001)
        broken.set()  # the first breaks off alone, then one of the others with both in its hands
        for thread in threads:
            thread.join(10)
    assert results == ["KeyboardInterrupt"] * 3
    assert _fate(committer, crisis) == "accepted"


def _fate(committer, crisis) -> str:
    try:
        return committer.accept(crisis, draft("x"), SENDER).fate.value
    except BaseException as error:
        return type(error).__name__


def test_a_repetitions_media_leave_no_blob_behind(store, crisis, settings):
    photo = DraftMedium(b"pixels", "image/jpeg", "cd" * 32)
    for _ in range(2):
        accept(store, crisis, [draft(idempotency_key="k", media=(photo,))], SENDER)
    assert count(store, Medium) == 1
    assert len([path for path in (settings.data / "blobs").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("longitude", "latitude", "flag", "kept"),
    [
        (-72.3, 18.5, None, True),
        (18.5, -72.3, "swapped", True),
        (4.9, 52.4, "outside_bbox", True),
        (0.0, 0.0, "null_island", False),
        (10.0, 89.0, "outside_bbox", True),
    ],
)
def test_doubtful_positions_are_flagged_and_kept(sqlite_store, make_crisis, longitude, latitude, flag, kept):
    crisis = make_crisis(sqlite_store)
    accept(sqlite_store, crisis, [draft(longitude=longitude, latitude=latitude)], SENDER)
    with sqlite_store.read() as session:
        report = session.scalars(select(Report)).one()
    assert report.position_flag == flag
    assert (report.lon_e7 is not None) is kept and (report.cell_key is not None) is kept


def test_keys_are_forgotten_after_thirty_days(store, crisis, clock):
    accept(store, crisis, [draft(idempotency_key="k")], SENDER)
    assert work(store) == 0
    clock.set(clock() + KEPT * 1.01)
    assert work(store) == 1
    assert count(store, IdempotencyKey) == 0
