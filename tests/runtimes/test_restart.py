"""Which failures belong to a restart, and which were there before or after it."""

from __future__ import annotations

import pytest

from wizard.proxies.facts import ErrorLog
from wizard.runtimes.facts import Owner
from wizard.runtimes.restart import Restart, of

STOP, START = 1_000.0, 1_002.0


def restart(first: float, last: float, **change: float) -> Restart:
    owner = Owner(
        unit="shop.service", restarts=0,
        left_active=change.get("stop", STOP), active_since=change.get("start", START),
    )  # fmt: skip
    facts = of(owner, ErrorLog(count=3, first_at=first, last_at=last)).facts
    assert isinstance(facts, Restart)
    return facts


@pytest.mark.parametrize(
    ("first", "last", "around"),
    [
        (999.0, 1_004.0, True),
        (1_001.0, 1_001.0, True),
        (990.0, 1_004.0, False),
        (1_001.0, 1_060.0, False),
    ],
    ids=["cut off and refused", "refused", "before it", "long after it"],
)
def test_all_lines_lie_around_it_or_not(first: float, last: float, around: bool) -> None:
    assert restart(first, last).around is around


def test_what_was_down_for_long_was_no_restart() -> None:
    assert restart(1_001.0, 1_500.0, start=1_600.0).around is False


def test_a_unit_that_is_down_was_not_restarted() -> None:
    assert restart(1_001.0, 1_001.0, start=900.0).around is None
