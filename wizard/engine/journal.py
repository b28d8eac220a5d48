"""The journal is the session: every event, one JSON line each, on disk before anyone is told.

It lies in the user's own state folder, readable by nobody else. Where that cannot be written
(a full disk, a read-only file system, a home that is not ours) the session goes on elsewhere, in
the end in memory only, and says so once. A journal cut at any byte still reads
(`wizard.engine.recording`).
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from wizard.engine.recording import JournalError, read
from wizard.model.conversion import convert
from wizard.model.events import Event, Looked, Looking, builtins, decode, encode
from wizard.model.tokens import of_this_process

__all__ = [
    "APPLICATION",
    "Journal",
    "JournalError",
    "masked",
    "new_session_id",
    "read",
    "sessions_folder",
    "write_line",
]

APPLICATION = "gateway-wizard"


def new_session_id(now: float | None = None) -> str:
    """`20261121-031500-9f3c`: sorts by time, and two at once differ."""
    moment = time.localtime(time.time() if now is None else now)
    return f"{time.strftime('%Y%m%d-%H%M%S', moment)}-{os.urandom(2).hex()}"


class Journal:
    """An append-only record of one session.

    `warn` is called once, with a sentence for the person, when the record cannot be kept where it
    belongs; the same sentence stays in `warning`.
    """

    def __init__(
        self,
        session_id: str,
        *,
        name: str = "journal.jsonl",
        warn: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.session_id = session_id
        self.warning: str | None = None
        self._name = name
        self._warn = warn
        self._lines: list[bytes] = []
        self._lock = threading.Lock()
        self._places = _places(session_id)
        self._folder: Path | None = None
        self._file: int | None = None
        self._open_next(None)

    @classmethod
    def continued(
        cls, path: Path, file: int, written: bytes, warn: Callable[[str], None]
    ) -> Journal:
        """A journal that is there already, opened for appending and locked: `file`.

        What was `written` goes along where it has to be kept elsewhere from now on.
        """
        journal = cls.__new__(cls)
        journal.session_id, journal.warning = path.parent.name, None
        journal._name, journal._warn = path.name, warn
        journal._lines, journal._lock = [written], threading.Lock()
        journal._places = _places(path.parent.name)
        journal._folder, journal._file = path.parent, file
        return journal

    @property
    def folder(self) -> Path | None:
        """Where the session lies; None when it is kept in memory only."""
        return self._folder

    @property
    def path(self) -> Path | None:
        """The journal's file; None when it is kept in memory only."""
        return self._folder / self._name if self._folder else None

    def append(self, event: Event, *, wait: bool = True) -> Event:
        """Write one event, wait until it is on disk, and return it as it was written: masked.

        Who tells nobody of this event need not wait: the next one that is waited for takes the
        earlier ones to the disk with it. Never raises for what the disk says. Looks that begin are
        told and not kept.
        """
        if isinstance(event, Looking):
            return event
        event = masked(event)
        line = encode(event) + b"\n"
        with self._lock:
            self._lines.append(line)
            if self._file is not None:
                try:
                    write_line(self._file, line, wait)
                except OSError as error:
                    self._open_next(error)
        return event

    def events(self) -> list[Event]:
        """Everything that was written so far, as it was written."""
        with self._lock:
            lines = tuple(self._lines)
        return [decode(line) for line in lines]

    def keep(self, name: str, text: str) -> Path | None:
        """Puts a text file beside the journal; where it lies, or None when it could not."""
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            file = os.open(path, _CREATE, 0o600)
            try:
                write_line(file, text.encode("utf-8", errors="backslashreplace"))
            finally:
                os.close(file)
        except OSError:
            return None
        return path

    def close(self) -> None:
        """Gives the file back. What was appended is on disk already."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _open_next(self, error: OSError | None) -> None:
        """Goes on in the next folder that takes all that was written so far."""
        first = error is None
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
        self._file = self._folder = None
        for folder, problem in self._places:
            if folder is not None:
                try:
                    self._file = _create_in(folder, self._name)
                    write_line(self._file, b"".join(self._lines))
                except OSError as trouble:
                    problem = trouble
                else:
                    self._folder = folder
                    break
            error = error or problem
        of_this_process.keep_in(self._folder, self.session_id)
        if not first or error is not None:
            self._say_where(error)

    def _say_where(self, error: OSError | None) -> None:
        if self.warning is not None:
            return
        why = f" ({error.strerror or error})" if error else ""
        where = f"it is kept in {self._folder}" if self._folder else "it is in memory only"
        self.warning = f"The session cannot be written to your state folder{why}; {where}."
        self._warn(self.warning)


def sessions_folder() -> Path:
    """Where this user's sessions belong."""
    return next(_state_homes()) / APPLICATION / "sessions"


