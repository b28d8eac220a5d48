"""A packet as the filter sees it, with what is not known about it said so.

Tests on a packet are three-valued: True, False, or None where the packet's value (or the rule)
is not known. Addresses are integers, ports are ranges, since a client's port is chosen late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

import msgspec

Truth: TypeAlias = "bool | None"
Test: TypeAlias = "Callable[[Packet], Truth]"
Span: TypeAlias = "tuple[int, int]"

NEW, ESTABLISHED, RELATED = frozenset({"new"}), frozenset({"established"}), frozenset({"related"})
INVALID, UNTRACKED = frozenset({"invalid"}), frozenset({"untracked"})
ANY_STATE = NEW | ESTABLISHED | RELATED | INVALID | UNTRACKED

NOBODY = -1
"""The owner of a packet that no process's socket sent."""


class Packet(msgspec.Struct, frozen=True):
    """One packet at one point of its way."""

    family: Literal[4, 6]
    source: int | None
    target: int
    source_port: Span
    target_port: Span
    flags: frozenset[str] = frozenset({"syn"})
    protocol: Literal["tcp", "icmp"] = "tcp"
    iif: str = ""
    oif: str = ""
    states: frozenset[str] = NEW
    """Connection tracking states that it may be in."""
    untracked: Truth = False
    reply: bool = False
    """It goes against the direction of the connection's first packet."""
    owner: Callable[[], int | None] = lambda: None
    """The user id of the sending socket, looked up only where a rule asks."""
    mark: int | None = 0
    connection_mark: int | None = 0
    source_local: bool = True
    target_local: bool = False
    translated: frozenset[str] = frozenset()
    """`snat`, `dnat` where connection tracking has rewritten its connection."""


def never(packet: Packet) -> Truth:
    """The test that no packet passes."""
    return False


def unknowable(packet: Packet) -> Truth:
    """A test that cannot be judged: limits, sets kept elsewhere, the time, the payload."""
    return None


def opposite(test: Test) -> Test:
    """The test with its answer turned round; unknown stays unknown."""

    def negated(packet: Packet) -> Truth:
        answer = test(packet)
        return None if answer is None else not answer

    return negated


def within(value: Span, ranges: Iterable[Span]) -> Truth:
    """Whether the value lies in one of the ranges; None when only a part of it does."""
    touched = False
    for low, high in ranges:
        if low <= value[0] and value[1] <= high:
            return True
        touched = touched or not (value[1] < low or high < value[0])
    return None if touched else False


def among(value: frozenset[str], wanted: frozenset[str]) -> Truth:
    """Whether the one true value among `value` is a wanted one."""
    if value <= wanted:
        return True
    return None if value & wanted else False


def any_of(answers: Iterable[Truth]) -> Truth:
    """True when one is true, None when one may be."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def all_of(answers: Iterable[Truth]) -> Truth:
    """False when one is false, None when one may be."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def mixed_mark(old: int | None, value: int, mask: int) -> int | None:
    """The mark after the bits of `mask` are cleared and `value` is xored in."""
    if mask == 0xFFFFFFFF:
        return value
    return None if old is None else (old & ~mask) ^ value
