"""The same request once more in small packets: a path that swallows large ones lets it through.

A connection tells the other side how large its segments may be (the MSS option, RFC 9293). With a
small value no packet of the answer needs a link's full size, so nothing depends on the ICMP message
with which a router would ask for smaller ones (RFC 2923, "black hole").
"""

from __future__ import annotations

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes import asking
from wizard.probes.asked_facts import AskOutcome
from wizard.probes.asking_command import curl_command
from wizard.probes.declare import probe

_BYTES = 536
"""What every IPv4 host must take (RFC 9293, section 3.7.1)."""
_SMALL_SECONDS = 4.0
_WHOLE_SECONDS = 3.0


class Segments(msgspec.Struct, frozen=True, kw_only=True):
    """The request with small segments, and once more with whole ones."""

    small_outcome: AskOutcome | None = None
    small_status: int | None = None
    small_seconds: float | None = None
    whole_outcome: AskOutcome | None = None
    """Asked only where the small one was answered."""
    only_small: bool | None = None
    """Answered in small segments; in whole ones connected and silent."""
    segment_bytes: int | None = None


@probe(
    "net.segments", kind="connection", facts=Segments, deadline=9,
    touches="two GET requests to the server, with the Host and version that the proxy uses",
)  # fmt: skip
def segments(*, server: Server, route: Route) -> Sighting:
    """Ask with segments of at most 536 bytes, then with the usual ones."""
    if server.path is not None or server.scheme not in ("http", "https"):
        return Sighting(status="absent", facts=Segments(), reading="not asked: no HTTP over TCP")
    small, _ = asking.asked(server, route, limit=_SMALL_SECONDS, segment_bytes=_BYTES)
    facts = Segments(
        small_outcome=small.outcome,
        small_status=small.status,
        small_seconds=small.seconds,
        segment_bytes=_BYTES,
    )
    if small.outcome != "answered" or small.body_complete is False:
        facts = msgspec.structs.replace(facts, only_small=False)
    else:
        whole, _ = asking.asked(server, route, limit=_WHOLE_SECONDS)
        silent = whole.outcome == "timed-out" or (
            whole.outcome == "tls-failed" and whole.waited is not None
        )
        facts = msgspec.structs.replace(facts, whole_outcome=whole.outcome, only_small=silent)
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        command=f"ping -M do -c 3 -s 1472 {server.host}; {curl_command(server, route)}",
    )


def _reading(facts: Segments) -> str:
    if facts.small_outcome != "answered":
        return f"in small packets too: {facts.small_outcome}"
    answered = f"{facts.small_status} in small packets"
    if facts.only_small:
        return f"{answered} after {facts.small_seconds} s, silence in packets of the usual size"
    return f"{answered}, and in the usual size: {facts.whole_outcome}"
