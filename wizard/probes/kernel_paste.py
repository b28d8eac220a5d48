"""A kernel log that a person pasted: `dmesg`, `dmesg -T`, `journalctl -k` or a log file's lines."""

from __future__ import annotations

import re
import time

from wizard.model.evidence import Sighting
from wizard.model.text import clean
from wizard.probes.kernel_log import Message, of_log_line, of_ring

_READABLE = re.compile(r"^\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]\s?(.*)$")
COMMAND = "dmesg -T"


def messages(text: str) -> list[Message]:
    """The kernel's messages in the text, with their times where the form has them."""
    found: list[Message] = []
    for line in clean(text).splitlines():
        if match := _READABLE.match(line):
            found.append((_moment(match[1]), match[2]))
        elif of_ring(line):
            # Seconds since that host's boot, which need not be this one's.
            found.append((None, of_ring(line)[0][1]))
        elif message := of_log_line(line):
            found.append(message)
    return found


def _moment(stamp: str) -> float | None:
    try:
        return time.mktime(time.strptime(stamp, "%a %b %d %H:%M:%S %Y"))
    except (ValueError, OverflowError):
        return None


def command(*, since: float | None = None) -> str:
    """What to run as root."""
    return f"sudo {COMMAND}"


def read(*, text: str, since: float | None = None) -> Sighting:
    """The kills in it."""
    from wizard.probes.resources import kills_seen

    told = messages(text)
    if not told:
        return Sighting(
            status="unparsed",
            reason="no line of it is a kernel message",
            remedy=f"sudo {COMMAND}",
        )
    return kills_seen(told, since, COMMAND)
