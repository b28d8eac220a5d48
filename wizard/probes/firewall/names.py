"""The addresses of a server's host, within a time limit."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Literal

_SECONDS = 1.5


def addresses(host: str) -> list[tuple[Literal[4, 6], int]] | None:
    """Family and number of each address; None when the name gives none in time."""
    try:
        return [_numbered(host)]
    except ValueError:
        return _resolved(host)


def _numbered(text: str) -> tuple[Literal[4, 6], int]:
    parsed = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if int(parsed) == 0:  # connecting to "any address" connects to this host
        parsed = ipaddress.ip_address("127.0.0.1" if parsed.version == 4 else "::1")
    return (4 if parsed.version == 4 else 6), int(parsed)


def _resolved(name: str) -> list[tuple[Literal[4, 6], int]] | None:
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(str(answer[4][0]) for answer in answers)

    # The system's resolver has no time limit of its own that could be set here.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_SECONDS)
    return [_numbered(text) for text in dict.fromkeys(found)] or None
