"""Runs looks side by side, each as soon as what it needs is known.

A look's parameters refer to other looks' facts. When one comes back, every look whose
parameters are now known starts in a daemon thread of its own, unless the catalogue says that it
is made on demand. So the walk waits for the slowest look that it needs, never for their sum,
and leaving waits for nobody.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from wizard.engine import wording
from wizard.engine.known import Known
from wizard.engine.look import Look, Seen, accepts_unknown, effective_user, typed_parameters
from wizard.engine.paste import read_paste
from wizard.flows import templates
from wizard.flows.model import SYSTEM, Library
from wizard.flows.model import Look as LookRecord
from wizard.model.events import Event, Looked, Looking
from wizard.model.evidence import Evidence, Sighting
from wizard.model.masking import Masker
from wizard.model.text import clean, shorten
from wizard.probes.declare import Probe

_RAW_LIMIT = 24_000
_MOST_SCOPES_EARLY = 16
"""A pool of a hundred servers is looked at server by server as the walk gets there."""
Key = tuple[str, str]


def looks_of_a_leg(library: Library) -> frozenset[str]:
    """The looks that are made once a leg: those that rest on the URL that is asked there."""
    wide = {name: look for name, look in library.looks.items() if not look.each}
    found = {
        name
        for name, look in wide.items()
        if any(
            hole.path.startswith("incident.")
            for written in look.parameters.values()
            if isinstance(written, str)
            for hole in templates.holes(written)
        )
    }
    while more := {name for name, look in wide.items() if found & {*look.needs}} - found:
        found |= more
    return frozenset(found)


class _Running(msgspec.Struct):
    deadline: float
    started: float
    probe: Probe


class Looks:
    """The looks of one walk: started early, recorded when they are first used."""

    def __init__(
        self,
        library: Library,
        catalogue: Mapping[str, Probe],
        look: Look,
        known: Known,
        tell: Callable[[Event], None],
    ) -> None:
        self._library = library
        self._catalogue = catalogue
        self._look = look
        self._known = known
        self._tell = tell
        self._masker = Masker()
        self._user = effective_user()
        self._arrived: queue.SimpleQueue[tuple[Key, Seen]] = queue.SimpleQueue()
        self._running: dict[Key, _Running] = {}
        self._done: dict[Key, Evidence] = {}
        self._recorded: dict[Key, Evidence] = {}
        self._count = 0
        self._kept: dict[Key, Evidence] = {}
        """What an earlier process saw: it comes back at once when it is wanted."""
        self._needs = {name: record.needs for name, record in library.looks.items()}
        self._of_a_leg = looks_of_a_leg(library)
        self._lists = {
            node.each for flow in library.flows.values() for node in flow.nodes if node.each
        }

    def remember(self, standing: Iterable[Evidence], count: int) -> None:
        """Let this evidence answer in place of new looks; new ones are numbered after `count`."""
        self._kept = {
            (each.look, each.scope): each for each in standing if each.look in self._needs
        }
        self._count = count

    def begin(self) -> None:
        """Start every look that needs nothing."""
        self._start_ready()

    def use(self, name: str, scope: str) -> Evidence:
        """The evidence of a look, waiting for it if need be; recorded and told the first time."""
        key = self._key(name, scope)
        if key in self._recorded:
            return self._recorded[key]
        for needed in self._needs[name]:
            self.use(needed, key[1])
        self._start(key)
        self._wait_for(key)
        return self._record(key)

    def use_with(self, name: str, label: str, scope: str, **given: Any) -> Evidence:
        """The evidence of a look to which the caller gives some of its parameters.

        The label tells it from others of the same look; the other parameters are those of a scope.
        """
        key = (name, label)
        if key not in self._recorded:
            record = self._library.looks[name]
            probe = self._catalogue[record.use]
            parameters, missing = self._parameters(record, probe, scope)
            if key in self._kept:
                self._come_back(key)
            elif missing:
                self._finish(key, _not_possible(missing, self._user))
            else:
                self._begin(key, probe, {**parameters, **given})
                self._wait_for(key)
            self._record(key, scope)
        return self._recorded[key]

    def glance(self, name: str, scope: str) -> Seen:
        """What a look sees now; nothing of it is kept."""
        record = self._library.looks[name]
        probe = self._catalogue[record.use]
        parameters, missing = self._parameters(record, probe, scope)
        if missing:
            return _not_possible(missing, self._user)
        return self._look.see(name, scope, probe, parameters)

    def use_if_early(self, names: Iterable[str], scope: str) -> None:
        """Use the looks among these that are made without being demanded, or were made already."""
        for name in names:
            record = self._library.looks.get(name)
            if record and (not record.demand or self._key(name, scope) in self._done):
                self.use(name, scope)

    def use_if_had(self, name: str) -> None:
        """Use a look of the whole host where it can be had, and leave no trace of it elsewhere.

        Tapes that are older than the look then stay what they are.
        """
        if name in self._library.looks:
            key = self._key(name, "")
            self._start(key)
            self._wait_for(key)
            if self._done[key].status == "present":
                self.use(name, "")

    def forget(self, names: Iterable[str], scope: str) -> tuple[str, ...]:
        """Let these looks, and all that rest on them, be made again; ids of what is left aside."""
        return self.forget_keys({self._key(name, scope) for name in names})

    def forget_keys(self, keys: Iterable[Key]) -> tuple[str, ...]:
        """The same for looks of several scopes."""
        stale = self._resting_on(set(keys))
        known = {**self._kept, **self._recorded}
        forgotten = [known[key].id for key in known if key in stale]
        for key in stale:
            self._kept.pop(key, None)
            self._done.pop(key, None)
            self._recorded.pop(key, None)
            self._running.pop(key, None)
            self._known.remove(*key)
        return tuple(forgotten)

    def resting_on(self, name: str, scope: str) -> set[Key]:
        """This look and all that were made from what it saw, each with its scope."""
        return self._resting_on({self._key(name, scope)})

    def resting_on_any(self, keys: Iterable[Key]) -> set[Key]:
        """These looks and all that were made from what they saw."""
        return self._resting_on(set(keys))

    def evidence(self) -> list[Evidence]:
        """All that the walk rests on, of this process and of the one before."""
        return [*self._kept.values(), *self._recorded.values()]

    def _resting_on(self, keys: set[Key]) -> set[Key]:
        stale = set(keys)
        growing = True
        while growing:
            more = {
                key
                for key in (*self._done, *self._kept)
                if any(self._key(need, key[1]) in stale for need in self._needs[key[0]])
            } - stale
            stale |= more
            growing = bool(more)
        return stale

    def pasteable(self) -> list[tuple[Evidence, str]]:
        """The evidence that pasted text may stand in for, each with the command to run."""
        found = []
        for key, evidence in self._recorded.items():
            probe = self._catalogue[self._library.looks[key[0]].use]
            if probe.paste is None:
                continue
            parameters, missing = self._parameters(self._library.looks[key[0]], probe, key[1])
            command = "" if missing else probe.paste.command(**typed_parameters(probe, parameters))
            if command:
                found.append((evidence, self._masker.mask(clean(command))))
        return found

    def paste(self, name: str, scope: str, text: str, by: str) -> Evidence:
        """Take what a person pasted for what the look would have seen; told at once.

        Raises:
            KeyError: the look cannot be pasted, or not here.
        """
        key = self._key(name, scope)
        record = self._library.looks[name]
        probe = self._catalogue[record.use]
        for needed in self._needs[name]:
            self.use(needed, key[1])
        parameters, missing = self._parameters(record, probe, key[1])
        if probe.paste is None or missing:
            raise KeyError(name)
        seen = read_paste(probe, probe.paste, text, parameters, by)
        self._finish(key, seen)
        return self._record(key)

    def start_together(self, names: tuple[str, ...], scopes: list[str]) -> None:
        """Start the looks of a node in all its scopes, so that none waits for another."""
        for scope in scopes:
            for name in names:
                self._start_with_needs(self._key(name, scope))

    def _key(self, name: str, scope: str) -> Key:
        if self._library.looks[name].each:
            return (name, scope)
        return (name, self._known.legs.of(scope).home if name in self._of_a_leg else "")

    def _start_with_needs(self, key: Key) -> None:
        for needed in self._needs[key[0]]:
            self._start_with_needs(self._key(needed, key[1]))
        if self._is_ready(key):
            self._start(key)

    def _is_ready(self, key: Key) -> bool:
        return all(self._key(needed, key[1]) in self._done for needed in self._needs[key[0]])

    def _start_ready(self) -> None:
        legs = [leg.name for leg in self._known.legs]
        scopes = [
            scope for leg in legs for scope in self._known.legs.servers(leg)[:_MOST_SCOPES_EARLY]
        ]
        for name, record in self._library.looks.items():
            if record.demand:
                continue
            keys = [self._key(name, scope) for scope in (scopes if record.each else legs)]
            for key in dict.fromkeys(keys):
                if key not in self._done and key not in self._running and self._is_ready(key):
                    self._start(key)

    def _start(self, key: Key) -> None:
        if key in self._done or key in self._running:
            return
        if key in self._kept:
            self._come_back(key)
            return
        record = self._library.looks[key[0]]
        probe = self._catalogue[record.use]
        parameters, missing = self._parameters(record, probe, key[1])
        if missing:
            self._finish(key, _not_possible(missing, self._user))
            return
        self._begin(key, probe, parameters)

    def _begin(self, key: Key, probe: Probe, parameters: dict[str, Any]) -> None:
        self._tell(Looking(look=key[0], scope=key[1], probe=probe.name))
        self._running[key] = _Running(time.monotonic() + probe.deadline, time.time(), probe)
        threading.Thread(
            target=self._see, args=(key, probe, parameters), name=f"look {key[0]}", daemon=True
        ).start()

    def _see(self, key: Key, probe: Probe, parameters: dict[str, Any]) -> None:
        self._arrived.put((key, self._look.see(key[0], key[1], probe, parameters)))

    def _wait_for(self, key: Key) -> None:
        while key not in self._done:
            first = min(running.deadline for running in self._running.values())
            try:
                arrived, seen = self._arrived.get(timeout=max(0.0, first - time.monotonic()))
            except queue.Empty:
                self._give_up()
                continue
            if arrived in self._running:
                self._finish(arrived, seen)
                self._start_ready()

    def _give_up(self) -> None:
        now = time.monotonic()
        for key, running in list(self._running.items()):
            if running.deadline <= now:
                reason = f"no answer within {running.probe.deadline:g} s"
                sighting = Sighting(status="unreadable", reading=reason, reason=reason)
                self._finish(
                    key, Seen(sighting, {}, running.started, running.probe.deadline, self._user)
                )

    def _finish(self, key: Key, seen: Seen) -> None:
        self._running.pop(key, None)
        self._take(key, self._evidence(key, seen))

    def _come_back(self, key: Key) -> None:
        """As if the look had just been made; it gets its number when it is used, as any other."""
        self._take(key, msgspec.structs.replace(self._kept[key], id=""))

    def _take(self, key: Key, evidence: Evidence) -> None:
        self._done[key] = evidence
        self._known.add(evidence)
        legs = self._known.legs
        for path in self._lists:
            look, _, field = path.partition(".")
            if key[0] == look and key[1] == legs.of(key[1]).name and not legs.servers(key[1]):
                legs.name_servers(evidence.facts.get(field) or [], key[1])

    def _record(self, key: Key, scope: str | None = None) -> Evidence:
        if key in self._kept:
            before = self._recorded[key] = self._done[key] = self._kept.pop(key)
            self._known.add(before)
            return before
        kept = self._done[key]
        seen_from = key[1] if scope is None else scope
        numbered = msgspec.structs.replace(
            kept,
            remedy=self._typed_here(kept.remedy),
            id=f"e{self._count + 1}",
            rests_on=tuple(
                self._recorded[self._key(each, seen_from)].id for each in self._needs[key[0]]
            ),
        )
        self._count += 1
        self._recorded[key] = self._done[key] = numbered
        self._known.add(numbered)
        self._tell(Looked(at=time.time(), evidence=numbered))
        return numbered

    def _typed_here(self, command: str) -> str:
        """A command in the words of this host."""
        if not command or SYSTEM not in self._library.looks:
            return command
        host = self._key(SYSTEM, "")
        self._start(host)
        self._wait_for(host)
        facts = self._known.facts("", early=True)
        return wording.command(command, wording.writings(self._library, facts))

    def _evidence(self, key: Key, seen: Seen) -> Evidence:
        record = self._library.looks[key[0]]
        probe = self._catalogue[record.use]
        mask = self._masker.mask
        sighting = seen.sighting
        return Evidence(
            id="",
            look=key[0],
            title=record.title,
            scope=key[1],
            probe=probe.name,
            kind=probe.kind,
            parameters={name: str(value) for name, value in record.parameters.items()},
            status=sighting.status,
            reading=mask(clean(sighting.reading)),
            facts=self._masker.mask_value(_clean_value(seen.facts)),
            raw=mask(shorten(clean(sighting.raw), _RAW_LIMIT)),
            command=mask(clean(sighting.command)),
            reason=mask(clean(sighting.reason)),
            remedy=mask(clean(sighting.remedy)),
            started=seen.started,
            seconds=round(seen.seconds, 6),
            user=seen.user,
        )

    def _parameters(
        self, record: LookRecord, probe: Probe, scope: str
    ) -> tuple[dict[str, Any], str]:
        """The parameters' values, or what is missing for them."""
        facts = self._known.facts(scope, early=True)
        filled: dict[str, Any] = {}
        for name, written in record.parameters.items():
            value, missing = templates.parameter(written, facts)
            if missing and not accepts_unknown(probe, name):
                return {}, missing[0]
            filled[name] = value
        return filled, ""


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _clean_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_value(each) for each in value]
    return value


def _not_possible(missing: str, user: str) -> Seen:
    sighting = Sighting(
        status="unreadable",
        reading=f"not possible: {missing} is not known",
        reason=f"{missing} is not known",
    )
    return Seen(sighting, {}, time.time(), 0.0, user)
