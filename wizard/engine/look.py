"""The way of looking that an engine is given: live at this host, or from a tape.

The walk asks `see` and does not care which. Replay, the demo, lessons and most tests follow
from that one decision.
"""

from __future__ import annotations

import getpass
import inspect
import os
import time
import typing
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from wizard.model.conversion import convert
from wizard.model.evidence import Evidence, Sighting
from wizard.probes.declare import Probe


class Seen(msgspec.Struct, frozen=True):
    """A sighting with its circumstances; facts as plain dicts."""

    sighting: Sighting
    facts: dict[str, Any]
    started: float
    seconds: float
    user: str


class Look(Protocol):
    """Answers one look. May block up to the probe's deadline."""

    def see(self, name: str, scope: str, probe: Probe, parameters: Mapping[str, Any]) -> Seen:
        """What the look of this name sees in this scope."""
        ...


def effective_user() -> str:
    """Name of the user whose rights decide what can be seen."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return getpass.getuser() if "USER" in os.environ else str(os.geteuid())


class LiveLook:
    """Runs the probes at this host."""

    def __init__(self) -> None:
        self._user = effective_user()

    def see(self, name: str, scope: str, probe: Probe, parameters: Mapping[str, Any]) -> Seen:
        """Run the probe. An exception of the probe is a bug and becomes unreadable evidence."""
        started = time.time()
        begin = time.monotonic()
        try:
            sighting = probe(**typed_parameters(probe, parameters))
        except Exception as problem:
            where = problem.__traceback__
            while where and where.tb_next:
                where = where.tb_next
            at = f" at {where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else ""
            sighting = Sighting(
                status="unreadable",
                reading="the probe failed",
                reason=f"the probe itself failed: {type(problem).__name__}: {problem}{at}",
            )
        facts = msgspec.to_builtins(sighting.facts) if sighting.facts is not None else {}
        return Seen(sighting, facts, started, time.monotonic() - begin, self._user)


class TapeLook:
    """Answers from recorded evidence; what was not looked at then cannot be seen now."""

    def __init__(self, evidence: typing.Iterable[Evidence]) -> None:
        self._evidence: dict[tuple[str, str], list[Evidence]] = {}
        for each in evidence:
            self._evidence.setdefault((each.look, each.scope), []).append(each)

    def see(self, name: str, scope: str, probe: Probe, parameters: Mapping[str, Any]) -> Seen:
        """The recorded evidence of this look, or unreadable when the tape has none."""
        kept = _asked_alike(self._evidence.get((name, scope), []), parameters)
        if kept is None:
            sighting = Sighting(
                status="unreadable",
                reading="not on the tape",
                reason="this look was not made when the tape was recorded",
            )
            return Seen(sighting, {}, 0.0, 0.0, "")
        sighting = Sighting(
            status=kept.status,
            reading=kept.reading,
            raw=kept.raw,
            command=kept.command,
            reason=kept.reason,
            remedy=kept.remedy,
        )
        facts = fitting(kept.facts, probe)
        return Seen(sighting, facts, kept.started, kept.seconds, kept.user)


def fitting(facts: dict[str, Any], probe: Probe) -> dict[str, Any]:
    """Recorded facts without those that are of another type than the probe's are.

    A tape may be older than the type, or made by hand; what does not fit is not known.
    """
    if not facts:
        return facts
    try:
        convert(facts, probe.facts)
    except msgspec.ValidationError:
        kinds = {field.encode_name: field.type for field in msgspec.structs.fields(probe.facts)}
        return {
            name: value
            for name, value in facts.items()
            if name not in kinds or _fits(value, kinds[name])
        }
    return facts


def _fits(value: Any, kind: Any) -> bool:
    try:
        convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _asked_alike(found: list[Evidence], parameters: Mapping[str, Any]) -> Evidence | None:
    """The newest one; of several edits the one of the same changes."""
    alike = [each for each in found if each.parameters.get("changes") == parameters.get("changes")]
    return next(reversed(alike or found), None)


def typed_parameters(probe: Probe, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values converted to what the probe's signature asks for.

    Raises:
        msgspec.ValidationError: a value does not fit.
    """
    hints = _hints(probe)
    return {name: convert(value, hints[name], strict=False) for name, value in parameters.items()}


def accepts_unknown(probe: Probe, parameter: str) -> bool:
    """The parameter may be None: the probe can do without it."""
    hint = _hints(probe)[parameter]
    return hint is Any or type(None) in typing.get_args(hint)


_known_hints: dict[str, dict[str, Any]] = {}


def _hints(probe: Probe) -> dict[str, Any]:
    if probe.name not in _known_hints:
        found = typing.get_type_hints(probe.look)
        _known_hints[probe.name] = {
            name: found.get(name, Any) for name in inspect.signature(probe.look).parameters
        }
    return _known_hints[probe.name]
