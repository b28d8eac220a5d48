"""All sessions at a glance: when, where, what and how it ended, without reading them whole.

Of a journal the first line says what was looked into, and the last ones how it ended. So a list
of 2,000 sessions takes less than a second, however long they are.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from wizard.model.text import clean
from wizard.sessions.appending import is_written_in
from wizard.sessions.kept import ID, Kept, homes

State = Literal["running", "unfinished", "finished", "mended", "unreadable"]
"""running: a wizard writes in it now. unfinished: it has no verdict that still counts. mended: it
was verified later, and the site answered well."""
KEEP = "keep"
"""The file that marks a session which is never removed by itself."""
_HEAD = 32 * 1024
_TAIL = 64 * 1024
_MOST_TAIL = 64 * 1024 * 1024
_WALKING = frozenset({"entered", "decided", "found", "chosen", "returned", "started"})
_BADNESS = {"cause": 0, "unproven": 1, "": 2, "healthy": 3}


class Listed(NamedTuple):
    """One session, as far as a list tells it."""

    id: str
    path: Path
    """Of its journal; of several the one that went worst."""
    state: State
    started: float = 0.0
    """Seconds since the epoch; 0 where that cannot be read."""
    changed: float = 0.0
    """When something was written into it last."""
    host: str = ""
    user: str = ""
    url: str = ""
    status: int | None = None
    outcome: str = ""
    """healthy, cause, unproven; empty without a verdict."""
    verdict: str = ""
    confidence: str = ""
    more: int = 0
    """Further URLs that were asked in the same run."""
    is_kept: bool = False
    problem: str = ""


class Problem(NamedTuple):
    """A place that could not be looked into."""

    path: Path
    why: str


class _Incident(msgspec.Struct):
    url: str = ""
    hostname: str = ""
    user: str = ""
    status: int | None = None


class _Begin(msgspec.Struct):
    type: str
    at: float = 0.0
    incident: _Incident = msgspec.field(default_factory=_Incident)


class _Verdict(msgspec.Struct):
    title: str = ""
    subject: str = ""
    confidence: str = ""


class _End(msgspec.Struct):
    outcome: str = ""
    summary: str = ""
    status: int | None = None
    verdicts: tuple[_Verdict, ...] = ()


class _Line(msgspec.Struct):
    type: str
    mended: bool = False


_begin = msgspec.json.Decoder(_Begin)
_end = msgspec.json.Decoder(_End)
_line = msgspec.json.Decoder(_Line)


def listed() -> tuple[list[Listed], list[Problem]]:
    """All sessions of this user, the newest first, and the places that cannot be read."""
    found: dict[str, Listed] = {}
    problems: list[Problem] = []
    for home in homes():
        try:
            with os.scandir(home) as entries:
                names = [entry for entry in entries if ID.fullmatch(entry.name)]
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(Problem(home, error.strerror or "unreadable"))
            continue
        for entry in names:
            seen = _folder(Path(entry.path))
            if isinstance(seen, Problem):
                problems.append(seen)
            else:
                found[entry.name] = seen
    return sorted(found.values(), key=lambda each: each.id, reverse=True), problems


def _folder(folder: Path) -> Listed | Problem:
    seen = folder.lstat()
    if stat.S_ISLNK(seen.st_mode):
        return Problem(folder, "a symbolic link, which is not followed")
    if not stat.S_ISDIR(seen.st_mode):
        return Problem(folder, "not a folder")
    if seen.st_uid != os.geteuid():
        return Problem(folder, "belongs to another user")
    try:
        os.listdir(folder)
    except OSError as error:
        return Problem(folder, error.strerror or "unreadable")
    return one(Kept(folder.name, folder))


def one(session: Kept) -> Listed:
    """A session as the list shows it."""
    rows = [_journal(session, path) for path in session.journals()]
    if not rows:
        return Listed(session.id, session.folder, "unreadable", problem="it holds no journal")
    worst = min(rows, key=lambda each: _BADNESS[each.outcome])
    for each in rows:
        if each.state == "running":
            worst = each._replace(state="running")
    marked = (session.folder / KEEP).is_file()
    changed = max(each.changed for each in rows)
    return worst._replace(more=len(rows) - 1, is_kept=marked, changed=changed)


def _journal(session: Kept, path: Path) -> Listed:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        file = os.open(path, flags)
    except OSError as error:
        return Listed(session.id, path, "unreadable", problem=error.strerror or "unreadable")
    try:
        seen = os.fstat(file)
        head = os.pread(file, _HEAD, 0).partition(b"\n")[0]
        row = Listed(session.id, path, "unfinished", changed=seen.st_mtime)
        try:
            began = _begin.decode(head)
        except (msgspec.MsgspecError, UnicodeError):
            return row._replace(state="unreadable", problem="its first line is not whole")
        incident = began.incident
        row = row._replace(
            started=began.at, host=clean(incident.hostname), user=clean(incident.user),
            url=clean(incident.url), status=incident.status,
        )  # fmt: skip
        row = _ended(row, _lines_from_the_end(file, seen.st_size))
    finally:
        os.close(file)
    return row._replace(state="running") if is_written_in(path) else row


def _ended(row: Listed, lines: Iterator[bytes]) -> Listed:
    """The row with what the last lines say of the end."""
    mended: bool | None = None
    for line in lines:
        try:
            kind = _line.decode(line)
            if kind.type == "verified" and mended is None:
                mended = kind.mended
            if kind.type in _WALKING:
                break
            if kind.type != "concluded":
                continue
            ended = _end.decode(line)
        except (msgspec.MsgspecError, UnicodeError):
            continue  # torn, or of a newer wizard
        first = ended.verdicts[0] if ended.verdicts else _Verdict()
        named = f"{first.title}: {first.subject}" if first.title else ended.summary
        return row._replace(
            state="mended" if mended else "finished",
            status=row.status if ended.status is None else ended.status,
            outcome=ended.outcome if ended.outcome in _BADNESS else "",
            verdict=clean(named),
            confidence=clean(first.confidence),
        )
    return row


def _lines_from_the_end(file: int, size: int) -> Iterator[bytes]:
    """The lines, the last one first; of a long file only as much is read as is wanted."""
    room, begin, rest = _TAIL, size, b""
    while begin > 0:
        at = max(0, begin - room)
        chunk = os.pread(file, begin - at, at) + rest
        lines = chunk.split(b"\n")
        # The first one may have begun before this piece; it waits for what comes before it.
        rest = lines.pop(0) if at else b""
        yield from (line for line in reversed(lines) if line.strip())
        if size - at > _MOST_TAIL:
            return
        begin, room = at, room * 4
