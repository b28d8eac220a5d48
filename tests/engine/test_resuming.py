"""A walk that ended anywhere goes on in another process, and what is old confirms nothing."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from tests.engine.test_investigation import begun
from tests.engine.world import World
from wizard.engine.catalogue import probes
from wizard.engine.investigation import Investigation
from wizard.engine.journal import read
from wizard.engine.look import LiveLook, TapeLook
from wizard.engine.resuming import stale, stood
from wizard.flows.loading import load
from wizard.model.events import Concluded, Decided, Event, Looked, Looking, Resumed
from wizard.model.session import fold

LONG = 1e9
TAPES = Path(__file__).parents[1] / "tapes"


def resumed(world: World, events: list[Event], stale_after: float = LONG) -> Investigation:
    """Another process, with nothing but the events; what it tells is appended to them."""
    world.events = [event for event in events if not isinstance(event, Looking)]
    incident = fold(events).incident
    assert incident is not None
    walk = Investigation(incident, LiveLook(), world.library(), world.probes(), world.events.append)
    walk.resume(tuple(world.events), stale_after, by="mo")
    return walk


def to_the_end(walk: Investigation, world: World) -> Concluded:
    if walk.here is not None or fold(world.events).conclusion is None:
        walk.walk_to_the_end()
    ended = fold(world.events).conclusion
    assert ended is not None
    return ended


def confirmed(world: World) -> list[Event]:
    """A walk whose verdict is confirmed."""
    world.unit = dict.fromkeys(world.servers, "works")
    ended = world.walk()
    assert {each.confidence for each in ended.verdicts} == {"confirmed"}
    return [event for event in world.events if not isinstance(event, Looking)]


def test_from_every_event_on_it_comes_to_the_same_end_by_the_same_path(world: World) -> None:
    world.servers = ["a:1", "b:1"]
    events = confirmed(world)
    whole = fold(events)
    assert whole.conclusion is not None
    for end in range(1, len(events) + 1):
        walk = resumed(world, events[:end])
        ended = to_the_end(walk, world)
        now = fold(world.events)
        places = [(each.node, each.scope, each.outcome) for each in now.path]
        assert places == [(each.node, each.scope, each.outcome) for each in whole.path], end
        assert ended.verdicts == whole.conclusion.verdicts, end
        made = [each.evidence.id for each in world.events if isinstance(each, Looked)]
        assert len(made) == len(set(made)) == len(whole.evidence), end


def test_the_open_question_is_open_again_with_its_outcome_and_ways(world: World) -> None:
    first = begun(world)
    first.ask()
    first.follow()
    first.ask()
    ways, decided = first.ways(), first.decided
    looked = len([event for event in world.events if isinstance(event, Looked)])
    walk = resumed(world, world.events)
    assert walk.here is not None
    assert walk.here.key == "answer/service"
    assert walk.ways() == ways
    assert walk.decided is not None
    assert decided is not None
    assert walk.decided.said == decided.said
    assert len([event for event in world.events if isinstance(event, Looked)]) == looked
    assert isinstance(world.events[-1], Resumed), "nothing was told twice"


def test_a_choice_and_a_note_of_before_still_count(world: World) -> None:
    first = begun(world)
    first.ask()
    first.follow("answer/dial", by="mo")
    first.note("restarted at 03:10", by="mo")
    walk = resumed(world, world.events)
    assert walk.here is not None
    assert walk.here.key == "answer/dial"
    assert [note.text for note in fold(world.events).notes] == ["restarted at 03:10"]
    assert walk.back()
    assert walk.here is not None
    assert walk.here.key == "answer/front"


def test_after_a_way_back_it_stands_where_the_person_went(world: World) -> None:
    first = begun(world)
    for _ in range(2):
        first.ask()
        first.follow()
    first.back("answer/service")
    was = stood(world.events)
    assert (was.node, was.decided) == ("answer/service", False)
    walk = resumed(world, world.events)
    assert walk.here is not None
    assert walk.here.key == "answer/service"
    assert [each.node for each in fold(world.events).path] == ["answer/front"]


def test_what_is_stale_confirms_nothing_until_it_is_looked_at_again(world: World) -> None:
    events = confirmed(world)
    walk = resumed(world, events, stale_after=-1)
    session = fold(world.events)
    assert session.stale == set(session.evidence)
    assert session.conclusion is not None
    [verdict] = session.conclusion.verdicts
    assert verdict.confidence == "supported"
    assert "seen too long ago to confirm it" in verdict.confidence_rule
    assert walk.is_stale()
    assert walk.look_again_at_the_stale(by="mo")
    ended = to_the_end(walk, world)
    assert [each.confidence for each in ended.verdicts] == ["confirmed"]
    assert fold(world.events).stale == frozenset()
    assert not walk.is_stale()
    assert not walk.look_again_at_the_stale()


def test_looking_again_stops_where_the_host_is_another_one_now(world: World) -> None:
    first = begun(world)
    for _ in range(2):
        first.ask()
        first.follow()
    walk = resumed(world, world.events, stale_after=-1)
    world.status = 200
    walk.look_again_at_the_stale()
    assert walk.decided is not None
    assert (walk.decided.node, walk.decided.goto) == ("answer/front", "end")
    assert [each.node for each in fold(world.events).path] == ["answer/front"]


def test_with_other_flows_the_questions_are_asked_anew_of_the_same_evidence(world: World) -> None:
    events = confirmed(world)
    started = msgspec.structs.replace(events[0], flow_digest="another")
    count = len(fold(events).evidence)
    walk = resumed(world, [started, *events[1:]])
    ended = to_the_end(walk, world)
    assert [each.confidence for each in ended.verdicts] == ["confirmed"]
    session = fold(world.events)
    assert len(session.evidence) == count
    assert len([each for each in world.events if isinstance(each, Decided)]) == 6
    assert len(session.path) == 3


def test_after_asking_again_the_walk_still_rests_on_what_was_seen_then(world: World) -> None:
    first = begun(world)
    first.walk_to_the_end()
    world.status = 200
    first.verify()
    walk = resumed(world, world.events)
    session = fold(world.events)
    assert [each.facts["status"] for each in session.standing() if each.look == "front"] == [502]
    assert walk.here is None
    assert session.conclusion is not None
    assert session.conclusion.outcome == "cause"


def test_what_rests_on_something_old_is_old_and_what_a_person_said_is_not(world: World) -> None:
    events = confirmed(world)
    seen = list(fold(events).evidence.values())
    now = time.time()
    old = msgspec.structs.replace(seen[0], started=now - 700)
    new = [msgspec.structs.replace(each, started=now, rests_on=()) for each in seen[1:]]
    rests = msgspec.structs.replace(new[0], rests_on=(old.id,))
    said = msgspec.structs.replace(old, id="e99", kind="incident")
    assert stale([old, rests, *new[1:], said], now, 600) == (old.id, rests.id)


@pytest.mark.parametrize(
    "name", ["oom-gunicorn-worker", "socket-mode-600", "app-says-502-about-its-own-backend"]
)
def test_recorded_incidents_resume_to_their_verdict_without_a_new_look(name: str) -> None:
    catalogue = probes()
    library = load(catalogue)
    recorded = fold(read(TAPES / f"{name}.tape.gz"))
    assert recorded.incident is not None
    told: list[Event] = []
    look = TapeLook(recorded.evidence_of_the_walk())

    def walk() -> Investigation:
        assert recorded.incident is not None
        return Investigation(recorded.incident, look, library, catalogue, told.append)

    first = walk()
    first.begin()
    whole = first.walk_to_the_end()
    events = [event for event in told if not isinstance(event, Looking)]
    verdicts = [(each.cause, each.subject, each.confidence) for each in whole.verdicts]
    for end in range(1, len(events), max(1, len(events) // 12)):
        told[:] = events[:end]
        again = walk()
        again.resume(tuple(told), LONG)
        told_by = [event for event in told[end:] if isinstance(event, Looked)]
        assert not told_by, "resuming alone looks at nothing"
        ended = again.walk_to_the_end()
        assert [(each.cause, each.subject, each.confidence) for each in ended.verdicts] == verdicts
