"""Removing sessions: the old ones and those beyond a number, never one that is used or kept.

By itself, when a session begins, the wizard removes what is older than 90 days and what is beyond
the newest 500. A session counts from when something was last written into it. A journal that is
being written in is locked; its session stays, and so does one marked by `wizard sessions keep`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from wizard.sessions.kept import Kept, SessionError, kept
from wizard.sessions.listing import KEEP

DAYS, MOST = 90, 500
"""What is kept by itself: for so many days, so many sessions."""
OFF = "WIZARD_RETENTION"
"""Environment variable: `off` leaves everything until a person removes it."""
_DAY = 86_400.0
_MOST_AT_ONCE = 200
_JOURNAL = re.compile(r"journal(-\d+)?\.jsonl")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Aged(NamedTuple):
    """A session and when something was last written into it."""

    session: Kept
    changed: float


def too_many(now: float, older_than: float | None, most: int | None) -> list[Aged]:
    """The sessions that a rule removes, the oldest first; those marked as kept do not count."""
    every = sorted(
        (Aged(each, _changed(each)) for each in kept() if not is_marked(each)),
        key=lambda each: each.changed,
    )
    surplus = max(0, len(every) - most) if most is not None else 0
    old = 0
    if older_than is not None:
        old = sum(1 for each in every if now - each.changed > older_than)
    return every[: max(surplus, old)]


def prune_quietly(now: float, mine: str) -> None:
    """What is done by itself when a session begins; it never fails and says nothing."""
    if os.environ.get(OFF, "") == "off":
        return
    with contextlib.suppress(OSError):
        for each in too_many(now, DAYS * _DAY, MOST)[:_MOST_AT_ONCE]:
            if each.session.id != mine:
                with contextlib.suppress(SessionError):
                    remove(each.session)


def is_marked(session: Kept) -> bool:
    """A person said that it stays."""
    return (session.folder / KEEP).is_file()


def mark(session: Kept, stays: bool) -> None:
    """Keep a session for good, or let it go with the others again.

    Raises:
        SessionError: its folder takes no mark.
    """
    path = session.folder / KEEP
    try:
        if stays:
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            os.close(os.open(path, flags, 0o600))
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise SessionError(f"{path} cannot be changed: {error.strerror}.") from error


def remove(session: Kept) -> None:
    """Remove a session's folder with all that lies in it.

    Raises:
        SessionError: a wizard writes in it, it is marked, or it cannot be removed.
    """
    try:
        with _opened(session.folder) as folder:
            names = os.listdir(folder)
            if KEEP in names:
                raise SessionError(f"{session.id} is marked to be kept.")
            with contextlib.ExitStack() as locks:
                for name in filter(_JOURNAL.fullmatch, names):
                    locks.enter_context(_locked(name, folder, session.id))
                _empty(names, folder, session.id)
        os.rmdir(session.folder)
    except OSError as error:
        raise SessionError(f"{session.id} cannot be removed: {error.strerror}.") from error


def _empty(names: Iterable[str], folder: int, session: str) -> None:
    modes = {name: os.lstat(name, dir_fd=folder).st_mode for name in names}
    if any(stat.S_ISDIR(mode) for mode in modes.values()):
        raise SessionError(f"{session} holds a folder, which the wizard did not make; it stays.")
    # The journals last: what is half removed is still found, and removed the next time.
    for name in sorted(modes, key=lambda each: bool(_JOURNAL.fullmatch(each))):
        os.unlink(name, dir_fd=folder)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    opened = os.open(folder, _FOLDER)
    try:
        if os.fstat(opened).st_uid != os.geteuid():
            raise PermissionError(1, "it belongs to another user")
        yield opened
    finally:
        os.close(opened)


@contextlib.contextmanager
def _locked(name: str, folder: int, session: str) -> Iterator[None]:
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SessionError(f"A wizard is writing in {session}.") from None
        yield
    finally:
        os.close(file)


def _changed(session: Kept) -> float:
    """When something was last written into one of its journals; of an empty folder its own time."""
    times = [path.lstat().st_mtime for path in session.journals()]
    return max(times, default=session.folder.lstat().st_mtime)
