"""Reads the raw text of a tape again, with the parsers of this version.

What a look saw is on the tape twice: the raw text, and the facts that the parser of that day read
from it. Where a probe's facts have got fields since then, those are read from the text; asked for
it, all of them are. Where the text was cut, or does not hold what the facts say, the recorded facts
stand, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from wizard.engine.look import Seen, TapeLook, typed_parameters
from wizard.model.evidence import Sighting
from wizard.model.text import one_line
from wizard.probes.declare import Probe

_CUT = re.compile(r" … \[\d+ more characters\]\Z")
_OTHER_CLOCK = 600.0
"""Seconds. Zones differ by quarters of an hour at least."""


class Read(NamedTuple):
    """What became of one look's raw text."""

    look: str
    scope: str
    was: Literal["read", "stands"]
    fields: tuple[str, ...] = ()
    """Facts that are others than on the tape."""
    because: str = ""
    """Why the recorded facts stand."""


class RereadLook:
    """A tape whose raw text is read again. `told` fills as the walk goes on."""

    def __init__(self, tape: TapeLook, *, everything: bool) -> None:
        self._tape = tape
        self._everything = everything
        self.told: list[Read] = []

    def see(self, name: str, scope: str, probe: Probe, parameters: Mapping[str, Any]) -> Seen:
        """The recorded look, with the facts that this version reads from its text."""
        seen = self._tape.see(name, scope, probe, parameters)
        if seen.sighting.status == "unreadable":
            return seen
        all_of_it = self._everything or seen.sighting.status == "unparsed"
        missing = _missing(seen.facts, probe)
        if not all_of_it and not missing:
            return seen
        again = _again(seen, probe, parameters)
        if isinstance(again, str):
            self.told.append(Read(name, scope, "stands", because=again))
            return seen
        facts = {
            **seen.facts,
            **{
                field: value
                for field, value in _facts(again).items()
                if value is not None
                and field not in _beside(probe)
                and (all_of_it or field in missing)
            },
        }
        fields = tuple(field for field in facts if facts[field] != seen.facts.get(field))
        self.told.append(Read(name, scope, "read", fields))
        sighting = seen.sighting
        if all_of_it and fields:
            sighting = replace(sighting, status=again.status, reading=again.reading, reason="")
        return replace(seen, sighting=sighting, facts=facts)


def _missing(facts: dict[str, Any], probe: Probe) -> frozenset[str]:
    """Fields that the probe's facts have got since the tape was recorded."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(probe.facts)) - {*facts}


def _beside(probe: Probe) -> tuple[str, ...]:
    return probe.reread.beside if probe.reread else ()


def _facts(sighting: Sighting) -> dict[str, Any]:
    # As a tape has them: a tuple there is a list.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(sighting.facts))
    return plain


def _again(seen: Seen, probe: Probe, parameters: Mapping[str, Any]) -> Sighting | str:
    """What this version's parser sees in the text, or why the recorded facts stand."""
    how, raw = probe.reread, seen.sighting.raw
    if how is None:
        return "its text does not hold all that it saw"
    if how.needs_text and not raw.strip():
        return "no text of it was kept"
    if how.needs_text and _CUT.search(raw):
        return "its text was cut"
    try:
        again = how.read(text=raw, **typed_parameters(probe, parameters))
    except Exception as problem:
        return f"its reader failed ({type(problem).__name__}: {one_line(str(problem), 80)})"
    if again.status not in ("present", "absent") or again.facts is None:
        return again.reason or "its text is not understood"
    facts = _facts(again)
    if how.clock and _is_another_zone(seen.facts.get(how.clock), facts.get(how.clock)):
        return "its lines tell the time of another zone; TZ=ZONE wizard replay reads them in theirs"
    if how.counts and (facts.get(how.counts) or 0) < (seen.facts.get(how.counts) or 0):
        return "its text was cut"
    return again


def _is_another_zone(then: object, now: object) -> bool:
    if not isinstance(then, int | float):
        return False
    return not isinstance(now, int | float) or abs(now - then) > _OTHER_CLOCK


def sentences(told: Sequence[Read]) -> list[str]:
    """For a person: what was read again, and what stands."""
    read = [each for each in told if each.was == "read"]
    others = [each for each in read if each.fields]
    said = [
        f"Read again from its text: {_named(each)}: {', '.join(each.fields)}." for each in others
    ]
    if len(read) > len(others):
        said.append(f"Read again, and the same: {_several(set(read) - set(others))}.")
    for because in dict.fromkeys(each.because for each in told if each.was == "stands"):
        standing = {each for each in told if each.was == "stands" and each.because == because}
        said.append(f"As recorded ({because}): {_several(standing)}.")
    return said


def _named(each: Read) -> str:
    return f"{each.look} ({each.scope})" if each.scope else each.look


def _several(some: Iterable[Read]) -> str:
    return ", ".join(sorted({_named(each) for each in some}))
