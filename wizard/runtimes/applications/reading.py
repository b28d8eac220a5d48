"""What the looks at an application server see: its settings, and what it wrote."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Iterable, Iterator

from wizard.model import route
from wizard.model.evidence import Sighting
from wizard.model.text import decode, one_line
from wizard.probes.logs import why_not
from wizard.runtimes.applications import kinds, program
from wizard.runtimes.applications.facts import Application, ApplicationLog, Event, EventKind
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd import journal

_WINDOW = 900.0
_LINES = 2000
_TAIL = 512 * 1024
_SLACK = 0.05
_KEPT = 20


def application(owner: Owner, server: route.Server) -> Sighting:
    """Which application server this is, and how it is set up."""
    found = program.of(owner)
    command = f"tr '\\0' ' ' </proc/{found.pid}/cmdline" if found.pid else "ps -ef"
    if not found.argv:
        return Sighting(
            status="unreadable", command=command, reading="its command line cannot be seen",
            reason="neither a process nor a command of its unit is known",
            remedy="sudo ps -ef",
        )  # fmt: skip
    module = kinds.server_of(found)
    if module is None:
        return Sighting(
            status="present", command=command,
            facts=Application(running=found.running, pid=found.pid),
            reading="none of the known application servers", raw=shlex.join(found.argv),
        )  # fmt: skip
    facts = module.read(found, server)
    raw = "\n".join(f"{name} = {value}" for name, value in facts.settings.items())
    return Sighting(
        status="present", facts=facts, reading=_shown(facts), command=command,
        raw=f"{shlex.join(found.argv)}\n{raw}",
    )  # fmt: skip


def log(
    owner: Owner, app: Application, asked_at: float | None = None, since: float | None = None
) -> Sighting:
    """What it wrote in the window about itself, in its journal and in its own files."""
    module = kinds.server_called(app.kind)
    begins = since or (asked_at or time.time()) - _WINDOW
    sources: list[str] = []
    unread: list[str] = []
    events: list[Event] = []
    command = f"journalctl -u {shlex.quote(owner.unit or '')} -n 200"
    if module is None:
        return Sighting(status="absent", facts=ApplicationLog(), reading="not a known server",
                        command=command)  # fmt: skip
    if owner.unit:
        told = journal.lines(owner.unit, _LINES, since=begins)
        if told.reason:
            unread.append(f"journal: {told.reason}")
        else:
            sources.append("journal")
            lines = ((entry.at, line) for entry in told.entries
                     for line in entry.message.splitlines())  # fmt: skip
            events += _events(lines, module.EVENTS)
    for path in app.log_files:
        why = why_not(path)
        if why == "missing":
            continue
        if why:
            unread.append(f"{path}: {why}")
            continue
        sources.append(path)
        events += [
            event for event in _events(_stamped(path, module), module.EVENTS)
            if event.at is None or event.at >= begins
        ]  # fmt: skip
    events.sort(key=lambda event: event.at or 0.0, reverse=True)
    return _sighted(events, sources, unread, asked_at, command)


def _sighted(
    events: list[Event], sources: list[str], unread: list[str], asked_at: float | None,
    command: str,
) -> Sighting:  # fmt: skip
    last = events[0] if events else None
    timed = all(event.at is not None for event in events)
    now = [one.kind for one in events if _is_since(one.at or 0.0, asked_at or 0.0)]
    facts = ApplicationLog(
        sources=sources,
        unread=unread,
        count=len(events),
        kinds=list(dict.fromkeys(event.kind for event in events)),
        now=list(dict.fromkeys(now)) if asked_at and timed else None,
        last_kind=last.kind if last else None,
        last_at=last.at if last else None,
        last_line=last.line if last else None,
        recent=events[:_KEPT],
    )
    if unread and not sources:
        return Sighting(
            status="unreadable", facts=ApplicationLog(unread=unread), command=command,
            reading=unread[0], reason="; ".join(unread), remedy=f"sudo {command}",
        )  # fmt: skip
    return Sighting(
        status="present" if events else "absent",
        facts=facts,
        reading=one_line(last.line, 80) if last else "it wrote nothing of a failure in the window",
        raw="\n".join(event.line for event in events[:_KEPT]),
        command=command,
    )


def _is_since(at: float, asked_at: float) -> bool:
    """Log files have whole seconds: a line of the very second may have come after the request."""
    return at >= (asked_at // 1 if at == at // 1 else asked_at - _SLACK)


def _events(
    lines: Iterable[tuple[float | None, str]],
    phrases: tuple[tuple[EventKind, re.Pattern[str]], ...],
) -> list[Event]:
    return [
        Event(kind, one_line(line, 300), at)
        for at, line in lines
        for kind in [next((kind for kind, phrase in phrases if phrase.search(line)), None)]
        if kind is not None
    ]


def _stamped(path: str, module: kinds.Server) -> Iterator[tuple[float | None, str]]:
    """The end of a file, each line with its own time or that of the line before."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - _TAIL))
            lines = decode(file.read(_TAIL)).splitlines()
    except OSError:
        return
    at: float | None = None
    for line in lines:
        at = module.stamp(line) or at
        yield at, line


def _shown(facts: Application) -> str:
    version = f" {facts.version}" if facts.version else ""
    many = f", {facts.workers_allowed} workers" if facts.workers_allowed else ""
    limit = f", {facts.request_seconds:g} s a request" if facts.request_seconds else ""
    return f"{facts.kind}{version}{many}{limit}"
