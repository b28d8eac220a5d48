"""Reads what a person pasted as the look would have read it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from wizard.engine.look import Seen, typed_parameters
from wizard.model.evidence import Sighting
from wizard.probes.declare import Paste, Probe

PERSON = "person ("
"""What the user of pasted evidence begins with."""
_LONGEST = 4 * 1024 * 1024


def read_paste(
    probe: Probe, paste: Paste, text: str, parameters: Mapping[str, Any], by: str
) -> Seen:
    """The sighting in a pasted text. An exception of the parser is a bug and becomes unparsed."""
    started, begin = time.time(), time.monotonic()
    typed = typed_parameters(probe, parameters)
    text = text[:_LONGEST].replace("\r\n", "\n")
    try:
        sighting = paste.read(text=text, **typed)
    except Exception as problem:
        sighting = Sighting(
            status="unparsed",
            reason=f"the parser itself failed: {type(problem).__name__}: {problem}",
        )
    said = sighting.reading or sighting.reason or sighting.status
    sighting = msgspec.structs.replace(
        sighting,
        reading=f"pasted: {said}",
        raw=sighting.raw or text,
        command=paste.command(**typed),
    )
    facts = msgspec.to_builtins(sighting.facts) if sighting.facts is not None else {}
    return Seen(sighting, facts, started, time.monotonic() - begin, f"{PERSON}{by or 'not named'})")
