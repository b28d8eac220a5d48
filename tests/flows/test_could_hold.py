from __future__ import annotations

from tests.flows.small import Known
from wizard.flows.conditions import All, AnyOf, Compare, could_hold

GUARDED = All((Compare("unit.dead", "known", True), Compare("unit.dead", "is", True)))


def test_a_guard_on_a_missing_fact_hides_what_could_hold() -> None:
    assert could_hold(GUARDED, Known())


def test_a_fact_that_is_there_decides() -> None:
    assert not could_hold(GUARDED, Known(unit__dead=False))
    assert not could_hold(GUARDED, Known(unit__dead=True))


def test_another_comparison_that_fails_settles_it() -> None:
    both = All((GUARDED, Compare("dial.outcome", "is", "refused")))
    assert not could_hold(both, Known(dial__outcome="connected"))
    assert could_hold(both, Known(dial__outcome="refused"))


def test_one_open_alternative_is_enough() -> None:
    either = AnyOf((GUARDED, Compare("dial.outcome", "is", "refused")))
    assert could_hold(either, Known(dial__outcome="connected"))
    assert not could_hold(either, Known(dial__outcome="refused"))
