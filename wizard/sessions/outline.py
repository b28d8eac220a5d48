"""A session without the raw text of its looks, which stays in the file until it is wanted.

Raw text is nearly all of a long session. The journal is read line by line; of each look the place
of its line is kept, and the line is read again when the look is written down. What is in memory is
then the outline and one look. A gzipped tape is unpacked twice, piece by piece.
"""

from __future__ import annotations

import gzip
import os
import typing
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

import msgspec

from wizard.engine.recording import KINDS, JournalError, cleaned
from wizard.model.conversion import convert
from wizard.model.events import Event, Looked
from wizard.model.evidence import Evidence
from wizard.model.text import clean

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one event; the wizard's own keep below some megabytes."""
LIMIT = 1024 * 1024 * 1024
"""Bytes of all events together. What is packed may not grow past this."""


class _Place(NamedTuple):
    offset: int
    length: int


class Outline:
    """An open journal or tape: its events without raw text, and the raw text of any look."""

    def __init__(self, path: Path) -> None:
        """Read it once.

        Raises:
            JournalError: it cannot be read, or a line before the last is no event.
        """
        self._path = path
        self._places: dict[str, _Place] = {}
        try:
            self._file = _opened(path)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror or error}.") from error
        try:
            self.events: list[Event] = list(self._read())
        except BaseException:
            self._file.close()
            raise

    def raw(self, evidence: Evidence) -> str:
        """What this look saw.

        Raises:
            JournalError: the file is no longer what it was.
        """
        place = self._places.get(evidence.id)
        if place is None:
            return evidence.raw
        try:
            self._file.seek(place.offset)
            raw = msgspec.json.decode(self._file.read(place.length))["evidence"]["raw"]
        except (OSError, EOFError, zlib.error, msgspec.MsgspecError, KeyError, TypeError) as error:
            raise JournalError(f"{self._path} changed while it was read ({error}).") from error
        return clean(raw)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __enter__(self) -> Outline:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> Iterator[Event]:
        offset = 0
        for number, line in enumerate(_lines(self._file, self._path), 1):
            try:
                event = _event(line)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                if line.endswith(b"\n"):
                    raise JournalError(
                        f"{self._path}, line {number}: not an event ({error})."
                    ) from error
                return  # torn: everything before it is there
            if isinstance(event, Looked) and event.evidence.raw:
                self._places[event.evidence.id] = _Place(offset, len(line))
                bare = msgspec.structs.replace(event.evidence, raw="")
                event = msgspec.structs.replace(event, evidence=bare)
            elif isinstance(event, Looked):
                self._places.pop(event.evidence.id, None)
            offset += len(line)
            if event is not None:
                yield event


def outline(path: str | os.PathLike[str]) -> list[Event]:
    """The events of a journal or tape without raw text.

    Raises:
        JournalError: it cannot be read.
    """
    with Outline(Path(path)) as read:
        return read.events


def _opened(path: Path) -> IO[bytes]:
    file = path.open("rb")
    if file.read(2) == b"\x1f\x8b":
        file.close()
        return typing.cast("IO[bytes]", gzip.open(path, "rb"))
    file.seek(0)
    return file


def _lines(file: IO[bytes], path: Path) -> Iterator[bytes]:
    size = 0
    while True:
        try:
            line = file.readline(LONGEST_LINE + 1)
        except EOFError:  # a packed file that was cut off
            return
        except (OSError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise JournalError(f"{path}: {reason}.") from error
        if not line:
            return
        size += len(line)
        if len(line) > LONGEST_LINE:
            raise JournalError(f"{path}: a line is longer than {LONGEST_LINE // 2**20} MB.")
        if size > LIMIT:
            raise JournalError(f"{path}: larger than {LIMIT // 2**20} MB.")
        yield line


def _event(line: bytes) -> Event | None:
    """The event; None for an empty line and for what this version does not know."""
    if not line.strip():
        return None
    plain = msgspec.json.decode(line)
    if isinstance(plain, dict) and isinstance(plain.get("type"), str):
        if plain["type"] not in KINDS:
            return None
        evidence = plain.get("evidence")
        if isinstance(evidence, dict) and isinstance(evidence.get("raw"), str):
            # Cleaned when it is written down; here it only matters whether there is any.
            evidence["raw"] = "-" if evidence["raw"] else ""
    event: Event = convert(cleaned(plain), Event)
    return event
