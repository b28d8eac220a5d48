"""A size for a directive, out of one that was measured."""

from __future__ import annotations


def roomy(size: int, unit: int) -> int:
    """The power of two, in units of so many bytes, that holds the size and a quarter more."""
    needed, room = size + size // 4, 1
    while room * unit < needed:
        room *= 2
    return room
