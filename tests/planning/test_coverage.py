"""Coverage: the worst-served damaged sector of an area decides its gap."""

from mapper.layers.figures import Reach
from mapper.planning.coverage import coverage_of
from mapper.planning.tally import AreaTally


def damaged(**fields):
    return {"A": AreaTally(verified=1, **fields)}


def test_one_sector_that_nobody_serves_is_not_hidden_by_one_that_many_do():
    by_sector = {"water": damaged(), "health": damaged(people_high=40)}
    reach = {("A", "water"): Reach(90, 100, {"Red Cross"})}
    found = coverage_of("A", by_sector, reach, living=5000)
    assert (found.reached, found.in_need, found.organisations) == (None, 40, 1)


def test_need_is_what_organisations_say_then_reports_then_everybody():
    served = {("A", "water"): Reach(10, None)}
    assert coverage_of("A", {"water": damaged()}, served, 5000).in_need == 5000
    assert coverage_of("A", {"water": damaged(people_high=40)}, served, 5000).in_need == 40
    said = {("A", "water"): Reach(10, 70)}
    assert coverage_of("A", {"water": damaged(people_high=40)}, said, 5000).in_need == 70
    assert coverage_of("A", {"water": damaged()}, served, None).in_need is None
