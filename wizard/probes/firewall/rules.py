"""What every packet filter's rules come down to: tables, hooked chains, rules made of steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

from wizard.probes.firewall.packet import Packet, Span, Test, Truth

Hook = Literal["output", "postrouting", "egress", "ingress", "prerouting", "input"]
VerdictKind = Literal["accept", "drop", "reject", "return", "jump", "goto", "unknown"]


class Verdict(msgspec.Struct, frozen=True):
    """What a rule says about a packet that matches. `unknown`: a target that is not modelled."""

    kind: VerdictKind
    chain: str = ""
    """Where `jump` and `goto` lead."""
    reject_with: str | None = None


class Change(msgspec.Struct, frozen=True):
    """A rule's effect on the packet; `certain` is false when the rule may not have matched."""

    apply: Callable[[Packet, bool], Packet]


class Choice(msgspec.Struct, frozen=True):
    """A verdict map: each entry's verdict with whether the packet has its key."""

    pick: Callable[[Packet], list[tuple[Truth, Verdict]]]


class Translate(msgspec.Struct, frozen=True):
    """Address translation. None leaves a part as it is."""

    side: Literal["source", "target"]
    address: int | None = None
    """0 for a redirect: the host's own address."""
    port: Span | None = None
    known: bool = True
    """False when what it makes of the packet cannot be foretold."""


Step: TypeAlias = "Test | Verdict | Change | Choice | Translate"


class Rule(msgspec.Struct, frozen=True, dict=True):
    """One rule, or a chain's policy."""

    text: str
    """As its tool prints it: `-A INPUT -p tcp -m tcp --dport 3000 -j DROP`."""
    place: Place
    compiled: Callable[[], tuple[Step, ...]]
    packets: int | None = None
    handle: int | None = None
    is_policy: bool = False

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its tests, effects and verdict in order; made when a packet first comes by."""
        return self.compiled()


class Place(msgspec.Struct, frozen=True):
    """Where a rule stands."""

    tool: Literal["iptables", "nft"]
    program: str
    """What edits it: `iptables`, `ip6tables-legacy`, `nft`."""
    family: str
    """`ip`, `ip6`, `inet`, `netdev`."""
    table: str
    chain: str

    def __str__(self) -> str:
        if self.tool == "iptables":
            return f"{self.table} {self.chain}"
        return f"{self.family} {self.table} {self.chain}"


class Base(msgspec.Struct, frozen=True):
    """A chain that the kernel itself calls."""

    hook: Hook
    priority: int
    kind: str
    """`filter`, `nat` or `route`."""
    policy: Rule
    place: Place
    devices: frozenset[str] = frozenset()

    @property
    def order(self) -> int:
        """When it is called. Translation always happens at one of two places."""
        if self.kind == "nat":
            return -100 if self.hook in ("prerouting", "output") else 100
        return self.priority


class Table(msgspec.Struct, frozen=True):
    """The chains of one table and those of them that are hooked."""

    tool: Literal["iptables", "nft"]
    family: str
    name: str
    chains: dict[str, list[Rule]] = {}
    bases: list[Base] = []

    def sees(self, family: Literal[4, 6]) -> bool:
        """Packets of this address family come by."""
        return self.family in ({4: "ip", 6: "ip6"}[family], "inet", "netdev")
