"""A watch ends at its limit, counts what fails and asks calmly."""

from __future__ import annotations

import itertools
import time

import pytest

from wizard.engine.look import Seen
from wizard.engine.watching import MOST, Count, Limit, LimitError, limit, watch
from wizard.model.evidence import Sighting


def answers(*statuses: int | None) -> list[Seen]:
    return [
        Seen(Sighting(status="present", reading=f"{each}"), {"status": each}, 0.0, 0.0, "")
        for each in statuses
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("60s", Limit(seconds=60.0)),
        ("2m", Limit(seconds=120.0)),
        ("30", Limit(seconds=30.0)),
        ("200r", Limit(requests=200)),
    ],
)
def test_a_limit_is_seconds_or_requests(written: str, meant: Limit) -> None:
    assert limit(written) == meant


@pytest.mark.parametrize("written", ["", "0s", "-1s", "soon", "601r", "2h", "61m"])
def test_what_is_no_limit_is_refused(written: str) -> None:
    with pytest.raises(LimitError):
        limit(written)


def test_what_fails_is_counted_by_what_it_got() -> None:
    given, told = answers(200, 502, None, 502, 404), list[Count]()
    watched = watch(lambda: given[len(told)], Limit(requests=5), told.append, lambda: False)
    assert (watched.asked, watched.failed, watched.stopped) == (5, 3, False)
    assert watched.failures == {"502": 2, "no answer": 1}
    assert [each.failed for each in told] == [0, 1, 2, 3, 3]


def test_requests_are_half_a_second_apart_and_a_long_time_is_spread() -> None:
    begun = list[float]()

    def ask() -> Seen:
        begun.append(time.monotonic())
        return answers(200)[0]

    watch(ask, Limit(requests=3), lambda count: None, lambda: False)
    assert all(later - earlier >= 0.5 for earlier, later in itertools.pairwise(begun))
    assert Limit(seconds=3600.0).apart * MOST >= 3600


def test_a_person_may_end_it_and_has_the_count_so_far() -> None:
    told = list[Count]()
    watched = watch(lambda: answers(200)[0], limit("60s"), told.append, lambda: len(told) >= 2)
    assert (watched.asked, watched.stopped) == (2, True)


def test_ctrl_c_ends_it_with_the_count_so_far() -> None:
    told = list[Count]()

    def ask() -> Seen:
        if told:
            raise KeyboardInterrupt
        return answers(502)[0]

    watched = watch(ask, limit("60s"), told.append, lambda: False)
    assert (watched.asked, watched.failed, watched.stopped) == (1, 1, True)
