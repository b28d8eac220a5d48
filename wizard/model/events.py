"""Everything that can happen in a session. Read this file to know what a journal may hold.

An event is appended to the journal before anyone is told of it; the state of a session is a
fold of its events (`wizard.model.session`).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from wizard.model.conversion import convert
from wizard.model.evidence import Evidence
from wizard.model.finding import Comparison, Finding, Prevention, RuledOut, Untested, Verdict
from wizard.model.incident import Incident


class Started(msgspec.Struct, frozen=True, kw_only=True, tag="started"):
    """The first event: what is looked into, and with which knowledge."""

    at: float
    session: str
    version: str
    incident: Incident
    flow: str
    flow_digest: str


class Entered(msgspec.Struct, frozen=True, kw_only=True, tag="entered"):
    """The walk came to a node, once for the route or once a server."""

    at: float
    node: str
    step: str
    ask: str
    scope: str = ""


class Looking(msgspec.Struct, frozen=True, kw_only=True, tag="looking"):
    """A look began; told but never journaled."""

    look: str
    scope: str
    probe: str


class Looked(msgspec.Struct, frozen=True, kw_only=True, tag="looked"):
    """A look came back."""

    at: float
    evidence: Evidence


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a node: whether it held, and the comparisons that made it so."""

    rule: int
    holds: Literal["true", "false", "unknown"]
    comparisons: tuple[Comparison, ...]
    finding: str | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag="decided"):
    """A node came to its outcome."""

    at: float
    node: str
    step: str
    scope: str
    outcome: str
    """`rule 2`, `unknown`: which edge was taken."""
    said: str
    weighed: tuple[Weighed, ...]
    goto: str
    chosen_by: Literal["walk", "person"] = "walk"


class Chosen(msgspec.Struct, frozen=True, kw_only=True, tag="chosen"):
    """A person took another way than the one that was decided."""

    at: float
    node: str
    """Where they were; empty before the first node."""
    scope: str
    goto: str
    by: str


class Returned(msgspec.Struct, frozen=True, kw_only=True, tag="returned"):
    """A person went back: what was decided at this node and after it no longer counts."""

    at: float
    node: str
    scope: str
    by: str


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, tag="forgotten"):
    """A person wants these looks made again; their evidence is kept and no longer decides."""

    at: float
    evidence: tuple[str, ...]
    by: str


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """A look that decided the verdict, made again: its reading then and now."""

    title: str
    scope: str
    before: str
    after: str


class Verified(msgspec.Struct, frozen=True, kw_only=True, tag="verified"):
    """The request was made again after something was mended (or not)."""

    at: float
    before: str
    """What the client got then, in one line."""
    after: str
    mended: bool
    evidence: str
    """Id of the new look."""
    unclear: str = ""
    """Why it cannot be told whether it is mended; empty where it can."""
    looks: tuple[Again, ...] = ()
    """The looks that decided the verdict, where they were made again."""
    seen: tuple[str, ...] = ()
    """Ids of everything that was looked at for this; none of it belongs to the walk."""
    by: str = ""


class Watched(msgspec.Struct, frozen=True, kw_only=True, tag="watched"):
    """The site was asked again and again for a while."""

    at: float
    asked: int
    failed: int
    """Those answered with a status of 500 or more, or not at all."""
    seconds: float
    failures: dict[str, int] = {}
    """What the failed ones got, with how often; the first few kinds."""
    stopped: bool = False
    """A person ended it before its time."""
    by: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """A rule named a cause or a consequence."""

    at: float
    finding: Finding


class Concluded(msgspec.Struct, frozen=True, kw_only=True, tag="concluded"):
    """The walk ended with this."""

    at: float
    outcome: Literal["healthy", "cause", "unproven"]
    summary: str
    status: int | None
    made_by: dict[str, str]
    """`{"hop": "nginx", "how": "its built-in error page, and ..."}`; empty when not known."""
    verdicts: tuple[Verdict, ...]
    consequences: tuple[str, ...]
    ruled_out: tuple[RuledOut, ...]
    untested: tuple[Untested, ...]
    preventions: tuple[Prevention, ...] = ()
    """What to do so that it does not come back; only where there is a verdict."""


class Noted(msgspec.Struct, frozen=True, kw_only=True, tag="noted"):
    """Something that a person wrote, or that the wizard has to say about itself."""

    at: float
    text: str
    by: str


class Copied(msgspec.Struct, frozen=True, kw_only=True, tag="copied"):
    """A person took something out of the session, to use it or to hand it over."""

    at: float
    what: str
    """For a person: `fix 1`, `the undo of fix 2`, `the raw text of e3`, `the transcript`."""
    where: str
    """`the clipboard`, the path of a file, or both."""
    proposal: str = ""
    """The title of the proposal that it belongs to; empty where it belongs to none."""
    by: str = ""


class Pasted(msgspec.Struct, frozen=True, kw_only=True, tag="pasted"):
    """A person stood in for a look with the output of a command."""

    at: float
    look: str
    scope: str
    title: str
    """The look for a person."""
    characters: int
    """How long the pasted text was."""
    by: str = ""


Event = (
    Started
    | Entered
    | Looking
    | Looked
    | Decided
    | Chosen
    | Returned
    | Forgotten
    | Found
    | Concluded
    | Verified
    | Watched
    | Copied
    | Pasted
    | Noted
)


def encode(event: Event) -> bytes:
    """The event as one line of JSON, without the newline."""
    return msgspec.json.encode(event)


def decode(line: bytes) -> Event:
    """The event in a journal's line.

    Raises:
        msgspec.DecodeError: the line is torn or of an unknown shape.
    """
    event: Event = convert(msgspec.json.decode(line), Event)
    return event


def builtins(value: msgspec.Struct) -> dict[str, Any]:
    """The struct as plain dicts, lists and scalars."""
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain
