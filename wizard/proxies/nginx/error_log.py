"""nginx's error log: this route's failures in a window, and those of the wizard's own request."""

from __future__ import annotations

import re
import shlex
import time

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.model.text import decode, shorten
from wizard.probes.local_time import LocalClock
from wizard.probes.logs import Backwards, Budget
from wizard.proxies.facts import ErrorLog, Failure, Instance, LogEntry, Tally, Window
from wizard.proxies.nginx import error_line
from wizard.proxies.nginx.error_details import details
from wizard.proxies.nginx.error_reader import KEPT, Hit, Reader, Sum
from wizard.proxies.nginx.log_shortage import shortage
from wizard.proxies.nginx.log_sources import Source, journal_command, journal_text, shown, source

_SHOWN = 40
PASTED = "pasted"
"""Stands where else the path of a log does."""
_MESSAGE = re.compile(r".*?\] \d+#\d+: (?:\*\d+ )?(?P<words>.*?)(?:, client: |$)", re.DOTALL)
_HIDING_LEVELS = ("crit", "alert", "emerg")


def look(
    instance: Instance,
    route: Route,
    window: Window,
) -> Sighting:
    """Read the route's error logs, newest lines first, and sum up what they say of it."""
    window = window.settled()
    every = [window.log] if window.log else route.error_logs
    reader = Reader(route, window, several=len(every) > 1)
    logs = _Logs(window.begin(), Budget())
    for written in every:
        logs.read(source(written, instance), reader)
    if not logs.paths:
        return _unreadable(logs, route, window.url)
    facts = _facts(logs, reader.sum, route, window)
    return _sighting(facts, logs, reader.sum)


def of_lines(total: Sum, route: Route, window: Window, *, oldest: float) -> Sighting:
    """What lines say that were not read here but pasted; the oldest of them is from `oldest`."""
    logs = _Logs(window.begin(), Budget())
    logs.paths.append(PASTED)
    logs.bounded = oldest > window.begin()
    logs.oldest = oldest
    return _sighting(_facts(logs, total, route, window), logs, total)


class _Logs:
    """The logs of the route, read one after another within one budget."""

    def __init__(self, since: float, budget: Budget) -> None:
        self.since, self.budget = since, budget
        self.paths: list[str] = []
        self.unread: list[str] = []
        self.commands: list[str] = []
        self.bounded = False
        self.oldest: float | None = None

    def read(self, found: Source, reader: Reader) -> None:
        """Feed one log to the reader, or note why not."""
        if found.path is not None:
            self._read_file(found.path, reader)
        elif found.unit or found.identifier:
            self._read_journal(found, reader)
        else:
            self.unread.append(f"{found.written or 'error_log'}: {found.reason}")

    def _read_file(self, path: str, reader: Reader) -> None:
        clock = LocalClock()
        log = Backwards(
            path, since=self.since, starts=error_line.STARTS,
            stamp=lambda text: clock.at(text[:19]), budget=self.budget,
        )  # fmt: skip
        piece = 0
        for block in log:
            if len(log.read) != piece:
                piece = len(log.read)
                clock.calibrate(_last_stamp(block), log.modified)
            reader.take(block, clock)
        self.paths += log.read
        self.unread += log.unread
        self.bounded = self.bounded or log.bounded
        if log.bounded and log.oldest is not None:
            self.oldest = max(log.oldest, self.oldest or log.oldest)
        self.commands.append(f"tail -n 5000 {shlex.quote(path)}")

    def _read_journal(self, found: Source, reader: Reader) -> None:
        text, reason = journal_text(found, self.since)
        name = f"{found.written}: goes to the journal"
        if text is None:
            self.unread.append(f"{name}, {reason}")
            return
        clock = LocalClock()
        reader.take(text, clock)
        self.paths.append(f"journal of {found.unit or found.identifier}")
        self.commands.append(shown(journal_command(found, self.since)))


def _last_stamp(block: bytes) -> bytes:
    last = b""
    place = len(block)
    while not last and place > 0:
        start = block.rfind(b"\n", 0, place) + 1
        if block[start + 19 : start + 21] == b" [":
            last = block[start : start + 19]
        place = start - 1
    return last


def _facts(logs: _Logs, total: Sum, route: Route, window: Window) -> ErrorLog:
    begin = window.begin()
    kept = sorted(total.kept, key=lambda hit: hit.at, reverse=True)[:KEPT]
    recent = [_entry(hit) for hit in kept]
    tallies = _tallies(total)
    own = [tally for tally in tallies if tally.phase != "start" and tally.failure != "disabled"]
    start = max(total.starts, key=lambda hit: hit.at, default=None)
    crash = max(total.crashes, key=lambda hit: hit.at, default=None)
    fields = dict[str, object]()
    if window.asked_at is not None:
        fields = _of_request(total.asked)
        # The log has whole seconds.
        fields["request_crashed"] = crash is not None and crash.at >= window.asked_at - 1.0
    facts = ErrorLog(
        paths=logs.paths,
        unread=logs.unread,
        from_time=max(begin, logs.oldest) if logs.oldest is not None else begin,
        to_time=min(window.end(), time.time()),
        bounded=logs.bounded,
        count=sum(tally.count for tally in own),
        unmatched=total.foreign,
        tallies=tallies,
        failures=_distinct(own, "failure"),
        phases=_distinct(own, "phase") + (["start"] if start else []),
        last=recent[0] if recent else None,
        last_at=max((tally.last for tally in own), default=None),
        first_at=min((tally.first for tally in own), default=None),
        last_age=_age(own),
        upstreams=_distinct([tally for tally in own if tally.upstream], "upstream"),
        since_change=total.since_change if window.changed is not None else None,
        recent=recent,
        **details(recent, window.url),  # type: ignore[arg-type]
        disabled=_distinct([t for t in tallies if t.failure == "disabled"], "upstream"),
        level_hides=route.error_log_level in _HIDING_LEVELS if route.error_log_level else None,
        **shortage(kept),
        start_at=start.at if start else None,
        start_failure=start.meaning.failure if start else None,
        start_line=_text(start.entry) if start else None,
        crashes=len(total.crashes),
        crash_at=crash.at if crash else None,
        crash_age=max(0.0, round(time.time() - crash.at, 1)) if crash else None,
        crash_signal=crash.meaning.errno if crash else None,
        crash_line=_text(crash.entry) if crash else None,
        **fields,  # type: ignore[arg-type]
    )
    return facts


