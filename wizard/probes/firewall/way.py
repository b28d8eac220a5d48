"""The way of a connection's packets through the kernel's hooks, there and back.

Four packets decide whether a connection works: the SYN, the answer to it, the first packet of
the established connection, and the first answer in it. Each passes, for a server on this host,
output, postrouting, (over the loopback device) prerouting and input; for a server elsewhere only
the half that is here. A refusal is a packet too: where it cannot get back, the client waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from wizard.probes.firewall.hooks import ARRIVING, LEAVING, Role, pass_hook
from wizard.probes.firewall.netlink import Route
from wizard.probes.firewall.packet import ANY_STATE, ESTABLISHED, NOBODY, RELATED, Packet
from wizard.probes.firewall.rules import Hook, Rule, Table
from wizard.probes.firewall.walk import End

Outcome = Literal["drop", "reject", "unknown"]


class World(msgspec.Struct, frozen=True):
    """What the walk asks about the host."""

    route_to: Callable[[int, int | None], Route]
    """The route for an address and a mark."""
    server_owner: Callable[[], int | None]
    """The user id of the listening socket."""
    routes_loopback: Callable[[str], bool]
    """Whether 127.0.0.0/8 may leave by the device."""


class Stop(msgspec.Struct, frozen=True):
    """Where a packet may end, and what the client then feels."""

    outcome: Outcome
    role: Role
    hook: Hook
    end: End


class Way(msgspec.Struct):
    """The walk of one connection. `stops` holds all that may happen but passing."""

    tables: Sequence[Table]
    world: World
    asked: Packet
    """The SYN as the client sends it."""
    arrived: Packet
    """The SYN as the server gets it."""
    stops: list[Stop] = []
    doubts: list[Rule] = []

    def follow(self) -> bool:
        """Whether the connection may work."""
        if not self._leave(self.asked, "syn"):
            return False
        local = self.arrived.target_local
        return (
            self._answer("answer", local)
            and self._leave(self._acknowledgement(), "acknowledgement")
            and self._answer("data", local)
        )

    def _answer(self, role: Role, local: bool) -> bool:
        packet = self._reply(role)
        return self._leave(packet, role) if local else self._arrive(packet, role, looped=False)

    def _acknowledgement(self) -> Packet:
        return replace(
            self.asked,
            flags=_DATA_FLAGS,
            states=self._later_states(),
            connection_mark=self.arrived.connection_mark,
            translated=self.arrived.translated,
        )

    def _reply(self, role: Role) -> Packet:
        arrived, local = self.arrived, self.arrived.target_local
        return Packet(
            arrived.family,
            arrived.target,
            arrived.source or 0,
            arrived.target_port,
            arrived.source_port,
            flags=frozenset({"syn", "ack"}) if role == "answer" else _DATA_FLAGS,
            iif="" if local else arrived.oif,
            oif="lo" if local else "",
            states=self._later_states(),
            reply=True,
            owner=self.world.server_owner if role == "answer" else self._data_owner,
            connection_mark=arrived.connection_mark,
            source_local=local,
            target_local=True,
            translated=arrived.translated,
        )

    def _later_states(self) -> frozenset[str]:
        return ESTABLISHED if self.arrived.untracked is False else ANY_STATE

    def _data_owner(self) -> int | None:
        """Who sends on an accepted connection: a listener of root's may have been given away."""
        return self.world.server_owner() or None

    def _leave(self, packet: Packet, role: Role) -> bool:
        """Out of this host, and in again where the target is here."""
        for hook in LEAVING:
            if hook == "postrouting" and role in ("syn", "acknowledgement"):
                packet = self._rerouted(packet) or packet
            passed = self._pass(hook, packet, role, looped=False)
            if passed is None:
                return False
            packet = passed
        if role == "syn":
            self.arrived = packet
        return not packet.target_local or self._arrive(packet, role, looped=True)

    def _arrive(self, packet: Packet, role: Role, *, looped: bool) -> bool:
        if looped:
            packet = replace(packet, iif=packet.oif, oif="")
        for hook in ARRIVING:
            # At input the kernel may have found an existing connection's socket, or not.
            found = hook == "input" and role != "syn"
            packet = replace(packet, owner=_unknown if found else _nobody)
            passed = self._pass(hook, packet, role, looped=looped)
            if passed is None:
                return False
            packet = passed
        return True

    def _rerouted(self, packet: Packet) -> Packet | None:
        """The packet on its way after a new target or mark; None where there is no way.

        Rules of the output hook itself go on to see the old device.
        """
        if packet.target == self.asked.target and packet.mark in (self.asked.mark, None):
            return packet
        route = self.world.route_to(packet.target, packet.mark)
        from_loopback = packet.family == 4 and (packet.source or 0) >> 24 == 127
        if route.kind == "none" or (
            route.kind == "unicast"
            and from_loopback
            and not self.world.routes_loopback(route.device)
        ):
            return None
        return replace(packet, oif=route.device, target_local=route.kind == "local")

    def _pass(self, hook: Hook, packet: Packet, role: Role, *, looped: bool) -> Packet | None:
        passed = pass_hook(
            self.tables,
            hook,
            packet,
            role,
            looped=looped,
            asked=self.asked,
            arrived=self.arrived,
            masquerade=self._masqueraded,
            rerouted=self._rerouted,
        )
        self.doubts += passed.doubts
        for end in passed.ends:
            self.stops.append(Stop(self._felt(end, role), role, hook, end))
        return passed.packet

    def _masqueraded(self, device: str) -> int | None:
        return None if device == "lo" or device != self.asked.oif else self.asked.source

    def _felt(self, end: End, role: Role) -> Outcome:
        """What the client notices of this end."""
        if end.verdict.kind == "unknown":
            return "unknown"
        reset = "reset" in (end.verdict.reject_with or "")
        if end.verdict.kind == "drop":
            return "drop"
        if role == "data" and reset:
            # The server gives up at once; the client hears of it when it sends again, or not.
            self.doubts.append(end.rule)
            return "unknown"
        if role not in ("syn", "acknowledgement"):
            return "drop"
        at_rule = end.packet
        back = Way(self.tables, self.world, self.asked, at_rule if role == "syn" else self.arrived)
        passes = back._leave(_refusal(at_rule, self.asked, reset), "refusal")
        if not passes and all(stop.outcome == "drop" for stop in back.stops):
            return "drop"
        if back.stops:
            self.doubts += back.doubts
            return "unknown"
        return "reject"


_DATA_FLAGS = frozenset({"ack", "psh?"})


def _unknown() -> int | None:
    return None


def _nobody() -> int | None:
    return NOBODY


def _refusal(packet: Packet, asked: Packet, reset: bool) -> Packet:
    """The TCP reset or ICMP error that a rejecting rule sends back to the client."""
    return Packet(
        packet.family,
        packet.target if reset or packet.target_local else asked.source,
        packet.source or asked.source or 0,
        packet.target_port,
        packet.source_port,
        flags=frozenset({"rst"} if "ack" in packet.flags else {"rst", "ack"}),
        protocol="tcp" if reset else "icmp",
        oif="lo",
        states=RELATED if packet.untracked is False else ANY_STATE,
        reply=True,
        owner=_nobody,
        source_local=packet.target_local,
        target_local=True,
        translated=packet.translated,
    )
