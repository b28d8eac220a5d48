"""Recorded incidents of real hosts, walked again with today's flows.

Every tape comes from a host of the lab that was really broken (or well), and its case says what
has to be named. Then each piece of evidence in turn is turned into "denied": a broken host must
never become healthy by that, and no other cause may become confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.lab.case import Case, load_cases
from wizard.engine.catalogue import probes
from wizard.engine.diagnose import diagnose
from wizard.engine.journal import read
from wizard.engine.look import Look, Seen, TapeLook
from wizard.engine.proofs import prove
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.model.events import Concluded
from wizard.model.evidence import Evidence, Sighting
from wizard.model.session import Session, fold
from wizard.probes.declare import Probe

TAPES = sorted((Path(__file__).parents[1] / "tapes").glob("*.tape.gz"))
CASES: Mapping[str, Case] = {case.id: case for case in load_cases()}


class Denied:
    """A tape whose one look was not allowed."""

    def __init__(self, tape: TapeLook, denied: tuple[str, str]) -> None:
        self._tape = tape
        self._denied = denied

    def see(self, name: str, scope: str, probe: Probe, parameters: Mapping[str, Any]) -> Seen:
        if (name, scope) != self._denied:
            return self._tape.see(name, scope, probe, parameters)
        sighting = Sighting(status="unreadable", reason="denied", remedy="sudo")
        return Seen(sighting, {}, 0.0, 0.0, "nobody")


@cache
def library() -> Library:
    return load(probes())


@cache
def recorded(path: Path) -> Session:
    return fold(read(path))


def case_of(path: Path) -> Case:
    return CASES[path.name.removesuffix(".tape.gz")]


def walked(session: Session, look: Look) -> Concluded:
    assert session.incident is not None
    return diagnose(session.incident, look, library(), probes(), lambda event: None)


def tape_of(evidence: Iterable[Evidence]) -> TapeLook:
    return TapeLook(evidence)


def fails_now(session: Session) -> bool:
    """By what the client got; an inner leg of the way has an answer of its own."""
    front = next(
        each for each in session.evidence.values() if (each.look, each.scope) == ("front", "")
    )
    return not 0 < (front.facts.get("status") or 0) < 500


@pytest.mark.parametrize("path", TAPES, ids=lambda path: path.name.removesuffix(".tape.gz"))
def test_a_recorded_host_is_named_again(path: Path) -> None:
    case = case_of(path)
    ended = walked(recorded(path), tape_of(recorded(path).evidence.values()))
    assert [verdict.cause for verdict in ended.verdicts][:1] == ([case.cause] if case.cause else [])
    assert ended.outcome == ("cause" if case.cause else "healthy")


@pytest.mark.slow
@pytest.mark.parametrize("path", TAPES, ids=lambda path: path.name.removesuffix(".tape.gz"))
def test_denying_any_evidence_makes_nothing_well_and_confirms_nothing_else(path: Path) -> None:
    case, session = case_of(path), recorded(path)
    if case.cause is None:
        pytest.skip("a healthy host has nothing to hide")
    tape = tape_of(session.evidence.values())
    whole = {verdict.cause for verdict in walked(session, tape).verdicts}
    wrong = []
    for evidence in session.evidence.values():
        key = (evidence.look, evidence.scope)
        ended = walked(session, Denied(tape, key))
        # What answers well now is called well where nothing more can be seen, with what was not
        # looked at; an ordinary user's healthy host would else never be healthy.
        if ended.outcome == "healthy" and fails_now(session):
            wrong.append(f"without {key} it is called healthy")
        wrong += [
            f"without {key} {verdict.cause} is confirmed"
            for verdict in ended.verdicts
            if verdict.confidence == "confirmed" and verdict.cause not in whole
        ]
    assert not wrong


@pytest.mark.slow
def test_the_three_proofs_of_every_cause_hold() -> None:
    """What `wizard flow check --tapes tests/tapes` says of the shipped flows."""
    proof = prove(library(), probes(), TAPES[0].parent)
    assert [str(problem) for problem in proof.problems] == []