def masked(event: Event) -> Event:
    """The event without secrets. Evidence was masked where it was made; the rest is masked here."""
    if isinstance(event, Looked | Looking):
        return event
    # its patterns take 7 ms to compile; the first frame of the screen does not wait for them
    from wizard.model.masking import mask_value

    plain = mask_value(builtins(event))
    same: Event = convert(plain, type(event))
    return same


_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def write_line(file: int, line: bytes, wait: bool = True) -> None:
    """All of the line or, as far as that can be had, nothing of it."""
    begin, view = os.fstat(file).st_size, memoryview(line)
    try:
        while view:
            view = view[os.write(file, view) :]
        if wait:
            os.fdatasync(file)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(file, begin)
        raise


def _create_in(folder: Path, name: str) -> int:
    """The new file, locked for as long as it is open: who wants to append later has to wait."""
    import fcntl

    where = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        file = os.open(name, _CREATE, 0o600, dir_fd=where)
    finally:
        os.close(where)
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _places(session_id: str) -> Iterator[tuple[Path | None, OSError | None]]:
    """Private folders to try one after the other, or why there is none at that place."""
    homes: list[tuple[Path, tuple[str, ...]]] = [
        (home, (APPLICATION, "sessions", session_id)) for home in _state_homes()
    ]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        homes.append((Path(runtime), (APPLICATION, session_id)))
    for home, parts in homes:
        try:
            yield _private_folder(home, parts), None
        except OSError as error:
            yield None, error
    import tempfile

    try:
        yield Path(tempfile.mkdtemp(prefix=f"{APPLICATION}-")), None
    except OSError as error:
        yield None, error


def _state_homes() -> Iterator[Path]:
    """The state folders of the user who runs this, the asked-for one first."""
    asked = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(asked):
        yield Path(asked)
        return
    home = os.environ.get("HOME", "")
    if os.path.isabs(home) and _is_ours(home):
        yield Path(home) / ".local/state"
        return
    # `sudo` may leave HOME pointing at someone else's folder; nothing is put there.
    import pwd

    try:
        yield Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".local/state"
    except KeyError:
        yield Path(home if os.path.isabs(home) else "/nonexistent") / ".local/state"


def _is_ours(path: str) -> bool:
    try:
        return os.stat(path).st_uid == os.geteuid()
    except OSError:
        return False


def _private_folder(home: Path, parts: tuple[str, ...]) -> Path:
    """The folder below `home`, made for us alone; no symbolic link is followed on the way down."""
    os.makedirs(home, mode=0o700, exist_ok=True)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    above = os.open(home, flags)
    try:
        for part in parts:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o700, dir_fd=above)
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=above)
            os.close(above)
            above = below
            seen = os.fstat(above)
            if seen.st_uid != os.geteuid():
                raise PermissionError(1, f"{part} belongs to another user")
            if stat.S_IMODE(seen.st_mode) & 0o077:
                os.fchmod(above, 0o700)
    finally:
        os.close(above)
    return home.joinpath(*parts)
