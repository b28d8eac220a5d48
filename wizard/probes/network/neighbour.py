"""Whether the next machine on the link answers: the kernel's neighbour table (ARP, IPv6 ND)."""

from __future__ import annotations

import shlex
from typing import Literal, get_args

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import one_line
from wizard.probes.declare import probe
from wizard.probes.network.iproute import family_option, listed
from wizard.probes.network.route import Way

State = Literal[
    "reachable", "stale", "delay", "probe", "incomplete", "failed", "permanent", "noarp", "none"
]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of the next hop."""

    address: str | None = None
    """The next hop: the gateway, or the server itself on the same link."""
    is_gateway: bool | None = None
    device: str | None = None
    state: State | None = None
    """As ip-neighbour(8) names it, in small letters; None where there is no entry."""
    dead: bool | None = None
    """It was asked for its link address and did not answer (`failed`, `incomplete`). None where
    nothing was asked: a local address, a device without neighbours, no entry."""
    link_address: str | None = None


@probe("net.neighbour", kind="kernel", facts=Neighbour)
def neighbour(*, way: Way) -> Sighting:
    """Look the next hop of a route up in the neighbour table."""
    if way.next_hop is None or way.device is None:
        return Sighting(status="absent", facts=Neighbour(), reading="no neighbour is asked")
    command = f"ip neigh show {way.next_hop} dev {shlex.quote(way.device)}"
    told = listed([family_option(way.next_hop), "neigh", "show", way.next_hop, "dev", way.device])
    if told is None:
        return Sighting(
            status="unreadable", facts=Neighbour(), reading="the neighbour table was not told",
            reason="`ip` (iproute2) is not installed or gave no answer", remedy=command,
        )  # fmt: skip
    entry = told[0][0] if told[0] else {}
    states = [str(word).lower() for word in entry.get("state", [])]
    state = next((word for word in get_args(State) if word in states), None)
    facts = Neighbour(
        address=way.next_hop,
        is_gateway=way.gateway is not None,
        device=way.device,
        state=state,
        dead=None if state is None or state == "none" else state in ("failed", "incomplete"),
        link_address=entry.get("lladdr"),
    )
    return Sighting(
        status="present" if entry else "absent",
        facts=facts,
        reading=one_line(_reading(facts), 110),
        raw=f"{way.next_hop} dev {way.device} {entry.get('lladdr', '')} {' '.join(states)}".strip(),
        command=command,
    )


def _reading(facts: Neighbour) -> str:
    if facts.state is None:
        return f"{facts.address} has not been asked for its link address lately"
    if facts.dead:
        return f"{facts.address} does not answer on {facts.device} ({facts.state.upper()})"
    return f"{facts.address} is known on {facts.device} ({facts.state})"
