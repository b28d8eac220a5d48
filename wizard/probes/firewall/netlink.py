"""Two questions to the kernel without a process: the route to an address, the nftables tables."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

_REQUEST, _DUMP = 0x1, 0x300
_ERROR, _DONE = 2, 3
_GET_ROUTE = 26
_NETFILTER, _GET_TABLE = 12, (10 << 8) | 1
# RTA_DST, RTA_OIF, RTA_PREFSRC, RTA_MARK, RTA_UID
_DST, _OIF, _PREFERRED_SOURCE, _MARK, _UID = 1, 4, 7, 16, 25
_KINDS = {1: "unicast", 2: "local"}
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_SECONDS = 1.0


class Route(msgspec.Struct, frozen=True):
    """Which way the kernel sends a packet. `none`: it does not (no route, blackhole, prohibit)."""

    kind: Literal["local", "unicast", "none"]
    device: str = ""
    source: int | None = None


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def _attributes(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += length + (-length % 4)
    return found


def _ask(protocol: int, kind: int, flags: int, body: bytes) -> Iterator[bytes]:
    """The bodies of the answers. Raises OSError with the kernel's errno."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as channel:
        channel.settimeout(_SECONDS)
        channel.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST | flags, 1, 0) + body)
        while True:
            data = channel.recv(1 << 16)
            at = 0
            while at + 16 <= len(data):
                length, answer = struct.unpack_from("=IH", data, at)
                content = data[at + 16 : at + length]
                if answer == _ERROR:
                    code = -struct.unpack_from("=i", content)[0]
                    if code:
                        raise OSError(code, os.strerror(code))
                    return
                if answer == _DONE:
                    return
                yield content
                if not flags & _DUMP:
                    return
                at += length + (-length % 4)


def route_to(
    family: Literal[4, 6], target: int, *, mark: int | None = None, uid: int | None = None
) -> Route:
    """The route that a new connection to the address takes.

    Raises:
        OSError: the kernel could not be asked.
    """
    size = 4 if family == 4 else 16
    kernel_family = socket.AF_INET if family == 4 else socket.AF_INET6
    body = struct.pack("=BBBBBBBBI", kernel_family, size * 8, 0, 0, 0, 0, 0, 0, 0)
    body += _attribute(_DST, target.to_bytes(size, "big"))
    if mark:
        body += _attribute(_MARK, struct.pack("=I", mark))
    if uid is not None and uid >= 0:
        body += _attribute(_UID, struct.pack("=I", uid))
    try:
        answers = list(_ask(0, _GET_ROUTE, 0, body))
    except TimeoutError:
        raise
    except OSError as error:
        if error.errno is None or isinstance(error, PermissionError):
            raise
        return Route("none")
    for answer in answers:
        kind = _KINDS.get(answer[7])
        values = _attributes(answer[12:])
        if kind is None or _OIF not in values:
            return Route("none")
        device = socket.if_indextoname(struct.unpack("=I", values[_OIF])[0])
        source = values.get(_PREFERRED_SOURCE)
        return Route(
            "local" if kind == "local" else "unicast",
            device,
            int.from_bytes(source, "big") if source else None,
        )
    return Route("none")


def nft_tables() -> list[tuple[str, str]]:
    """Family and name of every nftables table.

    Raises:
        PermissionError: only the administrator of the network namespace may ask.
        OSError: the kernel could not be asked.
    """
    try:
        answers = list(_ask(_NETFILTER, _GET_TABLE, _DUMP, struct.pack("=BBH", 0, 0, 0)))
    except (PermissionError, TimeoutError):
        raise
    except OSError as error:
        # A kernel without nf_tables: EINVAL, EOPNOTSUPP or EPROTONOSUPPORT, and no tables.
        if error.errno is None:
            raise
        return []
    found = []
    for answer in answers:
        name = _attributes(answer[4:]).get(1, b"").rstrip(b"\0")
        found.append((_FAMILIES.get(answer[0], str(answer[0])), name.decode("utf-8", "replace")))
    return found
