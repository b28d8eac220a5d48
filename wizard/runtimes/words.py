"""What an owner wrote last: its unit's journal, else the file that its output goes to."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Sequence
from typing import Any

from wizard.model.evidence import Sighting
from wizard.model.text import decode, one_line, shorten
from wizard.probes import processes
from wizard.runtimes import phrases
from wizard.runtimes.facts import Owner, Words
from wizard.runtimes.systemd import journal, sandbox
from wizard.runtimes.systemd.journal import Entry

_LINES = 200
_RAW_LIMIT = 20_000
_TAIL = 64 * 1024
_QUIET_SECONDS = 900.0
"""How far back an error counts for an owner that runs."""
_RUNS_OF_A_LOOP = 3
_SLACK = 0.05
"""The clocks of a request and of a line in the journal are read one after the other."""


def of(owner: Owner, asked_at: float | None) -> Sighting:
    """Read the end of what the owner wrote."""
    if owner.unit is None:
        return _of_process(owner, asked_at)
    unit = shlex.quote(owner.unit)
    command = f"journalctl -u {unit} -n 50"
    told = journal.lines(owner.unit, _LINES)
    if told.reason:
        return Sighting(
            status="unreadable",
            facts=Words(),
            reading="the journal may not be read" if told.denied else told.reason,
            reason=told.reason,
            remedy=f"sudo {command}",
            command=command,
        )
    if not told.entries:
        return Sighting(
            status="absent", facts=Words(lines=0),
            reading=f"the journal has nothing of {owner.unit}",
            command=command,
        )  # fmt: skip
    return _said(told.entries, owner, asked_at, command)


def paste_command(owner: Owner) -> str:
    """What to run as root, so that its output can be read back; empty for a bare process."""
    if owner.unit is None:
        return ""
    return f"sudo journalctl -u {shlex.quote(owner.unit)} -n {_LINES} --no-pager -o short-iso"


def of_paste(text: str, owner: Owner, asked_at: float | None) -> Sighting:
    """The facts in what journalctl printed for a person."""
    from wizard.runtimes.systemd import journal_paste

    entries = journal_paste.entries(text)
    if entries:
        return _said(entries, owner, asked_at, paste_command(owner))
    if "-- No entries --" in text:
        return Sighting(status="absent", facts=Words(lines=0), reading="the journal has nothing")
    return Sighting(
        status="unparsed",
        reason="no line of it is what journalctl prints",
        remedy=paste_command(owner),
    )


def _said(entries: Sequence[Entry], owner: Owner, asked_at: float | None, command: str) -> Sighting:
    facts = read(entries, owner, asked_at)
    return Sighting(
        status="present",
        facts=facts,
        reading=one_line(facts.exception or facts.end_line or facts.last_line or "", 80),
        raw=_raw(entries),
        command=command,
    )


def read(entries: Sequence[Entry], owner: Owner, asked_at: float | None) -> Words:
    """The facts in a unit's journal, oldest entry first."""
    told = _that_counts(entries, owner)
    exception = last_exception(told)
    own = [entry for entry in entries if not entry.by_manager and entry.message]
    ended = _last(entries, journal.PROCESS_EXITED)
    denied = sandbox.denial(
        (line for entry in told for line in entry.message.splitlines()), owner.sandbox, owner.run_as
    )
    asked = [] if asked_at is None else [one for one in entries if one.at >= asked_at - _SLACK]
    return Words(
        lines=len(entries),
        last_line=one_line((own or list(entries))[-1].message),
        exception=one_line(exception.message) if exception else None,
        exception_at=exception.at if exception else None,
        ended_at=ended.at if ended else None,
        end_line=one_line(ended.message) if ended else None,
        stopped_at=_stopped_at(entries),
        errors_now=None if asked_at is None else last_exception(asked) is not None,
        start_timed_out=_by_manager(entries, phrases.START_TIMED_OUT),
        watchdog=_by_manager(entries, phrases.WATCHDOG),
        barred_by=denied.setting if denied else "",
        barred_line=one_line(denied.line) if denied else None,
        barred_path=denied.path if denied else None,
        allowed_outside=denied.allowed_outside if denied else None,
        **_flags(told),
    )


def _by_manager(entries: Sequence[Entry], phrase: re.Pattern[str]) -> bool:
    """The service manager said so of the last run, or of the newest start that failed."""
    starts = [n for n, one in enumerate(entries) if one.message_id in journal.BEGINNINGS]
    # A unit that is restarted has begun a new run when it is looked at.
    since = starts[-2] if len(starts) > 1 else 0
    return any(one.by_manager and phrase.search(one.message) for one in entries[since:])


