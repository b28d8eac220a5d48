"""A session for people who may not know its network: a copy with stand-ins, made for an export."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from wizard.model.events import Event, Looked, Noted, encode
from wizard.model.network import Network
from wizard.sessions.kept import SessionError
from wizard.sessions.outline import Outline

SAID = "IP addresses and host names in this record are stand-ins."


@contextlib.contextmanager
def copy_with_stand_ins(journal: Path) -> Iterator[Path]:
    """A private copy for as long as it is needed. It is read twice, an event at a time.

    Raises:
        SessionError: there is no room for the copy.
        JournalError: the journal cannot be read.
    """
    network = Network()
    with tempfile.TemporaryDirectory(prefix="gateway-wizard-") as folder, Outline(journal) as read:
        network.learn(_whole(read))
        copy = Path(folder) / "journal.jsonl"
        try:
            with copy.open("wb") as file:
                for event in _whole(read):
                    file.write(encode(network.event(event)) + b"\n")
                file.write(encode(_said(read.events)) + b"\n")
        except OSError as error:
            raise SessionError(f"No room for a copy with stand-ins: {error.strerror}.") from error
        yield copy


def _whole(read: Outline) -> Iterator[Event]:
    for event in read.events:
        if isinstance(event, Looked):
            evidence = replace(event.evidence, raw=read.raw(event.evidence))
            yield replace(event, evidence=evidence)
        else:
            yield event


def _said(events: list[Event]) -> Noted:
    at = max((getattr(event, "at", 0.0) for event in events), default=0.0)
    return Noted(at=at, text=SAID, by="wizard")
