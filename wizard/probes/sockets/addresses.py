"""Which listener takes a connection to an address: the kernel's rules, and what is ours."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from collections.abc import Sequence

from wizard.probes.sockets.facts import Listener

_RESOLVE_SECONDS = 2.0


def takes(listener: Listener, address: str) -> bool | None:
    """Whether a TCP listener takes connections to this address; the port is not looked at.

    None when it is a `::` listener that may or may not take IPv4.
    """
    mine = ipaddress.ip_address(listener.address.partition("%")[0])
    theirs = target(address)
    if isinstance(mine, ipaddress.IPv6Address) and mine.ipv4_mapped:
        mine = mine.ipv4_mapped
    if mine.version == theirs.version:
        return mine == theirs or mine.is_unspecified
    if mine.version == 6 and mine.is_unspecified:
        return None if listener.only_ipv6 is None else not listener.only_ipv6
    return False


def target(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Where a connection to the address goes: the kernel reads 0.0.0.0 and :: as loopback."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    if parsed.is_unspecified:
        return ipaddress.ip_address("127.0.0.1" if parsed.version == 4 else "::1")
    return parsed


def is_local(address: str) -> bool | None:
    """Whether the address is one of this host's; None where its family is switched off."""
    aim = target(address)
    if aim.is_loopback:
        return True
    family = socket.AF_INET if aim.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # A datagram socket may be bound to the addresses of this host only; nothing is sent.
            probe.bind((str(aim), 0))
    except OSError as error:
        return None if error.errno == 97 else False
    return not _may_bind_anywhere()


def resolve(host: str, seconds: float = _RESOLVE_SECONDS) -> list[str] | None:
    """The addresses that the system gives for a host; None when it gives none in time."""
    try:
        return [str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))]
    except ValueError:
        pass
    answer: list[str] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        answer.extend(dict.fromkeys(str(entry[4][0]) for entry in found))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return list(answer) or None


def same_path(listener: Listener, path: str) -> bool:
    """Whether a unix listener is behind the path: same place, and the file is still its own."""
    try:
        now = os.stat(path).st_ino
    except OSError:
        now = None
    if not listener.address.startswith("/"):
        # Bound by a path relative to a working directory that is not known here.
        ours = path.endswith(f"/{listener.address}")
        return ours and now is not None and listener.file_inode == now
    if listener.address != path and os.path.realpath(listener.address) != os.path.realpath(path):
        return False
    return now is None or listener.file_inode in (None, now)


def similar_paths(path: str, listeners: Sequence[Listener]) -> list[str]:
    """Listening paths that may be meant: same name elsewhere, a like name, or the same folder."""
    folder, name = os.path.split(path)
    stem = _stem(name)

    def likeness(other: str) -> int:
        other_folder, other_name = os.path.split(other)
        other_stem = _stem(other_name)
        return (
            4 * (other_name == name)
            + 2
            * (len(stem) >= 3 and (stem in other or (len(other_stem) >= 3 and other_stem in path)))
            + (other_folder == folder and folder not in ("/run", "/var/run", "/tmp"))  # noqa: S108
        )

    paths = {listener.address for listener in listeners if listener.address != path}
    alike = [(likeness(other), other) for other in paths if other.startswith("/")]
    return [other for score, other in sorted(alike, key=lambda pair: (-pair[0], pair[1])) if score][
        :5
    ]


def _stem(name: str) -> str:
    return name.removesuffix(".sock").removesuffix(".socket")


def _may_bind_anywhere() -> bool:
    try:
        with open("/proc/sys/net/ipv4/ip_nonlocal_bind", "rb") as file:
            return file.read(1) == b"1"
    except OSError:
        return False
