"""The raw text on a tape is read again by the parsers of this version, where it is all there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.taped import tape
from wizard.engine.catalogue import probes
from wizard.engine.diagnose import diagnose
from wizard.engine.look import TapeLook
from wizard.engine.recording import read
from wizard.engine.rereading import Read, RereadLook, sentences
from wizard.flows.loading import load
from wizard.model.evidence import Evidence, Sighting
from wizard.model.session import Session, fold
from wizard.probes.declare import Probe, Reread
from wizard.proxies.facts import Check

NAME = "wrong-port-in-site"
Change = Callable[[Evidence], Evidence]


def walked(change: Change, *, everything: bool) -> tuple[Session, dict[str, Read]]:
    """Today's walk over the tape, after its evidence was changed."""
    recorded = fold(read(tape(NAME)))
    assert recorded.incident is not None
    look = RereadLook(
        TapeLook([change(each) for each in recorded.evidence_of_the_walk()]), everything=everything
    )
    events: list[Any] = []
    catalogue = probes()
    diagnose(recorded.incident, look, load(catalogue), catalogue, events.append)
    return fold(events), {each.look: each for each in look.told}


def errors_of(session: Session) -> Evidence:
    return next(each for each in session.evidence.values() if each.look == "errors")


def of_errors(change: Change) -> Change:
    return lambda each: change(each) if each.look == "errors" else each


def with_facts(**facts: Any) -> Change:
    return of_errors(lambda each: replace(each, facts={**each.facts, **facts}))


def as_it_is(evidence: Evidence) -> Evidence:
    return evidence


def test_what_an_older_parser_misread_is_read_right_when_asked_for() -> None:
    right = errors_of(walked(as_it_is, everything=False)[0]).facts["request_failure"]
    assert right == "refused"
    wrong = with_facts(request_failure="timed-out")
    assert errors_of(walked(wrong, everything=False)[0]).facts["request_failure"] == "timed-out"
    session, told = walked(wrong, everything=True)
    assert errors_of(session).facts["request_failure"] == right
    assert "request_failure" in told["errors"].fields


def test_a_fact_that_an_older_wizard_did_not_know_is_filled_in_unasked() -> None:
    def older(each: Evidence) -> Evidence:
        facts = {name: value for name, value in each.facts.items() if name != "request_failure"}
        return replace(each, facts={**facts, "request_phase": "tls"})

    facts = errors_of(walked(of_errors(older), everything=False)[0]).facts
    assert facts["request_failure"] == "refused"
    assert facts["request_phase"] == "tls"  # what was recorded is left alone


def test_what_stands_beside_the_text_stays_as_recorded() -> None:
    session, _ = walked(with_facts(last_age=12345.0, paths=["/x.log"]), everything=True)
    facts = errors_of(session).facts
    assert (facts["last_age"], facts["paths"]) == (12345.0, ["/x.log"])


def test_what_rests_on_it_is_made_anew() -> None:
    session, told = walked(with_facts(tallies=[], recent=[], upstreams=[]), everything=True)
    assert told["server_errors"].was == "read"
    picked = next(each for each in session.evidence.values() if each.look == "server_errors")
    assert picked.facts["last_failure"] == "refused"


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda each: replace(each, raw=""), "no text of it was kept"),
        (lambda each: replace(each, raw=each.raw + " … [90 more characters]"), "was cut"),
        (lambda each: replace(each, facts={**each.facts, "count": 10_000}), "was cut"),
        (lambda each: replace(each, raw="what is this?"), "no line of it is one of nginx"),
        (
            lambda each: replace(each, facts={**each.facts, "last_at": each.started - 7200}),
            "another zone",
        ),
    ],
)
def test_where_it_cannot_be_read_the_recorded_facts_stand(change: Change, because: str) -> None:
    session, told = walked(of_errors(change), everything=True)
    assert told["errors"].was == "stands"
    assert because in told["errors"].because
    assert errors_of(session).facts["request_failure"] == "refused"
    assert because in " ".join(sentences(list(told.values())))


def test_a_look_whose_text_is_for_a_person_stands() -> None:
    _, told = walked(as_it_is, everything=True)
    assert told["sockets"] == Read(
        "sockets", "", "stands", because="its text does not hold all that it saw"
    )


def checked(facts: dict[str, Any], status: str, reread: Reread) -> tuple[Any, RereadLook]:
    """What is seen of one recorded check, read by this parser."""
    evidence = Evidence(
        id="e1", look="check", probe="proxy.check", kind="config", parameters={},
        status=status, reading="", facts=facts, raw="nginx: it sings",  # type: ignore[arg-type]
        started=1.0, seconds=0.1, user="root",
    )  # fmt: skip
    probe: Probe = msgspec.structs.replace(probes()["proxy.check"], reread=reread)
    look = RereadLook(TapeLook([evidence]), everything=False)
    return look.see("check", "", probe, {}), look


def test_what_could_not_be_understood_then_is_understood_by_a_newer_parser() -> None:
    def sings(*, text: str) -> Sighting:
        return Sighting(status="present", facts=Check(passes="sings" in text), reading="it sings")

    seen, _ = checked({}, "unparsed", Reread(sings))
    assert (seen.sighting.status, seen.facts["passes"]) == ("present", True)


def test_a_parser_that_fails_changes_nothing_and_is_told() -> None:
    def breaks(*, text: str) -> Sighting:
        raise ValueError(text)

    seen, look = checked({"passes": False}, "present", Reread(breaks))
    assert seen.facts == {"passes": False}
    assert look.told[0].because == "its reader failed (ValueError: nginx: it sings)"


def test_facts_of_another_type_are_not_known() -> None:
    """As on a tape that was made by hand; a walk goes on without them."""
    wrong: dict[str, Any] = {"count": "many", "tallies": 3, "request_failure": ["a"]}
    session, _ = walked(with_facts(**wrong), everything=False)
    assert errors_of(session).facts["count"] != "many"
    assert session.conclusion is not None
