"""Writes a session as a tape: one file that walks again on any machine.

A tape is gzipped JSON lines: a line about itself (`wizard.engine.recording.Header`), then the
session's events with the raw text and the facts of all evidence. Everything is masked once more,
so that a detector that is newer than the journal finds what that one's did not. The same session
gives the same bytes, and a tape of a tape is that tape.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from wizard import __version__
from wizard.engine.recording import SCHEMA, Header, Masked
from wizard.model.events import Event, Looking, Started, builtins
from wizard.model.finding import MASKED
from wizard.model.masking import Masker
from wizard.model.tokens import TOKEN, Tokens


def tape(events: Sequence[Event]) -> Iterator[bytes]:
    """The tape of a session, a piece at a time.

    It is gone over twice: the first line says how much the others hide. Nothing but the events
    themselves is held in memory.
    """
    masker = _masker(events)
    secrets: set[str] = set()
    places = count = 0
    for line in _lines(events, masker):
        found = MASKED.findall(line.decode())
        secrets.update(found)
        places += len(found)
        count += 1
    hidden = Masked(secrets=len(secrets), places=places)
    packer = zlib.compressobj(9, wbits=31)
    header = msgspec.json.encode(_header(events, count, hidden, masker))
    yield packer.compress(header + b"\n")
    for line in _lines(events, masker):
        yield packer.compress(line + b"\n")
    yield packer.flush()


def _header(events: Sequence[Event], count: int, hidden: Masked, masker: Masker) -> Header:
    begun = next((event for event in events if isinstance(event, Started)), None)
    if begun is None:
        return Header(schema=SCHEMA, written_with=__version__, events=count, masked=hidden)
    return Header(
        schema=SCHEMA,
        written_with=__version__,
        recorded_with=begun.version,
        flow=begun.flow,
        flow_digest=begun.flow_digest,
        session=begun.session,
        host=masker.mask(begun.incident.hostname),
        recorded=begun.at,
        events=count,
        masked=hidden,
    )


def _lines(events: Iterable[Event], masker: Masker) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Looking):
            yield msgspec.json.encode(masker.mask_value(builtins(event)))


def _masker(events: Iterable[Event]) -> Masker:
    """A masker whose numbers begin after those that the session has used.

    The journal was masked by another process: its number 1 is another secret than ours.
    """
    highest = max(
        (
            int(found[2])
            for event in events
            for found in TOKEN.finditer(msgspec.json.encode(event).decode())
        ),
        default=0,
    )
    return Masker(Tokens(after=highest))
