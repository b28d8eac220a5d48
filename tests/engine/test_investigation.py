"""A walk that a person steers."""

from __future__ import annotations

import pytest

from tests.engine.world import World
from wizard.engine.investigation import Investigation
from wizard.engine.look import LiveLook
from wizard.model.events import Chosen, Concluded, Event, Forgotten, Looked, Returned, Verified
from wizard.model.incident import Incident
from wizard.model.session import fold


def begun(world: World) -> Investigation:
    world.events = []
    incident = Incident(url="http://x/", scheme="http", host="x", port=80, path="/", started=0.0)
    investigation = Investigation(
        incident, LiveLook(), world.library(), world.probes(), world.events.append
    )
    investigation.begin()
    return investigation


def of(world: World, kind: type[Event]) -> list[Event]:  # type: ignore[valid-type]
    return [event for event in world.events if isinstance(event, kind)]


def test_following_every_way_is_the_same_as_diagnose(world: World) -> None:
    investigation = begun(world)
    while investigation.here:
        investigation.ask()
        investigation.follow()
    stepped = investigation.conclude()
    assert [each.cause for each in stepped.verdicts] == [
        each.cause for each in world.walk().verdicts
    ]


def test_a_question_asked_twice_is_looked_at_once(world: World) -> None:
    investigation = begun(world)
    assert investigation.ask() is investigation.ask()
    assert investigation.node is not None
    assert investigation.node.id == "front"


def test_the_decided_way_comes_first_among_the_ways(world: World) -> None:
    investigation = begun(world)
    decided = investigation.ask()
    assert investigation.ways() == [decided.goto, "end"]


def test_another_way_may_be_taken_and_is_kept(world: World) -> None:
    investigation = begun(world)
    investigation.ask()
    investigation.follow("answer/dial", by="mo")
    assert investigation.here is not None
    assert investigation.here.key == "answer/dial"
    [chosen] = of(world, Chosen)
    assert isinstance(chosen, Chosen)
    assert (chosen.goto, chosen.by) == ("answer/dial", "mo")


def test_going_back_takes_back_what_was_found_since(world: World) -> None:
    investigation = begun(world)
    for _ in range(2):
        investigation.ask()
        investigation.follow()
    assert {each.cause for each in fold(world.events).findings} == {"bad-gateway", "stopped"}
    assert investigation.back()
    assert investigation.here is not None
    assert investigation.here.key == "answer/service"
    assert {each.cause for each in fold(world.events).findings} == {"bad-gateway"}
    ended = investigation.walk_to_the_end()
    assert [each.cause for each in ended.verdicts] == ["stopped"]
    assert [each.node for each in fold(world.events).path] == [
        "answer/front",
        "answer/service",
        "answer/dial",
    ]


def test_there_is_nothing_before_the_first_question(world: World) -> None:
    assert not begun(world).back()


def test_looking_again_sees_what_has_changed(world: World) -> None:
    investigation = begun(world)
    investigation.ask()
    investigation.follow()
    investigation.ask()
    world.unit["a:1"] = "failed"
    investigation.look_again()
    assert investigation.ask().said == "a:1 failed."
    assert of(world, Forgotten)
    looks = [e.evidence for e in world.events if isinstance(e, Looked)]
    assert len({each.id for each in looks}) == len(looks)


def test_any_node_can_be_jumped_to_and_back(world: World) -> None:
    investigation = begun(world)
    investigation.jump("answer/dial")
    assert investigation.here is not None
    assert (investigation.here.key, investigation.here.scope) == ("answer/dial", "a:1")
    with pytest.raises(KeyError):
        investigation.jump("answer/nowhere")


def test_jumping_to_a_question_that_was_asked_returns_to_it(world: World) -> None:
    investigation = begun(world)
    for _ in range(2):
        investigation.ask()
        investigation.follow()
    investigation.jump("answer/front")
    assert investigation.here is not None
    assert investigation.here.key == "answer/front"
    assert of(world, Returned)


def test_verifying_says_before_and_after(world: World) -> None:
    investigation = begun(world)
    investigation.walk_to_the_end()
    world.status = 200
    verified = investigation.verify()
    assert isinstance(verified, Verified)
    assert verified.mended
    world.status = 503
    assert not investigation.verify().mended


def test_what_a_person_writes_is_kept(world: World) -> None:
    investigation = begun(world)
    investigation.note("deployed at 03:12", by="mo")
    assert [(each.text, each.by) for each in fold(world.events).notes] == [
        ("deployed at 03:12", "mo")
    ]


def test_every_prefix_of_a_steered_session_folds(world: World) -> None:
    investigation = begun(world)
    investigation.ask()
    investigation.follow()
    investigation.ask()
    investigation.back()
    investigation.look_again()
    investigation.walk_to_the_end()
    for end in range(len(world.events) + 1):
        fold(world.events[:end])
    assert isinstance(world.events[-1], Concluded)
