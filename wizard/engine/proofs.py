"""What recorded hosts prove of the knowledge: the three proofs of each cause, the rules taken.

A proof is a tape, walked again with the flows as they are now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from wizard.engine.diagnose import FIRST_FLOW, diagnose
from wizard.engine.journal import JournalError, read
from wizard.engine.look import TapeLook
from wizard.engine.rereading import RereadLook
from wizard.flows.checks import causes_to_prove
from wizard.flows.mistakes import Mistake, did_you_mean
from wizard.flows.model import Cause, Library
from wizard.model.events import Decided, Event
from wizard.model.session import Session, fold
from wizard.probes.declare import Probe

SUFFIXES = (".tape.gz", ".tape", ".jsonl")


class Walked(msgspec.Struct, frozen=True):
    """A tape that was walked again."""

    name: str
    verdicts: list[str]
    """Root causes, the most likely first."""
    healthy: bool
    taken: frozenset[tuple[str, str]]
    """Node and outcome: `("backend/dial", "rule 3")`, as the journal numbers rules."""
    missed: frozenset[tuple[str, str]]
    """Those that were weighed and did not hold."""
    session: Session = Session()


class Proof(msgspec.Struct, frozen=True):
    """What a folder of tapes says of a library."""

    tapes: int
    problems: list[Mistake]
    untaken: list[str]
    """Rules that no tape takes: `backend/dial rule 3`, with file and line."""
    unmissed: list[str]
    """Rules that no tape comes to without taking them."""
    rules: int

    def lines(self) -> list[str]:
        """For a person: how many rules are taken, and which are not."""
        taken = self.rules - len(self.untaken)
        lines = [f"{self.tapes} tapes take {taken} of {self.rules} rules"]
        lines += [f"no tape takes {rule}" for rule in self.untaken]
        return lines + [f"no tape passes by {rule}" for rule in self.unmissed]


def prove(library: Library, catalogue: Mapping[str, Probe], folder: Path) -> Proof:
    """Walk every tape of the folder and hold the causes' proofs against what comes of it.

    Raises:
        JournalError: a tape cannot be read.
    """
    walked = {each.name: each for each in _walked(library, catalogue, folder)}
    problems = [
        problem
        for cause in causes_to_prove(library)
        for problem in _problems(cause, walked, str(folder))
    ]
    rules = [
        (node.key, f"rule {rule.index}", rule.place)
        for flow in library.flows.values()
        for node in flow.nodes
        for rule in node.rules
    ]
    taken = frozenset[tuple[str, str]]().union(*(each.taken for each in walked.values()))
    missed = frozenset[tuple[str, str]]().union(*(each.missed for each in walked.values()))
    last = {
        (node.key, f"rule {node.rules[-1].index}")
        for flow in library.flows.values()
        for node in flow.nodes
    }
    return Proof(
        tapes=len(walked),
        problems=problems,
        untaken=[
            f"{place}: {key} {rule}" for key, rule, place in rules if (key, rule) not in taken
        ],
        unmissed=[
            f"{place}: {key} {rule}"
            for key, rule, place in rules
            if (key, rule) not in missed | last
        ],
        rules=len(rules),
    )


def _walked(library: Library, catalogue: Mapping[str, Probe], folder: Path) -> Iterator[Walked]:
    for path in sorted(folder.iterdir()):
        name = _name(path)
        if name:
            yield walk(name, path, library, catalogue)


def walk(name: str, path: Path, library: Library, catalogue: Mapping[str, Probe]) -> Walked:
    """Walk one tape again.

    Raises:
        JournalError: it cannot be read, or holds no session.
    """
    recorded = fold(read(path))
    if recorded.incident is None:
        raise JournalError(f"{path}: no session begins in it.")
    events: list[Event] = []
    flow = recorded.flow if recorded.flow in library.flows else FIRST_FLOW
    look = RereadLook(TapeLook(recorded.evidence_of_the_walk()), everything=False)
    ended = diagnose(recorded.incident, look, library, catalogue, events.append, flow=flow)
    decided = [event for event in events if isinstance(event, Decided)]
    return Walked(
        name=name,
        verdicts=[verdict.cause for verdict in ended.verdicts],
        healthy=ended.outcome == "healthy",
        taken=frozenset((each.node, each.outcome) for each in decided),
        missed=frozenset(
            (each.node, f"rule {weighed.rule}")
            for each in decided
            for weighed in each.weighed
            if weighed.holds != "true"
        ),
        session=fold(events),
    )


def _problems(cause: Cause, walked: Mapping[str, Walked], folder: str) -> Iterator[Mistake]:
    for role, tape in cause.proofs.items():
        seen = walked.get(tape)
        if seen is None:
            message = f"no tape `{tape}` in {folder} ({role} of `{cause.id}`)"
            yield _mistake(cause, message, did_you_mean(tape, walked) if len(tape) > 3 else "")
        else:
            fault = _fault(cause, role, seen)
            if fault:
                yield _mistake(cause, f"tape `{tape}`, {role} of `{cause.id}`: {fault}")


def _fault(cause: Cause, role: str, seen: Walked) -> str:
    """What speaks against this proof; empty when it holds."""
    named = ", ".join(seen.verdicts) or "nothing"
    if role == "real" and seen.verdicts[:1] != [cause.id]:
        return f"the walk names {named}"
    if role == "look_alike" and cause.id in seen.verdicts:
        return "the walk takes it for this cause"
    if role == "look_alike" and not seen.verdicts:
        return "the walk names nothing, so nothing was told apart"
    if role == "healthy" and not seen.healthy:
        return f"the walk names {named}"
    return ""


def _mistake(cause: Cause, message: str, suggestion: str = "") -> Mistake:
    return Mistake(cause.place.file, cause.place.line, message, suggestion)


def _name(path: Path) -> str:
    """The tape's name; empty for other files."""
    for suffix in SUFFIXES:
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return ""
