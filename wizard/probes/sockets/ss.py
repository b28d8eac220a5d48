"""What `ss` prints of listening sockets, read."""

from __future__ import annotations

import re

from wizard.model.text import clean
from wizard.probes.sockets.facts import Listener

ARGV = ("ss", "-Hltxne")
"""TCP and unix in one call, with the owner's uid, inode and cgroup, without the scan of all
processes that `-p` means."""

_TCP = re.compile(
    r"(?:tcp\s+)?LISTEN\s+(?P<queue>\d+)\s+(?P<backlog>\d+)\s+(?P<local>\S+):(?P<port>\d+)\s"
)
_UNIX = re.compile(
    r"u_str\s+LISTEN\s+(?P<queue>\d+)\s+(?P<backlog>\d+)\s+(?P<path>\S.*?)\s+(?P<inode>\d+)\s+\*\s+\d+(?:\s|$)"
)
_WORD = re.compile(r"\b(uid|ino|cgroup|v6only):(\S+)")


def read_tcp(text: str) -> list[Listener]:
    """The TCP listeners, in the order of the output."""
    found = []
    for line in text.splitlines():
        match = _TCP.match(line)
        if match is None:
            continue
        words = dict(_WORD.findall(line))
        address, only_ipv6 = _address(match["local"], words.get("v6only"))
        found.append(
            Listener(
                address=address,
                port=int(match["port"]),
                family="ipv6" if ":" in address else "ipv4",
                only_ipv6=only_ipv6,
                queue=int(match["queue"]),
                backlog=int(match["backlog"]),
                inode=_number(words.get("ino")),
                uid=_number(words.get("uid")) or 0,
                cgroup=_cgroup(words.get("cgroup")),
            )
        )
    return found


def read_unix(text: str) -> list[Listener]:
    """The unix stream listeners; an abstract one begins with `@`."""
    found = []
    for line in text.splitlines():
        match = _UNIX.match(line)
        if match is None or match["path"] == "*":
            continue
        words = dict(_WORD.findall(line[match.end() :]))
        found.append(
            Listener(
                address=clean(match["path"]),
                family="unix",
                queue=int(match["queue"]),
                backlog=int(match["backlog"]),
                inode=int(match["inode"]),
                file_inode=_number(words.get("ino")),
                uid=_number(words.get("uid")),
            )
        )
    return found


def _address(local: str, v6only: str | None) -> tuple[str, bool | None]:
    """The bare address, and for IPv6 whether IPv4 is refused. `*` means both families."""
    if local == "*":
        return "::", False
    address = local.partition("%")[0].strip("[]")
    if ":" not in address:
        return address, None
    return address, v6only != "0" if v6only is not None or address == "::" else None


def _cgroup(text: str | None) -> str | None:
    return clean(text) if text and text.startswith("/") else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
