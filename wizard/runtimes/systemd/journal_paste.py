"""A journal that a person pasted: `journalctl -o json`, `short-iso`, `short-precise` or plain."""

from __future__ import annotations

import re
from datetime import datetime

from wizard.model.text import clean
from wizard.probes.kernel_log import this_year
from wizard.runtimes.systemd import journal
from wizard.runtimes.systemd.journal import Entry

_ISO = re.compile(
    r"^(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?\s+(?P<rest>.*)$"
)
_SHORT = re.compile(r"^(?P<stamp>\w{3} [ \d]\d \d\d:\d\d:\d\d)(?:\.\d+)?\s+(?P<rest>.*)$")
_WRITER = re.compile(r"^\S+ (?P<name>[^\s\[:]+|\([^)]*\))(?:\[(?P<pid>\d+)\])?: ?(?P<message>.*)$")
_SAID = (
    (re.compile(r": (?:Main|Control) process exited, "), journal.PROCESS_EXITED),
    (re.compile(r"^Started "), journal.STARTED),
    (re.compile(r"^Starting "), journal.STARTING),
    (re.compile(r"^Stopping "), journal.STOPPING),
    (re.compile(r"^Stopped "), journal.STOPPED),
    (re.compile(r"^Failed to start "), journal.START_FAILED),
    (re.compile(r": Failed with result "), journal.UNIT_FAILED),
)
"""What the service manager says where the catalog's ids are not printed."""


def entries(text: str) -> list[Entry]:
    """The messages in the text, oldest first; a line without a stamp continues the one before."""
    found: list[Entry] = []
    for line in text.splitlines():
        entry = journal.read(line.encode()) if line.startswith("{") else _read(clean(line))
        if entry is not None:
            found.append(entry)
        elif found and line.strip() and not line.startswith("-- "):
            last = found.pop()
            message = f"{last.message}\n{clean(line).strip()}"
            found.append(
                Entry(
                    last.at, message, last.pid, last.by_manager, last.message_id, last.job,
                    last.priority,
                )
            )  # fmt: skip
    return found


def _read(line: str) -> Entry | None:
    if match := _ISO.match(line):
        zone = (match["zone"] or "").replace("Z", "+00:00")
        zone = zone if ":" in zone or not zone else f"{zone[:3]}:{zone[3:]}"
        stamp = re.sub(r"[.,](\d+)$", lambda part: f".{(part[1] + '00000')[:6]}", match["stamp"])
        try:
            at: float | None = datetime.fromisoformat(f"{stamp}{zone}").timestamp()
        except (ValueError, OverflowError):
            return None
    elif match := _SHORT.match(line):
        at = this_year(match["stamp"])
    else:
        return None
    writer = _WRITER.match(match["rest"])
    if at is None or writer is None:
        return None
    by_manager = writer["name"] == "systemd" or writer["name"].startswith("(")
    said = (known for pattern, known in _SAID if pattern.search(writer["message"]))
    return Entry(
        at=at,
        message=writer["message"],
        pid=int(writer["pid"]) if writer["pid"] else None,
        by_manager=by_manager,
        message_id=next(said, "") if by_manager else "",
        job="",
        priority=6,
    )
