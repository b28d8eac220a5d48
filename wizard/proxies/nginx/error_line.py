"""One entry of nginx's error log, taken apart.

    2026/11/20 21:37:01 [error] 24002#24002: *3 connect() failed (111: Connection refused) while
    connecting to upstream, client: 127.0.0.1, server: _, request: "GET / HTTP/1.1",
    upstream: "http://127.0.0.1:19002/", host: "127.0.0.1:18080", referrer: "..."

Request line, host and referrer come from the client and are written unescaped, so a field is only
believed where nginx writes it: in this order, and the request ends with its HTTP version.
"""

from __future__ import annotations

import re
from typing import NamedTuple

STARTS = re.compile(rb"^(?=\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[)", re.MULTILINE)
"""Where an entry begins; other lines continue the one before (raw newlines in headers)."""

_OWN = re.compile(rb"^[^\n]{0,200}?(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[[^\n]*)", re.MULTILINE)
"""nginx's own lines among those of the service manager; a syslog relay may put its tag before."""
_FIELDS = re.compile(
    rb", client: (?P<client>[^,]*)"
    rb"(?:, server: (?P<server>[^,]*))?"
    rb'(?:, request: "(?P<request>[A-Z]+ .*? HTTP/[\d.]+|.*?)")?'
    rb'(?:, subrequest: "(?P<subrequest>.*?)")?'
    rb'(?:, upstream: "(?P<upstream>.*?)")?'
    rb'(?:, host: "(?P<host>.*?)")?'
    rb'(?:, referrer: "(?P<referrer>.*)")?\s*\Z',
    re.DOTALL,
)
_CLIENT = b", client: "
_UPSTREAM, _HOST, _REFERRER = b", upstream: ", b", host: ", b", referrer: "
_PASSED_ON = ((_UPSTREAM, _HOST, b""), (_UPSTREAM, _HOST, _REFERRER, b""))
_NOT_PASSED_ON = ((_HOST, b""), (_HOST, _REFERRER, b""))
_NOTHING: tuple[bytes, bytes, bytes, bytes, bytes] = (b"", b"", b"", b"", b"")


class Line(NamedTuple):
    """The parts as bytes; empty where the entry has none."""

    level: bytes
    pid: bytes
    connection: bytes
    message: bytes
    """Up to `, client: `."""
    client: bytes
    server: bytes
    request: bytes
    upstream: bytes
    """With scheme and URI."""
    host: bytes


def own_lines(text: bytes) -> bytes:
    """The lines that nginx wrote, without what the journal or a relay put before them."""
    return b"\n".join(_OWN.findall(text))


def read(entry: bytes) -> Line | None:
    """The parts of an entry, or None when it does not begin like one."""
    closing = entry.find(b"] ", 20, 30)
    colon = entry.find(b": ", closing, closing + 40)
    if closing < 0 or colon < 0:
        return None
    begin, connection = colon + 2, b""
    if entry.startswith(b"*", begin):
        space = entry.find(b" ", begin)
        connection = entry[begin + 1 : space]
        begin = space + 1
    end = entry.find(_CLIENT, begin)
    level, process = entry[21:closing], entry[closing + 2 : colon]
    if end < 0:
        return Line(level, process, connection, entry[begin:], *_NOTHING)
    # What follows on another line is not nginx's: a foreign text that got into the same log.
    tail = entry[end:].partition(b"\n")[0]
    return Line(level, process, connection, entry[begin:end], *_fields(tail))


def _fields(tail: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Client, server, request, upstream, host."""
    parts = tail.split(b'"')
    if len(parts) >= 3 and parts[0].endswith(b", request: ") and parts[1][-8:-3] == b"HTTP/":
        quick = _quick(parts)
        if quick is not None:
            return quick
    found = _FIELDS.match(tail)
    if found is None:
        return _NOTHING
    client, server, request, upstream, host = (
        found[name] or b"" for name in ("client", "server", "request", "upstream", "host")
    )
    return client, server, request, upstream, host


def _quick(parts: list[bytes]) -> tuple[bytes, bytes, bytes, bytes, bytes] | None:
    """The fields when the quotes are where they are in nearly every line, else None."""
    labels = tuple(parts[2::2])
    if labels in _PASSED_ON:
        upstream, host = parts[3], parts[5]
    elif labels in _NOT_PASSED_ON:
        upstream, host = b"", parts[3]
    else:
        return None
    client, _, server = parts[0][len(_CLIENT) : -len(b", request: ")].partition(b", server: ")
    return client, server, parts[1], upstream, host


def split_upstream(upstream: str) -> tuple[str, str]:
    """Scheme and authority of `http://127.0.0.1:3000/x` or `fastcgi://unix:/run/php.sock:`.

    The authority of a unix socket is `unix:/run/php.sock`; of "no live upstreams" it is the
    group's name.
    """
    scheme, found, rest = upstream.partition("://")
    if not found:
        return "", upstream
    if rest.startswith("unix:"):
        return scheme, "unix:" + rest[5:].split(":", 1)[0]
    return scheme, rest.split("/", 1)[0]


def path_of(request: str) -> str:
    """The target of `GET /x?y HTTP/1.1`, with its query."""
    parts = request.split(" ")
    return parts[1] if len(parts) > 1 else ""


def entries(block: bytes) -> list[bytes]:
    """The entries of a block that may be failures, newest first, continuation lines joined."""
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    odd = [line for line in lines if line[19:22] not in _BEGINNINGS]
    if odd or any(words in block for words in _QUIET_FAILURES):
        return _entries_of_odd(lines)
    kept = [line for line in lines if line[19:22] in _SERIOUS]
    kept.reverse()
    return kept


def _entries_of_odd(lines: list[bytes]) -> list[bytes]:
    """The same where lines continue others, or quiet ones may tell of failures."""
    kept: list[bytes] = []
    loose: list[bytes] = []
    for line in reversed(lines):
        begins = line[19:22]
        if begins in _SERIOUS or (
            begins in _QUIET and any(words in line for words in _QUIET_FAILURES)
        ):
            kept.append(b"\n".join([line, *reversed(loose)]) if loose else line)
            loose.clear()
        elif begins in _QUIET:
            loose.clear()
        else:
            loose.append(line)
    return kept


_SERIOUS = frozenset({b" [e", b" [c", b" [a", b" [w"})
_QUIET = frozenset({b" [n", b" [i", b" [d"})
_BEGINNINGS = _SERIOUS | _QUIET
_QUIET_FAILURES = (
    b" limiting requests, excess: ",
    b" limiting connections by zone ",
    b" while proxying upgraded connection, client: ",
    b' client sent invalid header line: "',
)
"""Notice and info lines that tell of failures: refused requests (limit_req_log_level), idle
upgraded connections, request headers that were dropped."""
