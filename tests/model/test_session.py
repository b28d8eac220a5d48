"""The state of a session is what its events say, at any moment of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sample import CONCLUDED, events
from wizard.model.events import Looking
from wizard.model.session import Session, after, fold


def test_the_whole_session_is_in_the_fold() -> None:
    session = fold(events())
    assert session.state == "concluded"
    assert session.incident is not None
    assert session.incident.hostname == "web1"
    assert list(session.evidence) == ["e1", "e2", "e3", "e4"]
    assert [turn.node for turn in session.path] == ["answer/front", "upstream/listening"]
    assert [finding.cause for finding in session.findings] == [
        "bad-gateway",
        "wrong-upstream-port",
    ]
    assert session.conclusion == CONCLUDED
    assert session.node is None
    assert session.looking == ()


@pytest.mark.parametrize("length", range(len(events()) + 1))
def test_every_prefix_folds(length: int) -> None:
    assert fold(events()[:length]).state in ("new", "walking", "concluded")


def test_one_event_at_a_time_gives_the_same_as_all_at_once() -> None:
    session = Session()
    for event in events():
        session = after(session, event)
    assert session == fold(events())


def test_what_was_told_but_not_kept_makes_no_difference_in_the_end() -> None:
    kept = [event for event in events() if not isinstance(event, Looking)]
    assert fold(kept) == fold(events())


def test_a_look_is_under_way_until_it_comes_back() -> None:
    assert [each.look for each in fold(events()[:2]).looking] == ["front"]
    assert fold(events()[:4]).looking == ()


@given(st.permutations(events()), st.integers(0, 12))
def test_events_in_any_order_never_raise(shuffled: list, length: int) -> None:
    fold(shuffled[:length])
