"""What `ip` prints as JSON, and its refusals, which it tells on standard error alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from wizard.model.text import decode
from wizard.probes.run import run

Refusal = Literal["prohibit", "blackhole", "unreachable", "missing"]

# ip-route(8), "Route types": the error that each type gives to local senders.
_REFUSALS: tuple[tuple[str, Refusal], ...] = (
    ("Permission denied", "prohibit"),
    ("Invalid argument", "blackhole"),
    ("No route to host", "unreachable"),
    ("Network is unreachable", "missing"),
)


def family_option(address: str) -> str:
    """`-4` or `-6`."""
    return "-6" if ":" in address else "-4"


def listed(argv: Sequence[str]) -> tuple[list[dict[str, Any]], str] | None:
    """The objects that `ip` lists with what it complained of; None where it could not be asked."""
    said = run(["ip", "-j", *argv], timeout=2.0)
    if said.missing or said.timed_out or said.cut:
        return None
    try:
        objects = json.loads(said.out or b"[]")
    except ValueError:
        return None
    if not isinstance(objects, list):
        return None
    return [each for each in objects if isinstance(each, dict)], decode(said.err).strip()


def refusal_in(complaint: str) -> Refusal | None:
    """Which kind of route refused, by the error that `ip route get` was answered."""
    return next((kind for words, kind in _REFUSALS if words in complaint), None)
