"""Reads what was recorded: a journal, or a tape that somebody else sent.

Both are JSON lines, one event a line, plain or gzipped; a tape begins with a line about itself
(`wizard.engine.tape`). A tape may come from anywhere, so it is read piece by piece within limits,
cleaned of control characters, and what a newer wizard wrote is left out and counted.
"""

from __future__ import annotations

import os
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from wizard.model.conversion import convert
from wizard.model.events import Event
from wizard.model.text import clean, one_line

READ_LIMIT = 256 * 1024 * 1024
"""Unpacked, a recording may not grow past this."""
LINE_LIMIT = 16 * 1024 * 1024
"""Bytes of one event. The wizard's own keep below one megabyte."""
MOST_LINES = 1_000_000
_PIECE = 1024 * 1024
_GZIP = b"\x1f\x8b"

FAMILY = "wizard/tape/"
SCHEMA = f"{FAMILY}1"


class JournalError(Exception):
    """A journal or tape that cannot be read. The text says which, where and why."""


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a tape is hidden."""

    secrets: int = 0
    """Different ones."""
    places: int = 0
    """How often one of them stands in the tape."""


class Header(msgspec.Struct, frozen=True, kw_only=True, tag="tape"):
    """The first line of a tape: what it is, so that it can be told from its first line alone."""

    schema: str
    written_with: str
    """The wizard's version that wrote the tape."""
    recorded_with: str = ""
    """The version that looked."""
    flow: str = ""
    flow_digest: str = ""
    session: str = ""
    host: str = ""
    recorded: float | None = None
    """When the walk began, in seconds since the epoch."""
    events: int = 0
    masked: Masked = Masked()


class Recording(NamedTuple):
    """What was read."""

    events: list[Event]
    header: Header | None
    """None in a journal."""
    left_out: dict[str, int]
    """Events of kinds that only a newer wizard knows, with how many there were."""
    is_cut: bool
    """The last line was torn; everything before it is there."""


def read(path: str | os.PathLike[str]) -> list[Event]:
    """The events of a journal or tape, cleaned. A last line that was cut off is left out.

    Raises:
        JournalError: it cannot be opened, or a line before the last is no event.
    """
    return recording(path).events


def decoded(line: bytes) -> Event | None:
    """The event in one whole line, cleaned; None where it is none that this wizard knows."""
    try:
        event: Event = convert(cleaned(msgspec.json.decode(line)), Event)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return event


def recording(path: str | os.PathLike[str]) -> Recording:
    """The events with what is to be said of them.

    Raises:
        JournalError: it cannot be opened, is too large, or a line before the last is no event.
    """
    events: list[Event] = []
    left_out: dict[str, int] = {}
    header: Header | None = None
    is_cut = False
    for number, (line, is_whole) in enumerate(_lines(Path(path)), 1):
        if not line.strip():
            continue
        try:
            # A tape is text from outside too: what was clean when it was written may not be now.
            plain = cleaned(msgspec.json.decode(line))
            if number == 1 and _kind(plain) == "tape":
                header = _header(path, plain)
            elif kind := _unknown(plain):
                left_out[kind] = left_out.get(kind, 0) + 1
            else:
                events.append(convert(plain, Event))
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            if is_whole:
                raise JournalError(f"{path}, line {number}: not an event ({error}).") from error
            is_cut = True
    return Recording(events, header, left_out, is_cut)


def _header(path: str | os.PathLike[str], plain: dict[str, Any]) -> Header:
    schema = plain.get("schema")
    if isinstance(schema, str) and schema != SCHEMA and schema.startswith(FAMILY):
        by = one_line(str(plain.get("written_with", "")), 40) or "of another version"
        raise JournalError(
            f"{path}: its form is {one_line(schema, 60)}, and this wizard reads {SCHEMA}. "
            f"It was written by a wizard {by}: read it with that one or a newer one."
        )
    header: Header = convert(plain, Header)
    if header.schema != SCHEMA:
        raise JournalError(f"{path}: no tape of the wizard ({one_line(header.schema, 60)}).")
    return header


def _kind(plain: object) -> str:
    kind = plain.get("type") if isinstance(plain, dict) else None
    return kind if isinstance(kind, str) else ""


KINDS = frozenset(each.__struct_config__.tag for each in typing.get_args(Event))
"""Of the events that this version knows."""


def _unknown(plain: object) -> str:
    """The kind of an event that this version does not know; empty for what it does."""
    kind = _kind(plain)
    return one_line(kind, 40) if kind and kind not in KINDS and kind != "tape" else ""


def _lines(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether its end was there too."""
    left, size, count = b"", 0, 0
    for piece in _unpacked(path):
        size += len(piece)
        if size > READ_LIMIT:
            raise JournalError(f"{path}: larger than {READ_LIMIT // 2**20} MB.")
        *whole, left = (left + piece).split(b"\n")
        if len(left) > LINE_LIMIT:
            raise JournalError(f"{path}: a line of it is longer than {LINE_LIMIT // 2**20} MB.")
        count += len(whole)
        if count > MOST_LINES:
            raise JournalError(f"{path}: more than {MOST_LINES} lines.")
        for line in whole:
            yield line, True
    yield left, False


def _unpacked(path: Path) -> Iterator[bytes]:
    """The content piece by piece, as much as can be unpacked: a gzip file may be cut off too."""
    import zlib

    try:
        with path.open("rb") as file:
            piece = file.read(_PIECE)
            if not piece.startswith(_GZIP):
                while piece:
                    yield piece
                    piece = file.read(_PIECE)
                return
            unpacker = zlib.decompressobj(wbits=31)
            while piece:
                yield unpacker.decompress(piece, _PIECE)
                piece = unpacker.unconsumed_tail or (b"" if unpacker.eof else file.read(_PIECE))
            yield unpacker.flush()
    except zlib.error as error:
        raise JournalError(f"{path}: not a whole gzip file ({error}).") from error
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror or error}.") from error


def cleaned(value: object) -> Any:
    """The value with its texts clean: what was clean when it was written may not be now."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): cleaned(item) for key, item in value.items()}
    return value
