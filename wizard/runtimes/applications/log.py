"""What an application and the server that runs it wrote about themselves.

Two questions are asked of the lines: which of them are of the wizard's own request (`now`), and
which error the application failed with last (`reason`).
"""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import decode, one_line
from wizard.probes import processes
from wizard.probes.logs import why_not
from wizard.runtimes.applications import kinds, phrases, stamps
from wizard.runtimes.applications.facts import Application, ApplicationLog, Event, EventKind
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd import journal

_WINDOW = 900.0
_LINES = 2000
_TAIL = 512 * 1024
_SLACK = 0.05
_KEPT = 20
_PATH = re.compile(r"/[^\s'\"`,;:()\[\]]+")
_MOST_PATHS = 8
_MOST_MOUNTS = 50
_WITHOUT_FILES = frozenset(
    {"proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "debugfs", "tracefs", "securityfs",
     "pstore", "bpf", "configfs", "fusectl", "hugetlbfs", "autofs", "binfmt_misc", "efivarfs",
     "nsfs", "devtmpfs"}
)  # fmt: skip
_TEMPORARY = ("/tmp",)  # noqa: S108
_SAME_DEATH_SECONDS = 60.0
"""From a worker's timeout to its end by SIGKILL: gunicorn waits about a second."""
_REASONS: frozenset[EventKind] = frozenset(
    {"dependency-failed", "no-space", "too-many-files", "address-in-use", "fatal-error",
     "memory-exhausted", "import-failed"}
)  # fmt: skip
Phrases = Sequence[tuple[EventKind, re.Pattern[str]]]
Lines = Iterable[tuple[float | None, str]]


class Gathered(msgspec.Struct):
    """What was read, from where, and what could not be."""

    events: list[Event]
    sources: list[str]
    unread: list[str]


def log(
    owner: Owner, app: Application, asked_at: float | None = None, since: float | None = None
) -> Sighting:
    """What it wrote in the window about itself, in its journal and in its own files."""
    told = _gather(owner, app, since or _begins(owner, asked_at or time.time()), asked_at)
    command = _command(owner, told.sources)
    if not told.sources:
        why = "; ".join(told.unread) or "no journal and no file that it writes to is known"
        return Sighting(
            status="unreadable", command=command, reading=one_line(why, 80), reason=why,
            facts=ApplicationLog(unread=told.unread, writes_to=_writes_to(owner, "")),
            remedy=f"sudo {command}",
        )  # fmt: skip
    complaints = " ".join(one.line for one in told.events if one.kind == "no-space")
    facts = msgspec.structs.replace(
        read(told.events, asked_at, alive=_alive(owner)),
        sources=told.sources,
        unread=told.unread,
        writes_to=_writes_to(owner, complaints),
    )
    return Sighting(
        status="present" if facts.count else "absent",
        facts=facts,
        reading=_reading(facts),
        raw="\n".join(event.line for event in facts.recent),
        command=command,
    )


def _gather(owner: Owner, app: Application, begins: float, asked_at: float | None) -> Gathered:
    module = kinds.server_called(app.kind)
    own = module.EVENTS if module else ()
    told = Gathered([], [], [])
    if owner.unit:
        said = journal.lines(owner.unit, _LINES, since=begins)
        if said.reason:
            told.unread.append(f"journal: {said.reason}")
        else:
            told.sources.append("journal")
            entries = (entry for entry in said.entries if not entry.by_manager)
            lines = ((entry.at, line) for entry in entries for line in entry.message.splitlines())
            told.events += events_in(lines, own)
    for path in _files(owner, app):
        why = why_not(path)
        if why and why != "missing":
            told.unread.append(f"{path}: {why}")
        if why:
            continue
        told.sources.append(path)
        events = events_in(_stamped(path, module, asked_at), own)
        told.events += [one for one in events if one.at is None or one.at >= begins]
    told.events.sort(key=lambda event: event.at or 0.0)
    return told


def read(events: Sequence[Event], asked_at: float | None, *, alive: bool) -> ApplicationLog:
    """The facts in its events, which stand oldest first."""
    newest = [event for event in reversed(events) if event.kind != "worker-ended"]
    last = newest[0] if newest else None
    asked = [one for one in newest if _is_since(one.at or 0.0, asked_at or 0.0)]
    timed = asked_at is not None and all(event.at is not None for event in events)
    failed = [one for one in (asked if alive else newest) if one.kind in _REASONS]
    reason = failed[0] if failed else None
    return ApplicationLog(
        count=len(newest),
        kinds=list(dict.fromkeys(event.kind for event in newest)),
        now=list(dict.fromkeys(event.kind for event in asked)) if timed else None,
        lines={event.kind: event.line for event in reversed(newest)},
        reason=(reason.kind if reason else "none") if timed or not alive else None,
        reason_line=reason.line if reason and (timed or not alive) else None,
        killed_after_timeout=_killed_after_timeout(events, asked_at if timed else None),
        last_kind=last.kind if last else None,
        last_at=last.at if last else None,
        last_line=last.line if last else None,
        recent=newest[:_KEPT],
    )


