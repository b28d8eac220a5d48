"""The marks in front of things, and what they say in words."""

from __future__ import annotations

from wizard.model.evidence import Status
from wizard.ui.page import Tone

EVIDENCE: dict[Status, tuple[str, Tone, str]] = {
    "present": ("+", "good", "seen"),
    "absent": ("-", "dim", "looked, and it is not there"),
    "unreadable": ("!", "warn", "could not be looked at"),
    "unparsed": ("?", "warn", "looked, and could not be understood"),
}
"""How each kind of answer is marked, toned and told."""

STEP: dict[str, tuple[str, Tone, str]] = {
    "done": ("[x]", "", "done"),
    "here": ("[>]", "here", "here"),
    "open": ("[ ]", "dim", "not yet"),
    "failed": ("[!]", "bad", "something is wrong here"),
}
"""How each state of a step is marked, toned and told."""

HOLDS: dict[str, tuple[str, Tone, str]] = {
    "true": ("+", "good", "it spoke for this"),
    "false": ("-", "dim", "it spoke against"),
    "unknown": ("?", "warn", "it could not be had"),
}
"""Whether a comparison held; its text is true as it stands."""