def _tallies(total: Sum) -> list[Tally]:
    merged: dict[tuple[str, str, str], Tally] = {}
    for (meaning, upstream), (count, first, last) in total.tallies.items():
        key = (meaning.phase, meaning.failure, upstream)
        known = merged.get(key)
        merged[key] = Tally(
            phase=meaning.phase,
            failure=meaning.failure,
            upstream=upstream or None,
            count=int(count) + (known.count if known else 0),
            first=min(first, known.first) if known else first,
            last=max(last, known.last) if known else last,
        )
    return sorted(merged.values(), key=lambda tally: tally.last, reverse=True)


def _age(tallies: list[Tally]) -> float | None:
    last = max((tally.last for tally in tallies), default=None)
    return max(0.0, round(time.time() - last, 1)) if last is not None else None


def _distinct(tallies: list[Tally], name: str) -> list[str]:
    return list(dict.fromkeys(getattr(tally, name) for tally in tallies))


def _of_request(asked: list[Hit]) -> dict[str, object]:
    """The lines of the newest connection, in the order in which they were written."""
    if not asked:
        return {"request_seen": False, "request_failures": []}
    newest = max(asked, key=lambda hit: hit.at).line
    group = [
        hit for hit in asked
        if (hit.line.pid, hit.line.connection) == (newest.pid, newest.connection)
    ]  # fmt: skip
    group.reverse()
    last = _entry(group[-1])
    failures: list[Failure] = [hit.meaning.failure for hit in group]
    return {
        "request_seen": True,
        "request_phase": last.phase,
        "request_failure": last.failure,
        "request_errno": last.errno,
        "request_alert": last.alert,
        "request_upstream": last.upstream,
        "request_line": last.message,
        "request_words": _words_of(last.message),
        "request_failures": list(dict.fromkeys(failures)),
        "request_entries": [_entry(hit) for hit in group],
    }


def _words_of(message: str) -> str:
    """The message alone: `2026/11/20 03:12:44 [error] 812#812: *9 MESSAGE, client: ...`."""
    found = _MESSAGE.match(message)
    return shorten(found["words"] if found else message, 160)


def _entry(hit: Hit) -> LogEntry:
    line, meaning = hit.line, hit.meaning
    scheme, upstream = error_line.split_upstream(decode(line.upstream))
    return LogEntry(
        at=hit.at,
        level=decode(line.level),
        phase=meaning.phase,
        failure=meaning.failure,
        errno=meaning.errno,
        alert=meaning.alert,
        upstream=upstream or None,
        scheme=scheme or None,
        client=decode(line.client) or None,
        server=decode(line.server) or None,
        request=decode(line.request) or None,
        host=decode(line.host) or None,
        message=_text(hit.entry),
    )


def _text(entry: bytes) -> str:
    return shorten(decode(entry[:4000]), 1000)


def _sighting(facts: ErrorLog, logs: _Logs, total: Sum) -> Sighting:
    # Kept are the newest first; lines of one second have to stand as they were written.
    in_order = sorted(reversed(total.kept), key=lambda hit: hit.at)
    lines = [_text(hit.entry) for hit in in_order[-_SHOWN:]]
    command = _command(logs)
    minutes = round(((facts.to_time or 0) - (facts.from_time or 0)) / 60)
    note = f", only {minutes} min read" if facts.bounded else ""
    if facts.count:
        first = max(facts.tallies, key=lambda tally: tally.count)
        reading = f"{first.count} x {_words(first)}"
        if facts.count > first.count:
            reading += f", {facts.count - first.count} other"
        return Sighting(
            status="present", facts=facts, reading=reading + note, raw="\n".join(lines)[-20_000:],
            command=command,
        )  # fmt: skip
    if facts.level_hides:
        return Sighting(
            status="unreadable",
            facts=facts,
            reading="its level hides failures of servers",
            reason="error_log writes only crit and above: failures of servers are not in it",
            remedy="set the level of error_log to error and reload",
            command=command,
        )
    return Sighting(
        status="absent",
        facts=facts,
        reading=f"no line of this route in {minutes} min" + note,
        command=command,
    )


def _words(tally: Tally) -> str:
    return f"{tally.failure} ({tally.phase})"


def _command(logs: _Logs) -> str:
    return logs.commands[0] + " | grep upstream" if logs.commands else ""


def _unreadable(logs: _Logs, route: Route, url: str | None) -> Sighting:
    unknown = "its place is in the configuration, which could not be read"
    reasons = logs.unread or [f"error_log: {'off' if route.found else unknown}"]
    denied = any("not allowed" in reason for reason in reasons)
    asked = f" {shlex.quote(url)}" if url else ""
    return Sighting(
        status="unreadable",
        facts=ErrorLog(unread=reasons),
        reading="error log not read: " + reasons[0].rpartition(": ")[2],
        reason="; ".join(reasons),
        remedy=f"sudo wizard diagnose{asked}" if denied else "",
        command=_command(logs),
    )