def _is_since(at: float, asked_at: float) -> bool:
    """Log files have whole seconds: a line of the very second may have come after the request."""
    return at >= (asked_at // 1 if at == at // 1 else asked_at - _SLACK)


def events_in(lines: Lines, own: Phrases = ()) -> list[Event]:
    """The lines that mean something, by the server's own phrases and those of every application.

    An exception that is raised while another one is handled keeps the first one's kind.
    """
    events: list[Event] = []
    cause: EventKind | None = None
    for at, line in lines:
        if phrases.CHAINED.match(line):
            cause = events[-1].kind if events else None
            continue
        event = _event(line, at, (*own, *phrases.EVENTS))
        if event is None:
            continue
        if cause in _REASONS and event.kind == "fatal-error":
            event = Event(cause, events[-1].line, at)
        cause = None
        events.append(event)
    return events


def _event(line: str, at: float | None, known: Phrases) -> Event | None:
    if phrases.CLIENT_LEFT.search(line):
        return None
    for kind, phrase in known:
        match = phrase.search(line)
        if match is not None:
            named = match.groupdict()
            pid = named.get("pid") or named.get("number")
            return Event(kind, one_line(line, 300), at, int(pid) if pid else None)
    return None


def _killed_after_timeout(events: Sequence[Event], asked_at: float | None) -> bool:
    """The first worker that timed out was killed a moment later, by the same master's hand.

    The first, because the end of the last one may not have been written yet. On a busy host a
    worker that ends in good order may be killed while it does.
    """
    begins = (asked_at or 0.0) - _SLACK
    late = next(
        (one for one in events if one.kind == "worker-timeout" and (one.at or 0.0) >= begins), None
    )
    if late is None:
        return False
    until = (late.at or 0.0) + _SAME_DEATH_SECONDS
    ends = {one.kind for one in events if one.pid == late.pid and (one.at or 0.0) <= until}
    return "worker-killed" in ends and "worker-ended" not in ends


def _alive(owner: Owner) -> bool:
    return owner.active in (None, "active", "reloading") and not owner.looping


def _begins(owner: Owner, asked_at: float) -> float:
    """The present run of what is alive, at most a quarter of an hour; else the last run."""
    started = owner.started or 0.0
    if _alive(owner):
        return min(max(asked_at - _WINDOW, started), asked_at)
    return min(asked_at - _WINDOW, started - 1.0) if started else asked_at - _WINDOW


def _writes_to(owner: Owner, complaints: str) -> list[str]:
    """Its own folders; when it complains of no space, every file system that can be written to.

    write() fails without naming the file.
    """
    named = _PATH.findall(complaints)[:_MOST_PATHS]
    own = [owner.working_directory] if owner.working_directory else []
    return list(dict.fromkeys([*named, *own, *_TEMPORARY, *(_mounts() if complaints else ())]))


def _mounts() -> list[str]:
    """Where file systems that hold files are mounted, and may be written to."""
    try:
        with open("/proc/self/mounts", "rb") as file:
            lines = [line.split() for line in decode(file.read(_TAIL)).splitlines()]
    except OSError:
        return []
    return [
        words[1].replace("\\040", " ")
        for words in lines
        if len(words) > 3 and words[3].split(",")[0] == "rw"
        if words[2] not in _WITHOUT_FILES and not words[1].startswith(("/proc/", "/sys/", "/dev/"))
    ][:_MOST_MOUNTS]


def _files(owner: Owner, app: Application) -> list[str]:
    output = processes.output_file(owner.pid) if owner.pid else None
    return list(dict.fromkeys([*app.log_files, *([output] if output else [])]))


def _stamped(
    path: str, module: kinds.Server | None, asked_at: float | None
) -> Iterator[tuple[float | None, str]]:
    """The end of a file, each line with its own time or that of the line before.

    Lines without any time are as old as the file's last change at least, where that was before the
    wizard's own request.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            file.seek(max(0, status.st_size - _TAIL))
            lines = decode(file.read(_TAIL)).splitlines()
    except OSError:
        return
    at = status.st_mtime if status.st_mtime < (asked_at or 0.0) - _SLACK else None
    read_stamp = module.stamp if module else stamps.stamp
    for line in lines:
        at = read_stamp(line) or at
        yield at, line


def _command(owner: Owner, sources: Sequence[str]) -> str:
    file = next((path for path in sources if path.startswith("/")), None)
    if owner.unit and (file is None or "journal" in sources):
        return f"journalctl -u {shlex.quote(owner.unit)} -n 200 --no-pager"
    if file:
        return f"tail -n 100 {shlex.quote(file)}"
    return f"ls -l /proc/{owner.pid}/fd/1 /proc/{owner.pid}/fd/2" if owner.pid else "ps -ef"


def _reading(facts: ApplicationLog) -> str:
    line = facts.reason_line or facts.last_line
    return one_line(line, 80) if line else "it wrote nothing of a failure in the window"
