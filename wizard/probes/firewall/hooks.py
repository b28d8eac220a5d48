"""The chains of one hook in the kernel's order, and address translation at its two places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from wizard.probes.firewall.packet import ANY_STATE, INVALID, UNTRACKED, Packet
from wizard.probes.firewall.rules import Base, Hook, Rule, Table, Translate, Verdict
from wizard.probes.firewall.walk import End, Walk

Role = Literal["syn", "answer", "acknowledgement", "data", "refusal"]

LEAVING: tuple[Hook, ...] = ("output", "postrouting", "egress")
ARRIVING: tuple[Hook, ...] = ("ingress", "prerouting", "input")
# Connection tracking itself sits at priority -200: rules before it see no state.
_TRACKING = -200
_TARGETS_REWRITTEN, _SOURCES_REWRITTEN = -100, 100


class Passed(msgspec.Struct, frozen=True):
    """What a hook makes of a packet."""

    packet: Packet | None
    """As it comes out; None when it certainly does not."""
    ends: list[End]
    """All that may happen to it instead of coming out."""
    doubts: list[Rule]


def bases_at(
    tables: Sequence[Table], hook: Hook, family: Literal[4, 6], device: str
) -> Iterator[tuple[Table, Base]]:
    """The chains that see the packet, first called first.

    Of two with the same priority the kernel calls the one that was hooked later.
    """
    found = [
        (table, base)
        for table in tables
        if table.sees(family)
        for base in table.bases
        if base.hook == hook and (not base.devices or device in base.devices)
    ]
    yield from sorted(reversed(found), key=lambda pair: pair[1].order)


def pass_hook(
    tables: Sequence[Table],
    hook: Hook,
    packet: Packet,
    role: Role,
    *,
    looped: bool,
    asked: Packet,
    arrived: Packet,
    masquerade: Callable[[str], int | None],
    rerouted: Callable[[Packet], Packet | None],
) -> Passed:
    """The packet through all chains of one hook.

    `looped`: it comes back in over the loopback device, with what is known about its connection.
    """
    ends: list[End] = []
    doubts: list[Rule] = []
    rewritten = role == "syn" or looped
    translated = False
    place = _SOURCES_REWRITTEN if hook in ("postrouting", "input") else _TARGETS_REWRITTEN

    def translate(at: Packet, step: Translate) -> Packet:
        return _translated(at, step, masquerade)

    for table, base in bases_at(tables, hook, packet.family, packet.oif or packet.iif):
        if not rewritten and (base.order > place or base.kind == "nat"):
            packet, rewritten = _rewritten(hook, packet, asked, arrived), True
        if base.kind == "nat" and (role != "syn" or looped or translated):
            continue  # only a connection's first packet is asked about translation, once
        seen = replace(packet, states=_states(packet, base, looped))
        walked = Walk(table, base, seen, translate).run()
        doubts += walked.doubts
        ends += [end for end in walked.ends if end.verdict.kind != "accept"]
        if not any(end.verdict.kind == "accept" for end in walked.ends):
            return Passed(None, ends, doubts)
        packet = replace(walked.packet, states=packet.states)
        if walked.has_translated and hook == "output":
            way = rerouted(packet)
            if way is None:  # the kernel looks for the new way at once and drops what has none
                dropped = replace(walked.ends[-1], verdict=Verdict("drop"))
                return Passed(None, [*ends, dropped], doubts)
            packet = replace(packet, target_local=way.target_local)
        translated = translated or walked.has_translated
    return Passed(packet if rewritten else _rewritten(hook, packet, asked, arrived), ends, doubts)


def _states(packet: Packet, base: Base, looped: bool) -> frozenset[str]:
    if packet.untracked:
        return UNTRACKED
    if packet.untracked is None:
        return ANY_STATE
    return INVALID if base.order < _TRACKING and not looped else packet.states


def _translated(packet: Packet, step: Translate, masquerade: Callable[[str], int | None]) -> Packet:
    if step.side == "source":
        source = packet.source if step.address is None else step.address or masquerade(packet.oif)
        return replace(
            packet,
            source=source,
            source_port=step.port or packet.source_port,
            translated=packet.translated | {"snat"},
        )
    own = 0x7F000001 if packet.family == 4 else 1
    target = packet.target if step.address is None else step.address or own
    return replace(
        packet,
        target=target,
        target_port=step.port or packet.target_port,
        translated=packet.translated | {"dnat"},
    )


def _rewritten(hook: Hook, packet: Packet, asked: Packet, arrived: Packet) -> Packet:
    """A later packet of a translated connection: what the hook rewrites in it."""
    if not arrived.translated:
        return packet
    if hook in ("output", "prerouting"):
        if packet.reply:
            return replace(packet, target=asked.source or 0, target_port=asked.source_port)
        return replace(
            packet,
            target=arrived.target,
            target_port=arrived.target_port,
            target_local=arrived.target_local,
        )
    if hook in ("postrouting", "input"):
        if packet.reply:
            return replace(
                packet,
                source=asked.target,
                source_port=asked.target_port,
                source_local=asked.target_local,
            )
        return replace(packet, source=arrived.source, source_port=arrived.source_port)
    return packet
