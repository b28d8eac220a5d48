"""The same request once more in small packets: a path that swallows large ones lets it through.

A connection tells the other side how large its segments may be (the MSS option, RFC 9293). With a
small value no packet of the answer needs a link's full size, so nothing depends on the ICMP message
with which a router would ask for smaller ones (RFC 2923, "black hole").
"""

from __future__ import annotations

import shlex

import msgspec

from wizard.model.command_line import CommandLine
from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes import asking
from wizard.probes.addresses import addresses_of
from wizard.probes.asked_facts import AskOutcome
from wizard.probes.asking_command import curl_command
from wizard.probes.declare import probe
from wizard.probes.network.iproute import family_option, listed
from wizard.probes.network.route import open_way

_BYTES = 536
"""What every IPv4 host must take (RFC 9293, section 3.7.1)."""
_ORDER = ("small", "small", "whole", "small", "whole")
"""After a whole one that timed out. A backend of which every second or third worker hangs, in turn,
cannot answer just the small ones in this order."""
_SMALL_SECONDS = 3.0
_WHOLE_SECONDS = (2.0, 5.0)
"""Five times as long as the small one took, but at least and at most this."""


class Segments(msgspec.Struct, frozen=True, kw_only=True):
    """The request with small segments, and once more with whole ones."""

    small_outcome: AskOutcome | None = None
    small_status: int | None = None
    small_seconds: float | None = None
    """The longest of them."""
    whole_outcome: AskOutcome | None = None
    """Asked only where the small ones were answered."""
    asked: int | None = None
    """How many requests it took."""
    only_small: bool | None = None
    """Every one in small segments was answered, every one in whole ones connected and silent."""
    segment_bytes: int | None = None
    address: str | None = None
    """Where only small ones arrive: the server's address, and ..."""
    via: CommandLine | None = None
    """... device and gateway as `ip route` takes them: `via 10.0.0.1 dev eth0`."""


@probe(
    "net.segments", kind="connection", facts=Segments, deadline=16,
    touches="up to five GET requests to the server, with the Host and version of the proxy",
)  # fmt: skip
def segments(*, server: Server, route: Route) -> Sighting:
    """Ask in segments of at most 536 bytes and in the usual ones, until one contradicts."""
    if server.path is not None or server.scheme not in ("http", "https"):
        return Sighting(status="absent", facts=Segments(), reading="not asked: no HTTP over TCP")
    facts = Segments(segment_bytes=_BYTES, asked=0, only_small=True)
    for size in _ORDER:
        facts = _small(facts, server, route) if size == "small" else _whole(facts, server, route)
        if not facts.only_small:
            break
    host = shlex.quote(server.host or "")
    if facts.only_small:
        facts = _with_way(facts, server)
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        command=f"ping -M do -c 3 -s 1472 {host}; {curl_command(server, route)}",
    )


def _with_way(facts: Segments, server: Server) -> Segments:
    found = addresses_of(server, limit=1.0).found
    told = listed([family_option(found[0].host), "route", "get", found[0].host]) if found else None
    if told is None or not told[0]:
        return facts
    way = open_way(found[0].host, told[0][0])
    return msgspec.structs.replace(facts, address=way.address, via=way.via)


def _small(facts: Segments, server: Server, route: Route) -> Segments:
    said, _ = asking.asked(server, route, limit=_SMALL_SECONDS, segment_bytes=_BYTES)
    return msgspec.structs.replace(
        facts,
        asked=(facts.asked or 0) + 1,
        small_outcome=said.outcome,
        small_status=said.status,
        small_seconds=max(said.seconds or 0.0, facts.small_seconds or 0.0),
        only_small=said.outcome == "answered" and said.body_complete is not False,
    )


def _whole(facts: Segments, server: Server, route: Route) -> Segments:
    least, most = _WHOLE_SECONDS
    limit = min(max(5 * (facts.small_seconds or 0.0), least), most)
    said, _ = asking.asked(server, route, limit=limit)
    in_handshake = said.outcome == "tls-failed" and said.waited is not None
    return msgspec.structs.replace(
        facts,
        asked=(facts.asked or 0) + 1,
        whole_outcome=said.outcome,
        only_small=said.outcome == "timed-out" or in_handshake,
    )


def _reading(facts: Segments) -> str:
    if facts.small_outcome != "answered":
        return f"in small packets too: {facts.small_outcome}"
    answered = f"{facts.small_status} in small packets"
    if facts.only_small:
        return f"{answered} after {facts.small_seconds} s, silence in packets of the usual size"
    return f"{answered}, and in the usual size: {facts.whole_outcome}"
