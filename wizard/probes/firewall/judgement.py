"""The verdict for one address: all that may happen to the connection, brought to one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from wizard.probes.firewall import kernel, netlink
from wizard.probes.firewall.packet import Packet
from wizard.probes.firewall.rules import Table
from wizard.probes.firewall.way import Stop, Way, World


class Judgement(msgspec.Struct, frozen=True):
    """What happens to a connection to one address."""

    verdict: Literal["accept", "drop", "reject"] | None
    stop: Stop | None = None
    unsure: list[str] = []
    doubts: list[Stop] = []
    """Where the connection may end, when no verdict can be given."""


def judge(
    tables: list[Table],
    address: tuple[Literal[4, 6], int],
    port: int,
    owner: Callable[[], int | None],
) -> Judgement:
    """Send a SYN in thought from a process of the owner to the address.

    Raises:
        OSError: the kernel could not be asked for the route.
    """
    family, number = address
    uid = owner()
    route = netlink.route_to(family, number, uid=uid)
    if route.kind == "none":
        return Judgement(None, unsure=["no route to the address: no packet leaves"])
    local = route.kind == "local"
    syn = Packet(
        family,
        route.source,
        number,
        kernel.client_ports(),
        (port, port),
        oif=route.device,
        owner=owner,
        target_local=local,
    )
    world = World(
        route_to=lambda target, mark: netlink.route_to(family, target, mark=mark, uid=uid),
        server_owner=lambda: kernel.listener_owner(port),
        routes_loopback=kernel.routes_loopback,
    )
    way = Way(tables, world, syn, syn)
    passes = way.follow()
    outcomes = {stop.outcome for stop in way.stops} | ({"accept"} if passes else set())
    if outcomes == {"accept"}:
        return Judgement("accept")
    stop = next((s for s in way.stops if s.end.certain), way.stops[0])
    if outcomes == {"drop"}:
        return Judgement("drop", stop)
    if outcomes == {"reject"}:
        return Judgement("reject", stop)
    unsure = list(dict.fromkeys(rule.text for rule in way.doubts))
    return Judgement(None, unsure=unsure, doubts=way.stops)
