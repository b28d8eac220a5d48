"""A request of the uwsgi protocol; the answer to it is an HTTP one.

https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

HEADER_BYTES = 4
_MOST = 0xFFFF
_WSGI = 0


def packet(variables: Mapping[str, str]) -> bytes:
    """The variables as one packet for the server's first plugin; those beyond 64 KB left out."""
    block = b""
    for name, value in variables.items():
        pair = _string(name) + _string(value)
        if len(block) + len(pair) <= _MOST:
            block += pair
    return struct.pack("<BHB", _WSGI, len(block), 0) + block


def _string(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")[:_MOST]
    return struct.pack("<H", len(raw)) + raw
