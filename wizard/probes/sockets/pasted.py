"""The listening sockets in the output of `ss` that a person pasted, owners included."""

from __future__ import annotations

import re

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import clean, shorten
from wizard.probes.sockets import ss
from wizard.probes.sockets.facts import Listener, Table

COMMAND = "ss -ltxnpe"
_HOLDER = re.compile(r'\("([^"]*)",pid=(\d+),fd=\d+\)')
_RAW_LIMIT = 20_000


def command() -> str:
    """What to run as root."""
    return f"sudo {COMMAND}"


def read(*, text: str) -> Sighting:
    """The table in it; without `users:(...)` the owners are hidden."""
    lines = [line.strip() for line in clean(text).splitlines()]
    tcp = [_held(one, line) for line in lines for one in ss.read_tcp(f"{line} ")]
    unix = [_held(one, line) for line in lines for one in ss.read_unix(line)]
    if not tcp and not unix:
        # An empty table still has its headings.
        if not any("Recv-Q" in line for line in lines):
            return Sighting(
                status="unparsed",
                reason="no line of it is a listening socket as ss prints it",
                remedy=f"sudo {COMMAND}",
            )
        return Sighting(status="absent", facts=Table(count=0), reading="0 TCP listeners")
    hidden = any(not one.pids for one in (*tcp, *unix))
    return Sighting(
        status="present",
        facts=Table(listeners=tcp, unix=unix, owners_hidden=hidden, count=len(tcp)),
        reading=f"{len(tcp)} TCP listeners" + (", owners hidden" if hidden else ""),
        raw=shorten(clean(text), _RAW_LIMIT),
    )


def _held(listener: Listener, line: str) -> Listener:
    """With the holders that stand at the end of its line."""
    names = {int(pid): name for name, pid in _HOLDER.findall(line)}
    if not names:
        return listener
    pids = sorted(names)
    main = next((pid for pid in pids if pid != 1), pids[0])
    return msgspec.structs.replace(listener, pids=pids, process=names[main])
