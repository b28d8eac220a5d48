"""Sorts the entries of nginx's error log: whose they are, what they mean, how many of each."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from wizard.model.route import Route
from wizard.model.text import decode
from wizard.probes.local_time import LocalClock
from wizard.proxies.facts import Window
from wizard.proxies.nginx import error_line, error_phrases
from wizard.proxies.nginx.error_line import Line
from wizard.proxies.nginx.error_phrases import Meaning
from wizard.proxies.nginx.log_route import OwnLines, OwnRequest

KEPT = 50
"""So many of the newest lines are kept whole."""
_OUT_OF_ORDER = 5.0
"""Workers write side by side, so a line may be a little older than the one before it."""
_OF_EVERY_ROUTE = ("no-connections", "too-many-files", "disk-full")
"""Failures of nginx itself whose lines name no request: they concern every route."""


class Hit(NamedTuple):
    """One failure as it stands in the log."""

    at: float
    line: Line
    meaning: Meaning
    entry: bytes


class Sum(msgspec.Struct):
    """What was read so far. Lines come newest first within a log."""

    tallies: dict[tuple[Meaning, str], list[float]] = msgspec.field(default_factory=dict)
    """Count, first, last."""
    kept: list[Hit] = msgspec.field(default_factory=list)
    asked: list[Hit] = msgspec.field(default_factory=list)
    starts: list[Hit] = msgspec.field(default_factory=list)
    crashes: list[Hit] = msgspec.field(default_factory=list)
    foreign: int = 0
    since_change: int = 0


class Reader:
    """Sorts entries into the sum; remembers what it worked out for repeated texts."""

    def __init__(self, route: Route, window: Window, *, several: bool = False) -> None:
        self.sum = Sum()
        # Several logs of one route have the same lines.
        self._seen: set[bytes] | None = set() if several else None
        self._own = OwnLines(route, window.url)
        self._request = OwnRequest(window.url, self._own)
        self._since, self._until = window.begin(), window.end()
        self._asked_from = float("inf") if window.asked_at is None else window.asked_at - 1.0
        self._changed = float("inf") if window.changed is None else window.changed
        self._meanings: dict[tuple[bytes, bytes], Meaning | None] = {}
        self._upstreams: dict[bytes, str] = {}

    def take(self, block: bytes, clock: LocalClock) -> None:
        """Add the block's entries that stand in the window."""
        for entry in error_line.entries(block):
            at = clock.at(entry[:19])
            if at is None or at > self._until:
                continue
            if at < self._since:
                if at < self._since - _OUT_OF_ORDER:
                    return
                continue
            if self._seen is not None:
                if entry in self._seen:
                    continue
                self._seen.add(entry)
            line = error_line.read(entry)
            if line is None:
                continue
            key = (line.message, line.level)
            try:
                meaning = self._meanings[key]
            except KeyError:
                meaning = self._understand(key)
            if meaning is not None:
                self._add(at, line, meaning, entry)

    def _understand(self, key: tuple[bytes, bytes]) -> Meaning | None:
        if len(self._meanings) > 20_000:
            self._meanings.clear()
        message, level = key
        found = error_phrases.meaning(
            message.decode("utf-8", "replace"), level.decode("ascii", "replace")
        )
        self._meanings[key] = found
        return found

    def _add(self, at: float, line: Line, meaning: Meaning, entry: bytes) -> None:
        total = self.sum
        if meaning.phase == "start":
            self._count(at, meaning, "")
            total.starts.append(Hit(at, line, meaning, entry))
            return
        if meaning.failure == "worker-crashed":
            total.crashes.append(Hit(at, line, meaning, entry))
            return
        upstream = self._upstream(line.upstream) if line.upstream else ""
        asked = at >= self._asked_from and self._is_asked(line)
        if not asked and not self._is_own(line, upstream, meaning):
            total.foreign += bool(upstream) and meaning.failure != "disabled"
            return
        self._count(at, meaning, upstream)
        if meaning.failure == "disabled":
            return
        if asked and len(total.asked) < 500:
            total.asked.append(Hit(at, line, meaning, entry))
        if len(total.kept) < KEPT or at > total.kept[-1].at:
            total.kept.append(Hit(at, line, meaning, entry))
        # The log has whole seconds: a line of the change's own second may have come after it.
        total.since_change += at + 1 > self._changed

    def _count(self, at: float, meaning: Meaning, upstream: str) -> None:
        known = self.sum.tallies.get((meaning, upstream))
        if known is None:
            self.sum.tallies[(meaning, upstream)] = [1, at, at]
            return
        known[0] += 1
        if at < known[1]:
            known[1] = at
        elif at > known[2]:
            known[2] = at

    def _upstream(self, written: bytes) -> str:
        """The authority; remembered by what stands before the URI."""
        end = written.find(b"/", written.find(b"//") + 2)
        unix = written.find(b"://unix:") > 0
        key = written if end < 0 or unix else written[:end]
        known = self._upstreams.get(key)
        if known is None:
            if len(self._upstreams) > 20_000:
                self._upstreams.clear()
            known = self._upstreams[key] = error_line.split_upstream(decode(key))[1]
        return known

    def _is_asked(self, line: Line) -> bool:
        return self._request.is_it(decode(line.client), decode(line.request), decode(line.host))

    def _is_own(self, line: Line, upstream: str, meaning: Meaning) -> bool:
        if upstream and self._own.has_upstream(upstream):
            return True
        if line.request:
            return self._own.has_request(
                decode(line.server),
                error_line.path_of(decode(line.request)),
                decode(line.host),
                foreign=bool(upstream),
            )
        if meaning.phase == "resolve":
            return self._own.has_resolver(decode(line.message))
        return not line.client and meaning.failure in _OF_EVERY_ROUTE
