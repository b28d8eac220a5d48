"""nginx's access log: how many answers of which status this route gave in a window."""

from __future__ import annotations

import math
import shlex
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.model.text import decode, shorten
from wizard.probes.logs import EVERY_LINE, Backwards, Budget
from wizard.proxies.facts import AccessLog, Instance, Window
from wizard.proxies.nginx.access_format import COMBINED, AccessClock, Format, compiled
from wizard.proxies.nginx.log_route import OwnLines, is_own_address
from wizard.proxies.nginx.log_sources import source

_SHOWN = 20
_WIZARD = b"gateway-wizard/"
_Groups = dict[str, bytes]


class _Sum(msgspec.Struct):
    statuses: Counter[bytes] = msgspec.field(default_factory=Counter)
    minutes: list[int] = msgspec.field(default_factory=list)
    upstream_5xx: Counter[str] = msgspec.field(default_factory=Counter)
    last_5xx: float | None = None
    last_ok: float | None = None
    shown: list[bytes] = msgspec.field(default_factory=list)
    own: _Groups | None = None
    lines: int = 0
    """Lines in the window, whosever they are."""
    strange: int = 0
    """Lines that the format does not fit."""


class _Counter:
    """Counts the lines of the route; newest first."""

    def __init__(self, form: Format, route: Route, window: Window) -> None:
        since, until, url = window.begin(), window.end(), window.url
        self.sum = _Sum(minutes=[0] * max(1, math.ceil((until - since) / 60)))
        self.clock = AccessClock()
        self._form = form
        self._since, self._until, self._asked_at = since, until, window.asked_at
        self._lines = OwnLines(route, url)
        self._url = urlsplit(url) if url else None
        self._mine: dict[tuple[bytes, bytes], bool] = {}
        self.has_path = bool(form.groups & {"request", "request_uri", "uri"})
        self.has_name = "server_name" in form.groups

    def stamp(self, text: bytes) -> float | None:
        """The time of the line that the text begins with."""
        found = self._form.pattern.match(text.partition(b"\n")[0])
        return self.clock.at(found[self._form.time]) if found and self._form.time else None

    def take(self, block: bytes) -> None:
        """Count the block's lines that stand in the window."""
        match, when = self._form.pattern.match, self._form.time or ""
        for line in reversed(block.split(b"\n")):
            if not line:
                continue
            found = match(line)
            at = self.clock.at(found[when]) if found else None
            if found is None or at is None:
                self.sum.strange += 1
                continue
            if at > self._until:
                continue
            if at < self._since:
                if at < self._since - 120.0:
                    return
                continue
            self.sum.lines += 1
            groups = found.groupdict(b"")
            if self._is_mine(groups):
                self._count(at, groups, line)

    def _count(self, at: float, groups: _Groups, line: bytes) -> None:
        total, status = self.sum, groups["status"]
        total.statuses[status] += 1
        if len(total.shown) < _SHOWN:
            total.shown.append(line)
        if self._asked_at is not None and total.own is None and at >= self._asked_at - 1.0:
            total.own = groups if self._is_wizard(groups) else None
        if status >= b"500":
            total.last_5xx = max(at, total.last_5xx or at)
            minute = int((at - self._since) // 60)
            total.minutes[min(minute, len(total.minutes) - 1)] += 1
        elif status < b"400":
            total.last_ok = max(at, total.last_ok or at)
        for address, answer in _pairs(groups):
            if answer.startswith("5"):
                total.upstream_5xx[address] += 1

    def _is_mine(self, groups: _Groups) -> bool:
        target = _target(groups)
        key = (target.partition(b"?")[0], groups.get("server_name", b""))
        known = self._mine.get(key)
        if known is None:
            if len(self._mine) > 50_000:
                self._mine.clear()
            known = not self.has_path or self._lines.has_path(decode(key[0]))
            if self.has_name:
                known = known and self._lines.has_server_name(decode(key[1]))
            self._mine[key] = known
        return known

    def _is_wizard(self, groups: _Groups) -> bool:
        agent = groups.get("http_user_agent")
        if agent is not None:
            if not agent.startswith(_WIZARD):
                return False
        elif "remote_addr" in groups and not is_own_address(decode(groups["remote_addr"])):
            return False
        if self._url is None:
            return agent is not None
        wanted = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        return decode(_target(groups)).partition("?")[0] == wanted.partition("?")[0]


def _target(groups: _Groups) -> bytes:
    for name in ("request_uri", "uri"):
        if name in groups:
            return groups[name]
    parts = groups.get("request", b"").split(b" ")
    return parts[1] if len(parts) > 1 else b""


def _pairs(groups: _Groups) -> list[tuple[str, str]]:
    """`a:1, b:2` and `502, 200` as pairs; ` : ` separates the servers of internal redirects."""
    if "upstream_addr" not in groups or "upstream_status" not in groups:
        return []
    addresses = decode(groups["upstream_addr"]).replace(" : ", ", ").split(", ")
    statuses = decode(groups["upstream_status"]).replace(" : ", ", ").split(", ")
    return list(zip(addresses, statuses, strict=True)) if len(addresses) == len(statuses) else []


def look(instance: Instance, route: Route, window: Window) -> Sighting:
    """Count this route's answers, newest lines first."""
    window = window.settled()
    begin, end = window.begin(), window.end()
    form = compiled(route.access_log_format)
    if form is None or form.time is None:
        missing = "status" if form is None else "time"
        return Sighting(
            status="unparsed",
            facts=AccessLog(),
            reading=f"the log format has no {missing}",
            reason=f"log_format has no ${missing}: lines cannot be told apart",
        )
    counter = _Counter(form, route, window)
    unread: list[str] = []
    log = _read_first(route.access_logs, instance, counter, begin, unread)
    if log is None:
        return _unreadable(unread or ["access_log: off"], window.url)
    total = counter.sum
    if total.strange > total.lines and not total.statuses:
        return Sighting(
            status="unparsed",
            facts=AccessLog(paths=log.read, unread=unread),
            reading="its lines do not look as log_format says",
            reason=f"the lines do not fit {shorten(route.access_log_format or COMBINED, 200)}",
            command=f"tail -n 20 {shlex.quote(log.path)}",
        )
    covered = begin if log.oldest is None or not log.bounded else max(begin, log.oldest)
    facts = AccessLog(
        paths=log.read,
        unread=unread + log.unread,
        matched_by=_matched_by(counter),
        count=sum(total.statuses.values()),
        aborted=total.statuses[b"499"],
        count_5xx=sum(total.minutes),
        statuses={decode(status): n for status, n in sorted(total.statuses.items())},
        per_minute_5xx=total.minutes,
        last_5xx_at=total.last_5xx,
        last_ok_at=total.last_ok,
        upstream_5xx=dict(total.upstream_5xx.most_common(20)),
        has_upstream_status="upstream_status" in form.groups,
        from_time=covered,
        to_time=min(end, time.time()),
        bounded=log.bounded,
        **_of_request(total.own, window.asked_at),
    )
    return _sighting(facts, total, log.path)


def _read_first(
    written: list[str], instance: Instance, counter: _Counter, since: float, unread: list[str]
) -> Backwards | None:
    """Read the first log that can be read: each of them has every line."""
    for entry in written:
        found = source(entry.split(" ")[0], instance)
        if found.path is None:
            unread.append(f"{entry}: {found.reason or 'goes to the journal'}")
            continue
        log = Backwards(
            found.path, since=since, starts=EVERY_LINE, stamp=counter.stamp, budget=Budget()
        )
        for block in log:
            counter.take(block)
        if log.read:
            return log
        unread += log.unread
    return None


def _matched_by(counter: _Counter) -> str | None:
    if counter.has_path:
        return "virtual host and path prefix" if counter.has_name else "path prefix"
    return "virtual host" if counter.has_name else None


def _of_request(own: _Groups | None, asked_at: float | None) -> dict[str, Any]:
    if own is None:
        return {"request_seen": False if asked_at is not None else None}
    addresses, answers = own.get("upstream_addr"), own.get("upstream_status")
    return {
        "request_seen": True,
        "request_status": int(own["status"]),
        "request_upstream_addr": decode(addresses) if addresses is not None else None,
        "request_upstream_status": decode(answers) if answers is not None else None,
    }


def _sighting(facts: AccessLog, total: _Sum, path: str) -> Sighting:
    minutes = round(((facts.to_time or 0) - (facts.from_time or 0)) / 60)
    note = ", no more could be read" if facts.bounded else ""
    return Sighting(
        status="present" if facts.count else "absent",
        facts=facts,
        reading=f"{facts.count_5xx} of {facts.count} answers in {minutes} min are 5xx{note}",
        raw="\n".join(shorten(decode(line), 1000) for line in reversed(total.shown)),
        command=f"tail -n 1000 {shlex.quote(path)}",
    )


def _unreadable(unread: list[str], url: str | None) -> Sighting:
    denied = any("not allowed" in reason for reason in unread)
    asked = f" {shlex.quote(url)}" if url else ""
    return Sighting(
        status="unreadable",
        facts=AccessLog(unread=unread),
        reading="access log not read: " + unread[0].rpartition(": ")[2],
        reason="; ".join(unread),
        remedy=f"sudo wizard diagnose{asked}" if denied else "",
    )
