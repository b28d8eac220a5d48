"""A text log read backwards from its end, in blocks, until it is older than one wants to know.

The cost follows the window, not the file: a log of 1 GB whose last quarter of an hour is 12 MB is
read for 12 MB. What is no regular file is never opened, so a pipe or a terminal cannot block. The
rest of the window is taken from the rotated pieces (`error.log.1`, `error.log-20261121`); what is
compressed is only noted. Where a bound is met before the window's beginning, `bounded` says so.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator

import msgspec

BLOCK = 512 * 1024
"""Larger blocks fall out of the processor's cache: 12 MB in blocks of 4 MiB take half as long
again."""
_LONGEST_ENTRY = 64 * 1024
"""Of an entry longer than this only the beginning is kept (nginx itself stops at 2 kB)."""

_ROTATED = re.compile(r"[.-]\d[\d.-]*(?:\.(?:gz|bz2|xz|zst|lz4))?")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4")

EVERY_LINE = re.compile(rb"^", re.MULTILINE)
"""For logs whose every line is an entry."""


class Budget(msgspec.Struct):
    """What may be spent on reading; shared by all the logs of one look."""

    bytes_left: int = 256 * 1024 * 1024
    seconds: float = 1.0
    began: float = msgspec.field(default_factory=time.monotonic)

    @property
    def spent(self) -> bool:
        """Nothing may be read any more."""
        return self.bytes_left <= 0 or time.monotonic() - self.began >= self.seconds


def why_not(path: str) -> str | None:
    """Why the path cannot be read as a log: `not allowed`, `missing`, `a pipe`; else None."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return "missing"
    except PermissionError:
        return "not allowed"
    except (OSError, ValueError) as failure:
        return _words(failure)
    if not stat.S_ISREG(mode):
        return f"{_kind_of_file(mode)}, not a file"
    return None if os.access(path, os.R_OK, effective_ids=True) else "not allowed"


def pieces(path: str, since: float) -> list[str]:
    """The log and the rotated pieces of it that were written to after `since`, newest first.

    A proxy that was not told of the rotation goes on writing to `.1`, so the time of the last
    write decides, not the name.
    """
    folder, name = os.path.split(path)
    found: list[tuple[float, str]] = []
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in entries if entry.name.startswith(name)]
    except OSError:
        names = [name, f"{name}.1"]
    for candidate in names:
        if candidate != name and not _ROTATED.fullmatch(candidate[len(name) :]):
            continue
        whole = os.path.join(folder, candidate)
        try:
            status = os.stat(whole)
        except OSError:
            continue
        if candidate == name or (status.st_mtime >= since and stat.S_ISREG(status.st_mode)):
            found.append((status.st_mtime, whole))
    return [whole for _, whole in sorted(found, reverse=True)]


class Backwards:
    """Iterate for blocks of whole entries, the newest block first.

    `starts` matches (as a search in MULTILINE mode) where an entry begins; lines between two
    beginnings continue the entry. `stamp` tells the time of the entry that a text begins with.
    """

    def __init__(
        self,
        path: str,
        *,
        since: float,
        starts: re.Pattern[bytes],
        stamp: Callable[[bytes], float | None],
        budget: Budget,
    ) -> None:
        self.path = path
        self.since = since
        self.read: list[str] = []
        """Pieces that were read."""
        self.unread: list[str] = []
        """Pieces that were not, with the reason."""
        self.oldest: float | None = None
        """Time of the oldest entry that was reached."""
        self.bounded = False
        """The budget ended before the window's beginning was reached."""
        self.complete = False
        """All of the window that is still kept was read."""
        self.modified = 0.0
        """Time of the last write to the piece that the present block is from."""
        self._starts = starts
        self._stamp = stamp
        self._budget = budget

    def __iter__(self) -> Iterator[bytes]:
        every = pieces(self.path, self.since) or [self.path]
        for piece in every:
            reason = "compressed" if piece.endswith(_COMPRESSED) else why_not(piece)
            if reason is not None:
                self.unread.append(f"{piece}: {reason}")
                continue
            if self._budget.spent:
                self.bounded = True
                return
            yield from self._of_piece(piece)
            if self.complete or self.bounded:
                return
        self.complete = bool(self.read) and not self.unread

    def _of_piece(self, piece: str) -> Iterator[bytes]:
        try:
            descriptor = os.open(piece, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as failure:
            self.unread.append(f"{piece}: {_words(failure)}")
            return
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                self.unread.append(f"{piece}: not a file")
                return
            self.modified = status.st_mtime
            self.read.append(piece)
            yield from self._of_descriptor(descriptor, status.st_size)
        except OSError as failure:
            self.unread.append(f"{piece}: {_words(failure)}")
        finally:
            os.close(descriptor)

    def _of_descriptor(self, descriptor: int, size: int) -> Iterator[bytes]:
        end, rest = size, b""
        while end > 0:
            if self._budget.spent:
                self.bounded = True
                return
            length = min(BLOCK, end, self._budget.bytes_left)
            data = os.pread(descriptor, length, end - length)
            end -= length
            self._budget.bytes_left -= length
            if not data:
                # Truncated while it is being read: what is left stands before this place.
                rest = b""
                continue
            text = data + rest
            cut = 0 if end == 0 else self._first_start(text)
            rest = text[:_LONGEST_ENTRY] if cut is None else text[: min(cut, _LONGEST_ENTRY)]
            if cut is None:
                continue
            if cut:
                text = text[cut:]
            yield text
            first = self._stamp(text)
            if first is not None:
                self.oldest = first
                if first < self.since:
                    self.complete = True
                    return

    def _first_start(self, text: bytes) -> int | None:
        """Where the first entry begins that surely begins in this text."""
        newline = text.find(b"\n")
        if newline < 0:
            return None
        found = self._starts.search(text, newline + 1)
        return found.start() if found and found.start() < len(text) else None


def _words(failure: Exception) -> str:
    if isinstance(failure, PermissionError):
        return "not allowed"
    text = getattr(failure, "strerror", None) or str(failure)
    return str(text).lower()


def _kind_of_file(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    if stat.S_ISDIR(mode):
        return "a directory"
    return "a device"
