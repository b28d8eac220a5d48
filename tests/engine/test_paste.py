"""A person stands in for a look that was not allowed: over recorded hosts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.engine.test_tapes import Denied
from tests.taped import library, tape
from wizard.engine.catalogue import probes
from wizard.engine.investigation import Investigation
from wizard.engine.look import TapeLook
from wizard.model.events import Event, Forgotten, Looked, Returned
from wizard.model.session import Session, fold
from wizard.opening import session_on


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The recorded hosts' clocks stood on UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def denied(name: str, look: tuple[str, str]) -> tuple[Investigation, list[Event], Session]:
    """A walk to its end over a tape whose one look was not allowed."""
    incident, recorded = session_on(str(tape(name)))
    events: list[Event] = []
    walk = Investigation(
        incident,
        Denied(TapeLook(recorded.evidence.values()), look),
        library(),
        probes(),
        events.append,
    )
    walk.begin()
    walk.walk_to_the_end()
    return walk, events, recorded


def test_a_pasted_log_gives_back_the_verdict_that_the_denied_one_took() -> None:
    walk, events, recorded = denied("rate-limit-tightened", ("errors", ""))
    ended = fold(events).conclusion
    assert ended is not None
    assert ended.outcome != "cause" or ended.verdicts[0].confidence != "confirmed"
    (raw,) = [each.raw for each in recorded.evidence.values() if each.look == "errors"]
    evidence = walk.paste("errors", "", raw, by="ann")
    assert evidence.reading.startswith("pasted: ")
    assert evidence.user == "person (ann)"
    assert evidence.kind == "log"
    assert evidence.command == "sudo tail -n 5000 /var/log/nginx/error.log"
    again = walk.walk_to_the_end()
    assert [each.cause for each in again.verdicts] == ["rate-limit-503"]
    assert evidence.id in again.verdicts[0].evidence


def test_what_rests_on_it_is_looked_at_again_and_the_question_returns() -> None:
    walk, events, recorded = denied("wrong-port-in-site", ("errors", ""))
    (raw,) = [each.raw for each in recorded.evidence.values() if each.look == "errors"]
    before = len(events)
    evidence = walk.paste("errors", "", raw, by="ann")
    told = events[before:]
    forgotten = next(event for event in told if isinstance(event, Forgotten))
    old = fold(events[:before]).evidence
    assert {old[each].look for each in forgotten.evidence} == {
        *("errors", "server_errors", "restart")
    }
    assert [event.evidence.id for event in told if isinstance(event, Looked)] == [evidence.id]
    assert [event.node for event in told if isinstance(event, Returned)] == ["answer/whose"]
    assert walk.here is not None
    assert walk.here.key == "answer/whose"
    session = fold(events)
    assert [each.node for each in session.path] == ["answer/front"]
    walk.walk_to_the_end()
    after = fold(events)
    cited = {each.evidence for one in after.path for w in one.weighed for each in w.comparisons}
    assert {each for each in cited if each} <= set(after.evidence)


def test_what_was_not_to_be_had_is_offered_first_with_the_command_to_run() -> None:
    walk, _, _ = denied("wrong-port-in-site", ("sockets", ""))
    offers = walk.pasteable()
    assert offers[0].look == "sockets"
    assert offers[0].command == "sudo ss -ltxnpe"
    assert offers[0].status == "unreadable"
    assert {"errors", "kernel_kills"} <= {offer.look for offer in offers}


def test_text_that_cannot_be_understood_is_kept_and_proves_nothing() -> None:
    walk, _, _ = denied("wrong-port-in-site", ("errors", ""))
    evidence = walk.paste("errors", "", "hello \x1b[2J password=hunter22\n", by="")
    assert (evidence.status, evidence.facts) == ("unparsed", {})
    assert "hunter22" not in evidence.raw
    assert "\x1b" not in evidence.raw
    assert evidence.user == "person (not named)"


def test_a_look_that_takes_no_text_is_refused() -> None:
    walk, _, _ = denied("wrong-port-in-site", ("errors", ""))
    with pytest.raises(KeyError):
        walk.paste("dial", "127.0.0.1:3100", "connected", by="")
    with pytest.raises(KeyError):
        walk.paste("nothing", "", "x", by="")


def test_looking_again_tells_all_the_evidence_that_later_decisions_cite() -> None:
    incident, recorded = session_on(str(tape("wrong-port-in-site")))
    events: list[Event] = []
    look = TapeLook(recorded.evidence.values())
    walk = Investigation(incident, look, library(), probes(), events.append)
    walk.begin()
    while walk.here and walk.here.key != "network/filter":
        walk.ask()
        walk.follow()
    walk.ask()
    walk.look_again(by="ann")
    walk.walk_to_the_end()
    session = fold(events)
    cited = {each.evidence for one in session.path for w in one.weighed for each in w.comparisons}
    assert {each for each in cited if each} <= set(session.evidence)
