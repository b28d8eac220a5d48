"""How many connections a backend has taken, and how many wait for it, by the kernel's own tables.

The kernel completes a connection before any process has accepted it. Until then the connection
has no file and so no inode: that is how the two are told apart (net/ipv4/tcp_ipv4.c,
net/unix/af_unix.c). The tables may be read by every user.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import decode
from wizard.runtimes.applications.facts import Load

_TCP = re.compile(
    rb"^\s*\d+: [0-9A-F]+:(?P<port>[0-9A-F]{4}) \S+ (?P<state>0[18]) \S+ \S+ \S+\s+\d+\s+\d+ "
    rb"(?P<inode>\d+)",
    re.MULTILINE,
)
"""Established connections, and those whose other side has given up (CLOSE_WAIT)."""
_UNIX = re.compile(
    rb"^\S+: \S+ \S+ (?P<flags>[0-9A-F]{8}) 0001 0[23]\s+(?P<inode>\d+) (?P<path>.+)$",
    re.MULTILINE,
)
_LISTENS = 0x10000


def at(server: Server) -> Sighting:
    """The connections at a server's address on this host."""
    where = server.path or f"port {server.port}"
    command = (
        f"ss -xn | grep -cF -- {shlex.quote(server.path)}" if server.path
        else f"ss -tn state established state close-wait 'sport = :{server.port}'"
    )  # fmt: skip
    if server.local is False:
        return Sighting(
            status="unreadable", facts=Load(), command=command,
            reason=f"{server.name} is on another host", remedy=f"on {server.host}: {command}",
        )  # fmt: skip
    inodes = list(unix(server.path) if server.path else tcp(server.port or 0))
    if not _readable(server):
        return Sighting(
            status="unreadable", facts=Load(), command=command, remedy=command,
            reason="/proc/net cannot be read",
        )  # fmt: skip
    accepted = sum(1 for inode in inodes if inode)
    facts = Load(accepted=accepted, waiting=len(inodes) - accepted)
    return Sighting(
        status="present", facts=facts, command=command,
        reading=f"{accepted} connections accepted on {where}, {facts.waiting} waiting",
    )  # fmt: skip


def tcp(port: int, root: Path = Path("/proc/net")) -> Iterator[int]:
    """The inodes of the connections to a local port; 0 for one that nobody has accepted."""
    for table in ("tcp", "tcp6"):
        for match in _TCP.finditer(_bytes(root / table)):
            if int(match["port"], 16) == port:
                yield int(match["inode"])


def unix(path: str, root: Path = Path("/proc/net")) -> Iterator[int]:
    """The same for the socket file at a path."""
    for match in _UNIX.finditer(_bytes(root / "unix")):
        if decode(match["path"]) == path and not int(match["flags"], 16) & _LISTENS:
            yield int(match["inode"])


def _readable(server: Server) -> bool:
    return bool(_bytes(Path("/proc/net") / ("unix" if server.path else "tcp")))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
