"""Judges an answer of the wizard against the case: right, honestly less, or wrong.

| kind            | means                                                                         |
| --------------- | ----------------------------------------------------------------------------- |
| exact           | the first verdict is the cause (for a healthy host: no verdict, exit 0); of   |
|                 | several causes at once the first may be any of them, and root is told all     |
| half            | ... and another cause of the same host is not among the verdicts              |
| abstained       | no verdict and exit 3: something is wrong, the cause is not proven            |
| wrong           | the first verdict is another cause, or a forbidden one is among the verdicts  |
| wrong-confirmed | ... and the wizard called it confirmed                                        |
| called-healthy  | the host is broken and the wizard said that nothing is wrong                  |
| false-alarm     | the host is healthy and the wizard named a cause or said that it is broken    |
| broken-contract | no report, or an exit status that does not fit the report                     |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .case import Case
from .play import Asked

KINDS = (
    *("exact", "half", "abstained", "wrong", "wrong-confirmed"),
    *("called-healthy", "false-alarm", "broken-contract"),
)
HEALTHY, NAMED, UNPROVEN = 0, 1, 3
GOOD = {"root": {"exact"}, "ops": {"exact", "half", "abstained"}}
"""What is good enough for whom: an ordinary person may not see enough to name the cause."""


@dataclass(frozen=True)
class Judgement:
    """How good one answer is, and what it named."""

    kind: str
    named: str
    confidence: str
    why: str


def judge(case: Case, asked: Asked) -> Judgement:
    """The kind of one answer; the module's table says what the kinds mean."""
    verdicts = asked.report.get("verdicts") if asked.report is not None else None
    if not isinstance(verdicts, list):
        said = (asked.err or asked.out).strip()[-400:]
        return Judgement("broken-contract", "", "", f"exit {asked.exit}, no report: {said}")
    first: Mapping[str, Any] = verdicts[0] if verdicts else {}
    named, confidence = str(first.get("cause", "")), str(first.get("confidence", ""))
    kind, why = _kind(case, asked.exit, verdicts)
    return Judgement(kind, named, confidence, why)


def good_enough(person: str, judgement: Judgement) -> bool:
    """Whether a test passes on this answer. A weaker confidence is always allowed to `ops`."""
    weaker = person == "ops" and judgement.kind == "wrong" and judgement.confidence == "suspected"
    return judgement.kind in GOOD[person] or weaker


def _kind(case: Case, exit_status: int, verdicts: list[Mapping[str, Any]]) -> tuple[str, str]:
    causes = [str(verdict.get("cause")) for verdict in verdicts]
    expected_exit = {True: {NAMED}, False: {HEALTHY, UNPROVEN}}[bool(causes)]
    if exit_status not in expected_exit:
        return "broken-contract", f"exit {exit_status} with verdicts {causes}"
    if case.cause is None:
        well = exit_status == HEALTHY
        return ("exact", "") if well else ("false-alarm", f"exit {exit_status}, verdicts {causes}")
    if exit_status == HEALTHY:
        return "called-healthy", "exit 0 on a broken host"
    if not causes:
        return "abstained", ""
    real = {case.cause, *case.also}
    others = [v for v in verdicts if v.get("cause") not in real]
    if causes[0] in real and not set(causes) & set(case.never):
        unsaid = real - set(causes)
        return ("half", f"named {causes}, not {sorted(unsaid)}") if unsaid else ("exact", "")
    if any(verdict.get("confidence") == "confirmed" for verdict in others):
        return "wrong-confirmed", f"named {causes}, not {case.cause}"
    return "wrong", f"named {causes}, not {case.cause}"
