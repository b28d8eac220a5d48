"""Listening sockets from /proc/net, where ss is not installed.

The kernel prints the accept queue there but not its limit, and not whether a `::` socket takes
IPv4 as well.
"""

from __future__ import annotations

import re
import socket
import struct
from pathlib import Path

from wizard.model.text import decode
from wizard.probes.sockets.facts import Listener

_LISTEN = re.compile(
    rb"^\s*\d+: (?P<address>[0-9A-F]+):(?P<port>[0-9A-F]{4}) \S+ 0A [0-9A-F]+:(?P<queue>[0-9A-F]+)"
    rb" \S+ \S+\s+(?P<uid>\d+)\s+\d+ (?P<inode>\d+)",
    re.MULTILINE,
)
_UNIX = re.compile(
    rb"^\S+: \S+ \S+ (?P<flags>[0-9A-F]{8}) 0001 \S+\s+(?P<inode>\d+) (?P<path>.+)$", re.MULTILINE
)
_ACCEPTS = 0x10000


def read_tcp(raw: bytes) -> list[Listener]:
    """The listeners in the text of /proc/net/tcp or /proc/net/tcp6."""
    found = []
    for match in _LISTEN.finditer(raw):
        address = _address(match["address"])
        found.append(
            Listener(
                address=address,
                port=int(match["port"], 16),
                family="ipv6" if ":" in address else "ipv4",
                queue=int(match["queue"], 16),
                inode=int(match["inode"]),
                uid=int(match["uid"]),
            )
        )
    return found


def read_unix(raw: bytes) -> list[Listener]:
    """The stream listeners in the text of /proc/net/unix."""
    return [
        Listener(address=decode(match["path"]), family="unix", inode=int(match["inode"]))
        for match in _UNIX.finditer(raw)
        if int(match["flags"], 16) & _ACCEPTS
    ]


def read_all(root: Path = Path("/proc/net")) -> tuple[list[Listener], list[Listener]] | None:
    """TCP and unix listeners; None when not even the TCP table can be read."""
    try:
        tcp = read_tcp((root / "tcp").read_bytes())
    except OSError:
        return None
    return tcp + read_tcp(_bytes(root / "tcp6")), read_unix(_bytes(root / "unix"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _address(digits: bytes) -> str:
    """The kernel prints 32-bit words in the machine's own byte order."""
    raw = bytes.fromhex(digits.decode())
    words = (int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4))
    packed = b"".join(struct.pack("=I", word) for word in words)
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
