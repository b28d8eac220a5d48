"""Going on writing in a journal that is there already, as the only one who does.

The lock is the kernel's (flock(2)) and is held for as long as the file is open: a walk holds that
of its own journal from the beginning. Two writers would interleave their events; the second one is
told and writes nothing.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from wizard.engine.journal import Journal, masked, write_line
from wizard.model.events import Event, Looking, decode, encode
from wizard.model.tokens import of_this_process
from wizard.sessions.kept import SessionError, is_session_folder

_TRIES, _PAUSE = 5, 0.05
"""Who only asks whether a journal is being written in holds its lock for an instant."""
_TAIL = 64 * 1024 * 1024
_OPEN = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Busy(SessionError):
    """Another process writes in the journal now."""


class Appending:
    """An open journal. Closing it, or the end of the process, gives the lock back."""

    def __init__(self, path: Path) -> None:
        """Open and lock the journal.

        Raises:
            SessionError: it is no journal of this user, or another process writes in it.
        """
        try:
            self._file = os.open(path, _OPEN)
        except OSError as error:
            raise SessionError(f"{path} cannot be written to: {error.strerror}.") from error
        try:
            self._take(path)
        except BaseException:
            os.close(self._file)
            raise

    def _take(self, path: Path) -> None:
        seen = os.fstat(self._file)
        if not stat.S_ISREG(seen.st_mode):
            raise SessionError(f"{path} is no regular file.")
        if seen.st_uid != os.geteuid():
            raise SessionError(f"{path} belongs to another user.")
        if os.pread(self._file, 2, 0) == b"\x1f\x8b":
            raise SessionError(f"{path} is a packed tape, which is never written to.")
        try:
            _lock(self._file)
        except BlockingIOError:
            raise Busy(f"Another wizard is writing in {path}.") from None
        except OSError as error:
            raise SessionError(f"{path} cannot be locked: {error.strerror}.") from error
        self._end_on_a_line()
        of_this_process.go_on(path, in_folder=is_session_folder(path.parent))

    def append(self, event: Event) -> Event:
        """Write one event and return it as it was written: masked.

        Raises:
            OSError: the disk does not take it; nothing of it was written.
        """
        if isinstance(event, Looking):
            return event
        event = masked(event)
        write_line(self._file, encode(event) + b"\n")
        return event

    def journal(self, path: Path, warn: Callable[[str], None]) -> Journal:
        """The journal for a walk that goes on in it; it takes the file and the lock over."""
        written = os.pread(self._file, os.fstat(self._file).st_size, 0)
        return Journal.continued(path, self._file, written, warn)

    def close(self) -> None:
        """Give the file back, and the lock with it."""
        os.close(self._file)

    def _end_on_a_line(self) -> None:
        """Take away a line that was cut off, or what is appended would become part of it."""
        size = os.fstat(self._file).st_size
        begin = max(0, size - _TAIL)
        tail = os.pread(self._file, size - begin, begin)
        last = tail[tail.rfind(b"\n") + 1 :]
        if not last:
            return
        try:
            decode(last)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            os.ftruncate(self._file, size - len(last))
        else:
            write_line(self._file, b"\n")


def _lock(file: int) -> None:
    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise
            time.sleep(_PAUSE)
        else:
            return


def is_written_in(path: Path) -> bool:
    """Another process has the journal open for writing now."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: nobody can tell
        return False
    finally:
        os.close(file)
    return False
