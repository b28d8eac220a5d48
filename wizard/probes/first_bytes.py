"""What a server speaks, judged by the first bytes that it sends."""

from __future__ import annotations

import re
from typing import Literal

from wizard.model.text import clean
from wizard.probes.streams import is_tls_record

Speaks = Literal[
    "http", "tls", "http2", "fastcgi", "uwsgi", "ssh", "smtp", "ftp", "mysql", "postgres", "redis",
    "unknown", "nothing",
]  # fmt: skip

_GREETINGS: tuple[tuple[Speaks, re.Pattern[bytes]], ...] = (
    ("http", re.compile(rb"HTTP/\d")),
    ("ssh", re.compile(rb"SSH-\d")),
    ("ftp", re.compile(rb"220[ -][^\r\n]*\bftp", re.IGNORECASE)),
    ("smtp", re.compile(rb"220[ -]|554[ -]")),
    ("redis", re.compile(rb"-(ERR|DENIED|NOAUTH|WRONGTYPE)\b")),
    # A frame header: 24-bit length, then SETTINGS (4) or GOAWAY (7) without flags on stream 0.
    ("http2", re.compile(rb"\0..[\x04\x07]\0\0\0\0\0", re.DOTALL)),
    # An error message: 'E', its length, the severity field.
    ("postgres", re.compile(rb"E\0\0..S", re.DOTALL)),
    # Version 1, a record type of an answer, the request id.
    ("fastcgi", re.compile(rb"\x01[\x03\x06\x07\x0a\x0b]\0[\0\x01]", re.DOTALL)),
    # A packet header with sequence number 0, then protocol 10 or an error packet.
    ("mysql", re.compile(rb"..\0\0[\x0a\xff]", re.DOTALL)),
)


def spoken(first: bytes) -> Speaks:
    """The protocol that begins like this; `nothing` when no byte came."""
    if not first:
        return "nothing"
    if is_tls_record(first):
        return "tls"
    return next((name for name, greeting in _GREETINGS if greeting.match(first)), "unknown")


def visible(first: bytes, *, limit: int = 80) -> str:
    """The first bytes as text; every byte that is not printable ASCII shown as an escape."""
    shown = "".join(
        chr(byte)
        if 0x20 <= byte < 0x7F
        else {10: "\\n", 13: "\\r", 9: "\\t"}.get(byte, f"\\x{byte:02x}")
        for byte in first[:limit]
    )
    return clean(shown)
