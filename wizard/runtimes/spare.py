"""Where a second process of the backend could listen: the next port that nobody has."""

from __future__ import annotations

import re

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes.sockets import Table
from wizard.runtimes.facts import Owner, Spare

_MOST_STEPS = 100


def of(server: Server, table: Table, owner: Owner) -> Sighting:
    """The first free port above the server's own, and a name for a group of both."""
    if server.port is None or server.host is None:
        return Sighting(status="absent", facts=Spare(), reading="it is asked at no port")
    taken = {listener.port for listener in table.listeners}
    above = range(server.port + 1, min(server.port + _MOST_STEPS, 65536))
    port = next((each for each in above if each not in taken), None)
    if port is None:
        return Sighting(status="absent", facts=Spare(), reading="no free port was found")
    host = f"[{server.host}]" if ":" in server.host else server.host
    facts = Spare(port=port, address=f"{host}:{port}", group=_group(owner))
    return Sighting(
        status="present", facts=facts, command="ss -Hltn",
        reading=f"nobody listens at port {port}",
    )  # fmt: skip


def _group(owner: Owner) -> str:
    """A name of letters, digits and dashes: nginx takes it as it is, and so does a Host header."""
    bare = (owner.unit or owner.name or "").partition(".")[0]
    word = re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")
    return f"{word or 'backend'}-servers"
