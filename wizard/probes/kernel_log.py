"""The kernel's messages, from wherever they may be read: dmesg, the journal, the log files."""

from __future__ import annotations

import re
import time
from datetime import datetime

import msgspec

from wizard.model.text import clean, decode
from wizard.probes.run import run

_FILES = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")
_TAIL = 4 * 1024 * 1024
_DMESG = re.compile(r"^(?:<\d+>)?\[\s*(\d+\.\d+)\]\s?(.*)$")
_ISO = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))\s+\S+\s+(.*)$")
_SYSLOG = re.compile(r"^(\w{3} [ \d]\d \d\d:\d\d:\d\d)\s+\S+\s+(.*)$")
_CONTAINER = re.compile(r"/containers/([0-9a-f]{64})/|/docker/([0-9a-f]{64})\b")
_WANTED = "killed process|oom-kill|out of memory"

Message = tuple[float | None, str]


class Kernel(msgspec.Struct, frozen=True):
    """The messages with their times; None with the reason where they may not be read."""

    lines: list[Message] | None
    reason: str = ""


def lines(wanted: str = _WANTED) -> Kernel:
    """The kernel's messages, oldest first; of the journal's only those that match `wanted`."""
    ring = run(["dmesg"])
    if ring.ok:
        found = of_ring(decode(ring.out))
        # The ring forgets the oldest; what it has lost may still stand in the journal.
        if found and found[0][0] is not None and found[0][0] - _booted() < 60:
            return Kernel(found)
        return Kernel(_merged(of_journal(wanted) or [], found))
    by_journal = of_journal(wanted)
    if by_journal is not None:
        return Kernel(by_journal)
    for path in _FILES:
        text = _tail(path)
        if text is not None:
            return Kernel([message for message in map(of_log_line, text.splitlines()) if message])
    reason = decode(ring.err).strip() or "dmesg is not installed"
    return Kernel(None, f"{reason}; the journal and {_FILES[0]} are not readable either"[:200])


def of_ring(text: str) -> list[Message]:
    """What dmesg prints; its times are seconds since boot."""
    booted = _booted()
    matches = (_DMESG.match(line) for line in text.splitlines())
    return [(booted + float(match[1]), match[2]) for match in matches if match]


def of_journal(wanted: str = _WANTED) -> list[Message] | None:
    """The kernel's lines in the journal; None where there is none or it may not be read."""
    argv = ["journalctl", "-k", "-n", "400", "--no-pager", "-o", "json", "--output-fields=MESSAGE"]
    said = run([*argv, "-g", wanted], timeout=2.5)
    if (
        said.missing
        or said.timed_out
        or b"No journal files" in said.err
        or b"permission" in said.err
    ):
        return None
    found: list[Message] = []
    for line in said.out.splitlines():
        try:
            entry = msgspec.json.decode(line)
            found.append((int(entry["__REALTIME_TIMESTAMP"]) / 1e6, clean(str(entry["MESSAGE"]))))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            continue
    # In a container the journal has no kernel messages at all, which is no answer.
    return found or None


def of_log_line(line: str) -> Message | None:
    """A kernel line of a log file, with the time that it begins with."""
    if "kernel:" not in line:
        return None
    if match := _ISO.match(line):
        stamp = match[1].replace("Z", "+00:00")
        return datetime.fromisoformat(
            re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", stamp)
        ).timestamp(), match[2]
    if match := _SYSLOG.match(line):
        return this_year(match[1]), match[2]
    return None, line


def own_container(mounts: str | None = None) -> str | None:
    """The id of the container that we are in; None on a host."""
    if mounts is None:
        try:
            with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
                mounts = file.read()
        except OSError:
            return None
    for line in mounts.splitlines():
        if " /etc/hostname " in line and (match := _CONTAINER.search(line)):
            return match[1] or match[2]
    return None


def _booted() -> float:
    return time.time() - time.monotonic()


def this_year(stamp: str) -> float | None:
    """The moment of a stamp without a year, `Nov 21 02:34:58`: the last one that has passed."""
    now = time.localtime()
    try:
        parsed = time.strptime(f"{now.tm_year} {stamp}", "%Y %b %d %H:%M:%S")
        at = time.mktime(parsed)
        if at > time.time() + 86_400:
            at = time.mktime(time.strptime(f"{now.tm_year - 1} {stamp}", "%Y %b %d %H:%M:%S"))
    except (ValueError, OverflowError):
        return None
    return at


def _merged(older: list[Message], newer: list[Message]) -> list[Message]:
    first = newer[0][0] if newer else None
    return [one for one in older if first is None or one[0] is None or one[0] < first - 1] + newer


def _tail(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL))
            return decode(file.read(_TAIL))
    except OSError:
        return None
