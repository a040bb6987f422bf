"""Any people, any decisions, in any order: what must hold after each."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from mapper.intake.drafts import Sender
from mapper.store.blindness import visible_decisions
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.verification.refusals import DoesNotFit, NoRight
from mapper.verification.rules import Actor
from mapper.verification.service import decide
from mapper.vocabulary.states import Kind, State, may, step

from tests.verification.builders import FIELDS, decisions, load, make_incident

SENDER = Actor(9, frozenset({"verifier"}))
PEOPLE = [Actor(number, frozenset({"verifier"})) for number in (1, 2, 3)] + [
    Actor(4, frozenset({"admin", "donor"})),
    Actor(5, frozenset({"coordinator"})),
    Actor(6, frozenset({"partner"})),
    SENDER,
]
# Membership has tests of its own; here only one incident is looked at.
KINDS = [
    kind for kind in Kind if kind not in (Kind.MERGE, Kind.SPLIT, Kind.DIVIDE, Kind.REJOIN, Kind.KEEP_APART)
]
INTERVALS: st.SearchStrategy[tuple[int | None, int | None]] = st.one_of(
    st.just((None, None)), st.sampled_from([(0, 0), (0, 1), (1, 2), (2, 2), (2, 4), (3, 4), (5, 5)])
)


class Decisions(RuleBasedStateMachine):
    """One incident, and whoever comes along."""

    store: Store
    crisis: Crisis

    @initialize()
    def begin(self) -> None:
        """Start with a new incident whose report one of the people sent."""
        self.id = make_incident(self.store, self.crisis, reports=1, sender=Sender.of_user(SENDER.user_id))
        self.taken = 0

    @rule(actor=st.sampled_from(PEOPLE), kind=st.sampled_from(KINDS), interval=INTERVALS)
    def decides(self, actor: Actor, kind: Kind, interval: tuple[int | None, int | None]) -> None:
        """Somebody decides something; it is taken, or refused for a reason that can be checked."""
        before = load(self.store, self.crisis, self.id)
        earlier = decisions(self.store, self.crisis, self.id)
        fields: dict[str, Any] = FIELDS.get(kind.value, {}) | dict(
            zip(("damage_low", "damage_high"), interval, strict=True)
        )
        try:
            after = decide(self.store, self.crisis, self.id, actor, kind.value, fields, "because")
        except NoRight:
            assert not may(actor.roles, kind)
            after = before
        except DoesNotFit:
            assert may(actor.roles, kind)
            after = before
        else:
            self.taken += 1
            allowed = step(kind, State(before.status))
            assert may(actor.roles, kind)
            assert allowed is not None
            assert after.version > before.version
            if kind is Kind.VERIFY:
                assert actor is not SENDER
                latest = decisions(self.store, self.crisis, self.id)[-1]
                same_round = [item for item in earlier if item.round == latest.round]
                assert all(
                    item.actor_user_id != actor.user_id for item in same_round if item.kind == Kind.VERIFY
                )
            elif allowed.people == 1:
                assert after.status == allowed.to
        assert load(self.store, self.crisis, self.id).version == after.version

    @invariant()
    def the_history_is_whole(self) -> None:
        """Nothing is missing, numbers and rounds rise, and each decision begins where the last ended."""
        every = decisions(self.store, self.crisis, self.id)
        assert [item.number for item in every] == list(range(1, self.taken + 1))
        assert [item.round for item in every] == sorted(item.round for item in every)
        states = ["new", *(item.state_after for item in every)]
        assert [item.state_before for item in every] == states[:-1]
        assert load(self.store, self.crisis, self.id).status == states[-1]

    @invariant()
    def verified_means_two_people(self) -> None:
        """A verified incident has two agreeing assessments by two people in its latest round."""
        incident = load(self.store, self.crisis, self.id)
        assert (incident.verified_at is not None) == (incident.status == "verified")
        if incident.status != "verified":
            return
        every = {str(item.id): item for item in decisions(self.store, self.crisis, self.id)}
        last = [item for item in every.values() if item.kind == Kind.VERIFY and item.effect == "applied"][-1]
        first = every[last.details["confirms"]]
        assert (first.kind, first.round) == (Kind.VERIFY, last.round)
        assert first.actor_user_id != last.actor_user_id
        for end in ("damage_low", "damage_high"):
            one, two = first.details[end], last.details[end]
            assert (one is None) == (two is None)
            assert one is None or abs(one - two) <= 1

    @invariant()
    def two_people_changed_what_two_must(self) -> None:
        """What was applied on a verified incident was decided alike by another person before."""
        every = {str(item.id): item for item in decisions(self.store, self.crisis, self.id)}
        for item in every.values():
            allowed = step(Kind(item.kind), State(item.state_before))
            if item.effect == "applied" and item.kind != Kind.VERIFY and allowed and allowed.people == 2:
                other = every[item.details["confirms"]]
                assert (other.kind, other.effect) == (item.kind, "proposed")
                assert other.actor_user_id != item.actor_user_id

    @invariant()
    def nobody_reads_anothers_open_assessment(self) -> None:
        """Only verified rounds and one's own assessments are shown."""
        every = decisions(self.store, self.crisis, self.id)
        for asker in [None, *(person.user_id for person in PEOPLE)]:
            for item in visible_decisions(every, asker):
                ended = any(
                    other.effect == "applied" and other.round == item.round
                    for other in every
                    if other.kind == Kind.VERIFY
                )
                assert item.kind != Kind.VERIFY or item.actor_user_id == asker or ended

    @invariant()
    def damage_is_an_interval_or_unknown(self) -> None:
        """Unknown is null at both ends, and never one end alone."""
        incident = load(self.store, self.crisis, self.id)
        low, high = incident.damage_low, incident.damage_high
        assert (low is None) == (high is None)
        assert low is None or high is None or 0 <= low <= high <= 5


def test_decisions_in_any_order(store: Store, crisis: Crisis) -> None:
    machine = type("Machine", (Decisions,), {"store": store, "crisis": crisis})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
