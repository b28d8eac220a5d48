"""Where sessions lie: all of this user's, the newest, the one whose id begins so.

A session is a folder named after its id, with a journal for every URL that was asked in that run.
Only folders of this user count, and no symbolic link is followed: what lies behind one is not a
session of ours.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from wizard.engine.journal import APPLICATION, JournalError, read, sessions_folder
from wizard.model.events import Event
from wizard.model.session import Session, fold

Read = Callable[[Path], list[Event]]
"""Reads the events of a journal or tape, whole or in outline."""
ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_JOURNAL = re.compile(r"journal(-\d+)?\.jsonl")
_RANK = {"cause": 0, "unproven": 1, "healthy": 2}
_MOST_NAMED = 5


class SessionError(Exception):
    """There is no such session, or it cannot be used; the text says why and what there is."""


class Kept(NamedTuple):
    """A session's folder."""

    id: str
    folder: Path

    def journals(self) -> list[Path]:
        """Its journals, in the order in which the URLs were asked."""
        found = [
            Path(entry.path)
            for entry in _entries(self.folder)
            if _JOURNAL.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
        ]
        return sorted(found, key=lambda path: (len(path.name), path.name))


class Recorded(NamedTuple):
    """A session that was read, and the file it was read from."""

    session: Session
    path: Path


def kept() -> list[Kept]:
    """All sessions of this user, the newest first."""
    found = {each.id: each for folder in homes() for each in _in(folder)}
    return sorted(found.values(), key=lambda each: each.id, reverse=True)


def recorded(wanted: str | None, events_of: Read = read) -> Recorded:
    """The session of an id, of an id's beginning, or of a path; without any, the newest one.

    Of a run that asked several URLs it is the one that went worst.

    Raises:
        SessionError: there is none, or there are several.
        JournalError: it cannot be read.
    """
    if wanted is None:
        return _newest(events_of)
    path = Path(wanted)
    if os.sep in wanted or path.exists():
        # The person named this place, so a link in it is theirs to follow.
        if not path.is_dir():
            return _read(path, events_of)
        return _worst(Kept(path.name, path).journals(), wanted, events_of)
    found = named(wanted)
    return _worst(found.journals(), found.id, events_of)


def named(wanted: str) -> Kept:
    """The session of an id or of an id's beginning.

    Raises:
        SessionError: there is none, or there are several.
    """
    every = kept()
    found = [each for each in every if each.id.startswith(wanted)]
    if not found:
        raise SessionError(f"There is no session {wanted!r}. {_there_are(every)}")
    if len(found) > 1:
        raise SessionError(f"Several sessions begin with {wanted!r}. {_there_are(found)}")
    return found[0]


def is_session_folder(folder: Path) -> bool:
    """It is named as the folders of sessions are."""
    return ID.fullmatch(folder.name) is not None


def _newest(events_of: Read) -> Recorded:
    for each in kept():
        try:
            return _worst(each.journals(), each.id, events_of)
        except (SessionError, JournalError):
            continue  # begun and not recorded, or torn: the one before it is meant
    raise SessionError("No session of yours is kept here yet: wizard diagnose URL makes one.")


def _worst(paths: list[Path], name: str, events_of: Read) -> Recorded:
    if not paths:
        raise SessionError(f"{name} holds no journal.")
    return min((_read(path, events_of) for path in paths), key=_badness)


def _badness(one: Recorded) -> int:
    ended = one.session.conclusion
    return _RANK[ended.outcome] if ended else 1


def _read(path: Path, events_of: Read) -> Recorded:
    session = fold(events_of(path))
    if session.incident is None:
        raise SessionError(f"{path} holds no session.")
    return Recorded(session, path)


def homes() -> list[Path]:
    """The folders that `Journal` puts sessions in, those that outlive a boot first."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return [sessions_folder(), *([Path(runtime) / APPLICATION] if os.path.isabs(runtime) else [])]


def _in(folder: Path) -> Iterator[Kept]:
    for entry in _entries(folder):
        if ID.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
            seen = entry.stat(follow_symlinks=False)
            if seen.st_uid == os.geteuid() and not stat.S_ISLNK(seen.st_mode):
                yield Kept(entry.name, Path(entry.path))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _there_are(sessions: list[Kept]) -> str:
    if not sessions:
        return "None of yours is kept here."
    named = ", ".join(each.id for each in sessions[:_MOST_NAMED])
    more = len(sessions) - _MOST_NAMED
    return f"There are: {named}{f' and {more} older ones' if more > 0 else ''}."
