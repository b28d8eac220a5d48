"""The journal of a unit, and what the service manager itself wrote about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from wizard.model.text import clean, decode
from wizard.probes.run import run

STARTED = "39f53479d3a045ac8e11786248231fbf"
START_FAILED = "be02cf6855d2428ba40df7e9d022f03d"
STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"
STOPPING = "de5b426a63be47a7b6ac3eaac82e2f6f"
STOPPED = "9d1aaa27d60140bd96365438aad20286"
PROCESS_EXITED = "98e322203f7a4ed290d09fe03c09fe15"
UNIT_FAILED = "d9b373ed55a64feb8242e02dbe79a49c"
OUT_OF_MEMORY = "fe6faa94e7774663a0da52717891d8ef"
"""MESSAGE_IDs of systemd (systemd.journal catalog)."""

BEGINNINGS = (STARTED, STARTING)
"""What a run begins with: `Starting` where the unit has to become ready, else `Started`."""

_FIELDS = (
    "MESSAGE,PRIORITY,MESSAGE_ID,JOB_TYPE,UNIT,_PID,_SYSTEMD_UNIT,_SOURCE_REALTIME_TIMESTAMP,"
    "SYSLOG_IDENTIFIER"
)
_DENIED = (
    "insufficient permissions",
    "not seeing messages from other users",
    "No journal files were opened",
)
_EMPTY = "No journal files were found"


class Entry(msgspec.Struct, frozen=True):
    """One message."""

    at: float
    message: str
    pid: int | None
    by_manager: bool
    """Written by systemd about the unit, not by the unit's own processes."""
    message_id: str
    job: str
    priority: int


class Told(msgspec.Struct, frozen=True):
    """What the journal gave, with the reason where it may not be read."""

    entries: list[Entry]
    reason: str = ""
    denied: bool = False


def lines(unit: str, count: int, *, since: float | None = None) -> Told:
    """The newest messages of a unit and about it, oldest first."""
    argv = ["-u", unit, "-n", str(count)]
    return _ask([*argv, "--since", f"@{since:.0f}"] if since is not None else argv)


def starts(unit: str, since: float) -> int | None:
    """How often the manager started it since; None where the journal may not be read."""
    argv = [
        f"MESSAGE_ID={STARTED}",
        f"UNIT={unit}",
        "+",
        f"MESSAGE_ID={START_FAILED}",
        f"UNIT={unit}",
    ]
    told = _ask(["--since", f"@{since:.0f}", "-n", "500", *argv])
    return None if told.reason else len(told.entries)


def has_lines(since: float, until: float) -> bool:
    """The journal has a line, of whatever unit, of this time."""
    return bool(_ask(["--since", f"@{since:.0f}", "--until", f"@{until:.0f}", "-n", "1"]).entries)


def _ask(arguments: Sequence[str]) -> Told:
    argv = ["journalctl", "--no-pager", "-o", "json", f"--output-fields={_FIELDS}", *arguments]
    said = run(argv, timeout=3)
    if said.missing:
        return Told([], "journalctl is not installed")
    entries = [entry for line in said.out.splitlines() if (entry := read(line))]
    error = decode(said.err).strip()
    if not entries and any(word in error for word in _DENIED):
        return Told([], "not allowed to read the journal", denied=True)
    if not entries and (said.timed_out or _EMPTY in error or (not said.ok and error)):
        return Told(
            [], error.splitlines()[0][:200] if error else "journalctl gave no answer in time"
        )
    return Told(entries)


def read(line: bytes) -> Entry | None:
    """One line of `-o json`."""
    try:
        raw: dict[str, Any] = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    try:
        at = int(raw.get("_SOURCE_REALTIME_TIMESTAMP") or raw["__REALTIME_TIMESTAMP"]) / 1e6
    except (KeyError, TypeError, ValueError):
        return None
    pid = raw.get("_PID")
    identifier = raw.get("SYSLOG_IDENTIFIER")
    return Entry(
        at=at,
        message=_text(raw.get("MESSAGE")),
        pid=int(pid) if isinstance(pid, str) and pid.isdigit() else None,
        by_manager=identifier == "systemd"
        or (isinstance(identifier, str) and identifier.startswith("(")),
        message_id=str(raw.get("MESSAGE_ID") or ""),
        job=str(raw.get("JOB_TYPE") or ""),
        priority=int(raw["PRIORITY"]) if str(raw.get("PRIORITY", "")).isdigit() else 6,
    )


def _text(message: object) -> str:
    """A message that is not UTF-8 comes as a list of bytes, an oversized one as null."""
    if isinstance(message, list):
        if all(isinstance(part, int) for part in message):
            return decode(bytes(part & 0xFF for part in message))
        return "\n".join(_text(part) for part in message)
    return clean(message) if isinstance(message, str) else ""