def last_exception(entries: Sequence[Entry]) -> Entry | None:
    """The line that names the last exception or fatal error.

    The line after a Python traceback counts whatever its name: not every exception is an `Error`.
    """
    fatal = error = None
    in_traceback = False
    for entry in entries:
        for line in entry.message.splitlines() or [""]:
            text = line.strip()
            if line.startswith("Traceback (most recent call last)"):
                in_traceback = True
                continue
            ends_traceback = in_traceback and bool(text) and not line.startswith((" ", "\t"))
            in_traceback = in_traceback and not ends_traceback
            if phrases.NOT_FATAL.search(text) and not ends_traceback:
                continue
            if ends_traceback or any(pattern.search(text) for pattern in phrases.FATAL):
                fatal = _as_line(entry, text)
            elif not entry.by_manager and phrases.ERROR.search(text):
                error = _as_line(entry, text)
    return fatal or error


def _that_counts(entries: Sequence[Entry], owner: Owner) -> Sequence[Entry]:
    """Lines of the last run; of the last few for a loop; the recent ones where it runs well."""
    if owner.active in ("active", "reloading") and not owner.looping:
        since = max(owner.started or 0.0, time.time() - _QUIET_SECONDS)
        return [entry for entry in entries if entry.at >= since]
    runs = [entry.at for entry in entries if entry.message_id == journal.STARTED]
    back = _RUNS_OF_A_LOOP if owner.looping or owner.gave_up else 1
    if not runs:
        return entries
    begins = runs[-back] if len(runs) >= back else runs[0]
    begins = min(begins, owner.started or begins)
    return [entry for entry in entries if entry.at >= begins - _SLACK]


def _flags(entries: Sequence[Entry]) -> dict[str, Any]:
    text = "\n".join(entry.message for entry in entries)
    return {name: pattern.search(text) is not None for name, pattern in phrases.FLAGS.items()}


def _stopped_at(entries: Sequence[Entry]) -> float | None:
    """When it was told to stop, unless it was started again since."""
    stop = _last(entries, journal.STOPPING) or _last(entries, journal.STOPPED)
    start = _last(entries, journal.STARTED)
    if stop is None or (start is not None and start.at > stop.at):
        return None
    return stop.at if stop.job in ("", "stop") else None


def _last(entries: Sequence[Entry], message_id: str) -> Entry | None:
    return next((one for one in reversed(entries) if one.message_id == message_id), None)


def _as_line(entry: Entry, text: str) -> Entry:
    return Entry(
        entry.at, text, entry.pid, entry.by_manager, entry.message_id, entry.job, entry.priority
    )


def _raw(entries: Sequence[Entry]) -> str:
    newest, size = [], 0
    for entry in reversed(entries):
        stamp = time.strftime("%b %d %H:%M:%S", time.localtime(entry.at))
        line = f"{stamp} {entry.message}"
        size += len(line) + 1
        if size > _RAW_LIMIT:
            break
        newest.append(line)
    return "\n".join(reversed(newest))


def _of_process(owner: Owner, asked_at: float | None) -> Sighting:
    """A bare process has no journal: the end of the file that it writes to, if there is one."""
    command = f"ls -l /proc/{owner.pid}/fd/1 /proc/{owner.pid}/fd/2" if owner.pid else "ps -ef"
    if owner.pid is None:
        return Sighting(
            status="absent",
            facts=Words(),
            reading="no unit, so nothing in the journal",
            reason="nothing is known that could have written",
            command=command,
        )
    path = processes.output_file(owner.pid)
    text = _tail(path) if path else None
    if path is None or text is None:
        return Sighting(
            status="unreadable",
            facts=Words(),
            reading="a bare process; its output is not in the journal",
            reason="a bare process; its output goes to its terminal or to a file that is hidden",
            remedy=f"sudo {command}",
            command=command,
        )
    # Its lines have no times of their own: what is in the file's end may be old.
    entries = [
        Entry(0.0, line, owner.pid, False, "", "", 6) for line in text.splitlines()[-_LINES:]
    ]
    facts = Words(
        lines=len(entries),
        last_line=one_line(entries[-1].message) if entries else None,
        exception=one_line(found.message) if (found := last_exception(entries)) else None,
        errors_now=None if asked_at is None or os.path.getmtime(path) >= asked_at else False,
        **_flags(entries),
    )
    return Sighting(
        status="present",
        facts=facts,
        reading=one_line(facts.exception or facts.last_line or f"{path} is empty", 80),
        raw=shorten(text[-_RAW_LIMIT:], _RAW_LIMIT),
        command=f"tail -n 50 {shlex.quote(path)}",
    )


def _tail(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - _TAIL))
            return decode(file.read(_TAIL))
    except OSError:
        return None
