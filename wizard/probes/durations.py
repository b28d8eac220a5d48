"""How long something took, for a person."""

from __future__ import annotations


def took(seconds: float) -> str:
    """`0.3 ms`, `28 ms`, `350 ms`, `1.5 s`."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
