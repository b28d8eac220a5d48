"""The proxy's error log around the moment, with the lines that matter."""

from __future__ import annotations

from typing import NamedTuple

from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.panels.latest import latest

_LONGEST = 2000


class LogLine(NamedTuple):
    """A line as the proxy wrote it."""

    text: str
    matters: bool
    """It is about the wizard's own request, or, where there is none, the last that fits it."""
    evidence: str


def log(session: Session) -> tuple[LogLine, ...]:
    """The lines that were read, oldest first."""
    errors = latest(session, "errors")
    if errors is None:
        return ()
    known = errors.facts
    about = [entry.get("message") for entry in known.get("request_entries") or []]
    about += [known.get("request_line"), known.get("start_line")]
    if not any(about):
        about = [(known.get("last") or {}).get("message")]
    telling = {one_line(each, _LONGEST) for each in about if each}
    lines = errors.raw.splitlines()
    if not lines:
        recent = known.get("recent") or []
        lines = [str(entry.get("message") or "") for entry in reversed(recent)]
    shown = [one_line(line, _LONGEST) for line in lines if line.strip()]
    kept = [LogLine(line, line in telling, errors.id) for line in shown]
    missing = sorted(telling.difference(shown))
    return (*kept, *(LogLine(line, True, errors.id) for line in missing))
