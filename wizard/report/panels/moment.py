"""What happened when, as far as the evidence says: the moments of the incident in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from wizard.model.evidence import Evidence
from wizard.model.session import Session
from wizard.model.text import one_line


class Moment(NamedTuple):
    """Something that happened."""

    at: float
    """Seconds since the epoch."""
    text: str
    evidence: str


def timeline(session: Session) -> tuple[Moment, ...]:
    """All known moments, the oldest first; the same from two looks only once."""
    told: dict[tuple[int, str], Moment] = {}
    for evidence in session.evidence.values():
        if evidence.status != "present":
            continue
        for at, text in _moments(evidence):
            if isinstance(at, int | float) and at > 1:
                moment = Moment(float(at), one_line(text), evidence.id)
                told.setdefault((int(at), moment.text), moment)
    return tuple(sorted(told.values(), key=lambda each: each.at))


def _moments(evidence: Evidence) -> Iterator[tuple[Any, str]]:
    known = evidence.facts
    match evidence.look:
        case "front" | "front_again":
            yield evidence.started, f"the wizard asked: {evidence.reading}"
        case "proxy":
            instance = known.get("instance") or {}
            if instance:
                name = instance.get("kind") or "the proxy"
                yield instance.get("started"), f"{name} started"
        case "loaded":
            yield known.get("loaded"), "the proxy loaded its configuration"
            yield known.get("changed"), f"configuration changed: {_changed(known)}"
        case "owner":
            yield from _of_owner(known)
        case "words":
            yield known.get("stopped_at"), "a stop of the service was asked for"
            yield known.get("ended_at"), f"the service ended: {known.get('end_line') or ''}"
            yield known.get("exception_at"), f"the service wrote: {known.get('exception') or ''}"
        case "kernel_kills":
            for kill in known.get("kills") or []:
                name = f"{kill.get('process')} (pid {kill.get('pid')})"
                yield kill.get("at"), f"the kernel killed {name} for memory"
        case "errors":
            yield from _of_log(known)
        case "access":
            yield known.get("last_ok_at"), "the last answer below 500 in the access log"
            yield known.get("last_5xx_at"), "the last answer of 500 or above in the access log"


def _changed(known: dict[str, Any]) -> str:
    files = [str(each) for each in known.get("changed_files") or []]
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "") or (
        "the newest file"
    )


def _of_owner(known: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    name = known.get("name") or known.get("process") or "the backend"
    yield known.get("started"), f"{name} started"
    how = known.get("exit_kind") or "ended"
    what = known.get("signal") or known.get("exit_code")
    detail = f" ({how}{'' if what is None else f' {what}'})" if known.get("exit_kind") else ""
    yield known.get("ended"), f"{name} ended{detail}"
    if known.get("active") not in (None, "active"):
        result = known.get("result")
        why = f" ({result})" if result and result != "success" else ""
        yield known.get("since"), f"{name} is {known['active']}{why} since then"


def _of_log(known: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    for tally in known.get("tallies") or []:
        what = f"{tally.get('failure')} ({tally.get('phase')})"
        where = f" {tally['upstream']}" if tally.get("upstream") else ""
        count = tally.get("count") or 0
        if count == 1 or tally.get("first") == tally.get("last"):
            yield tally.get("first"), f"error log: {count} x {what}{where}"
        else:
            yield tally.get("first"), f"error log: first of {count} x {what}{where}"
            yield tally.get("last"), f"error log: last of {count} x {what}{where}"
    yield known.get("start_at"), "the proxy wrote why it did not start"
