"""Two people at once: one decision after the other, never half of each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident
from mapper.verification.refusals import DoesNotFit, Refused, Stale
from mapper.verification.service import decide

from tests.verification.builders import (
    ANNA,
    BORIS,
    CHEN,
    DINA,
    decisions,
    do,
    load,
    make_incident,
    report_ids,
    verified,
)


def at_once(*deeds: Callable[[], Incident]) -> list[Incident | Refused]:
    """Run deeds in threads that start together; return what each gave or was refused with."""
    together = threading.Barrier(len(deeds))
    answers: list[Incident | Refused] = []

    def run(deed: Callable[[], Incident]) -> None:
        together.wait()
        try:
            answers.append(deed())
        except Refused as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_on_one_version_one_wins(store: Store, crisis: Crisis) -> None:
    for _ in range(5):
        incident_id = make_incident(store, crisis)
        deeds = (
            partial(decide, store, crisis, incident_id, actor, "reject", {}, "x", if_match=[1])
            for actor in (ANNA, BORIS, CHEN)
        )
        answers = at_once(*deeds)
        assert [isinstance(answer, Stale) for answer in answers].count(True) == 2
        assert len(decisions(store, crisis, incident_id)) == 1


def test_of_two_who_reject_without_a_version_one_is_told(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    answers = at_once(
        lambda: do(store, crisis, incident_id, ANNA, "reject"),
        lambda: do(store, crisis, incident_id, BORIS, "reject"),
    )
    assert [isinstance(answer, DoesNotFit) for answer in answers].count(True) == 1


def test_two_who_assess_at_once_verify_it(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    answers = at_once(
        lambda: do(store, crisis, incident_id, ANNA, "verify"),
        lambda: do(store, crisis, incident_id, BORIS, "verify"),
    )
    assert {answer.status for answer in answers if isinstance(answer, Incident)} == {"in_review", "verified"}
    assert [item.number for item in decisions(store, crisis, incident_id)] == [1, 2]


def test_one_person_in_two_windows_assesses_once(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    deeds = (partial(do, store, crisis, incident_id, ANNA, "verify", damage_low=low) for low in (2, 3))
    answers = at_once(*deeds)
    assert [isinstance(answer, DoesNotFit) for answer in answers].count(True) == 1
    assert load(store, crisis, incident_id).status == "in_review"


def test_two_proposals_at_once_are_one_change(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    at_once(
        lambda: do(store, crisis, incident_id, CHEN, "retract"),
        lambda: do(store, crisis, incident_id, DINA, "retract"),
    )
    effects = [item.effect for item in decisions(store, crisis, incident_id)]
    assert effects == ["assessment", "applied", "proposed", "applied"]


def test_merging_into_each_other_ends_with_one(store: Store, crisis: Crisis) -> None:
    one, two = make_incident(store, crisis), make_incident(store, crisis)
    answers = at_once(
        lambda: decide(store, crisis, one, ANNA, "merge", {"into": str(two)}, "same house"),
        lambda: decide(store, crisis, two, BORIS, "merge", {"into": str(one)}, "same house"),
    )
    assert [isinstance(answer, Refused) for answer in answers].count(True) == 1
    assert sorted(len(report_ids(store, crisis, item)) for item in (one, two)) == [0, 4]
