"""How a probe is declared: its name, what it returns, what it touches, its deadline.

A probe is a plain blocking function that takes parameters by keyword and returns a `Sighting`.
The engine runs it in a daemon thread with the deadline; what it may not do is raise for what it
finds (a refused connection, a missing file, no permission are answers). An exception is a bug of
the probe and becomes evidence of status `unreadable` with the exception's text.

    @probe("tcp.connect", kind="connection", facts=Dial, deadline=4)
    def connect(*, address: str, port: int) -> Sighting: ...

Modules list their probes in `PROBES`; `wizard.engine.catalogue` collects the modules.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import msgspec

from wizard.model.evidence import Kind, Sighting


class Paste(msgspec.Struct, frozen=True):
    """How a person stands in for a probe: they run a command elsewhere and paste what it prints.

    Both functions take the look's parameters by keyword.
    """

    command: Callable[..., str]
    """What to run, as a person types it; empty where there is nothing to run."""
    read: Callable[..., Sighting]
    """The sighting in what it printed (`text`); by the probe's own parser."""


class Reread(msgspec.Struct, frozen=True):
    """How a recorded look is read again: a function of its raw text, or of other looks' facts."""

    read: Callable[..., Sighting]
    """The sighting in the raw text (`text`), with the look's parameters by keyword."""
    beside: tuple[str, ...] = ()
    """Facts that were had beside the text and do not stand in it: these stay as recorded."""
    clock: str = ""
    """A fact that is the moment of a line. Lines without a zone tell another moment on a machine
    of another zone, and then nothing that was read from them holds."""
    counts: str = ""
    """A fact that counts lines: where fewer are found in the text, it is not the whole text."""
    needs_text: bool = True
    """False where the parameters alone decide: what rests on a text that is read again."""


class Probe(msgspec.Struct, frozen=True):
    """One declared look."""

    name: str
    kind: Kind
    facts: type[msgspec.Struct]
    look: Callable[..., Sighting]
    deadline: float
    """Seconds after which the engine stops waiting."""
    touches: str
    """What it sends or opens, for the person who asks: `one TCP connection to the server`."""
    paste: Paste | None = None
    """None where pasted text cannot say what the probe says."""
    reread: Reread | None = None
    """None where the raw text is for a person and does not hold all that the facts say."""

    def parameters(self) -> dict[str, inspect.Parameter]:
        """Names of the parameters with their annotations and defaults."""
        return dict(inspect.signature(self.look).parameters)

    def __call__(self, **parameters: Any) -> Sighting:
        return self.look(**parameters)


def probe(
    name: str,
    *,
    kind: Kind,
    facts: type[msgspec.Struct],
    deadline: float = 3.0,
    touches: str = "nothing",
    paste: Paste | None = None,
    reread: Reread | None = None,
) -> Callable[[Callable[..., Sighting]], Probe]:
    """Declare the function below as a probe."""

    def declared(look: Callable[..., Sighting]) -> Probe:
        return Probe(name, kind, facts, look, deadline, touches, paste, reread)

    return declared
