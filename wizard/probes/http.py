"""HTTP requests: to the proxy as a client asks, and to a server as the proxy asks."""

from __future__ import annotations

import msgspec

from wizard.probes.asked_facts import Asked, AskOutcome
from wizard.probes.asking import ask
from wizard.probes.front import front
from wizard.probes.front_facts import Front, FrontOutcome


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A listener on this host that may be the backend under another address."""

    address: str
    port: int | None = None
    pid: int | None = None
    process: str | None = None
    unit: str | None = None
    outcome: AskOutcome | None = None
    status: int | None = None
    why: str = ""


PROBES = (front, ask)

__all__ = ["PROBES", "AskOutcome", "Asked", "Candidate", "Front", "FrontOutcome", "ask", "front"]
