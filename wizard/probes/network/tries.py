"""Many connections in a row, and what the kernel counted meanwhile: how much is lost, and where."""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes.addresses import Address, addresses_of
from wizard.probes.declare import probe

_COUNT = 24
_APART_SECONDS = 0.04
_LIMIT_SECONDS = 2.4
"""Long enough for one more SYN: the kernel sends it again after 1 s, then after 3 s (RFC 6298)."""
_REPEATED_SECONDS = 0.9
_RETRANSMITTED = slice(100, 104)
"""`tcpi_total_retrans` in struct tcp_info (linux/tcp.h)."""


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """How the connections went."""

    tried: int | None = None
    connected: int | None = None
    repeated: int | None = None
    """Connected only after the SYN had been sent again."""
    unanswered: int | None = None
    """No reply within the limit."""
    refused: int | None = None
    failed: int | None = None
    """Ended by another error than a refusal."""
    lossy: bool | None = None
    """Some connected and some packets were lost."""
    milliseconds: float | None = None
    """The median of those that connected at their first SYN."""
    reverse_path_drops: int | None = None
    """Packets that the reverse path filter dropped meanwhile (IPReversePathFilter)."""
    reverse_path_filter: int | None = None
    """net.ipv4.conf.all.rp_filter; the larger one of this and of the device's own counts."""
    conntrack_drops: int | None = None
    """Packets that connection tracking dropped meanwhile."""
    listen_overflows: int | None = None
    """Connections that found a full accept queue on this host meanwhile."""


class _Try(msgspec.Struct):
    began: float
    seconds: float | None = None
    repeated: bool = False
    code: int = errno.ETIMEDOUT


@probe(
    "net.tries", kind="connection", facts=Tries, deadline=6,
    touches=f"{_COUNT} connections to the server, one after the other, closed at once",
)  # fmt: skip
def tries(*, server: Server) -> Sighting:
    """Connect again and again, and read the kernel's counters before and after."""
    found = addresses_of(server, limit=1.0)
    if server.host is None or not found.found:
        return Sighting(status="absent", facts=Tries(), reading="no packets: no address")
    before = counters(Path("/proc/net"))
    made = _connect_all(found.found[0])
    after = counters(Path("/proc/net"))
    facts = msgspec.structs.replace(
        _facts(made, {name: after[name] - before[name] for name in before.keys() & after}),
        reverse_path_filter=_number(Path("/proc/sys/net/ipv4/conf/all/rp_filter")),
    )
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        raw="\n".join(_line(each) for each in made),
        command="nstat -az TcpRetransSegs TcpExtTCPSynRetrans TcpExtIPReversePathFilter",
    )


def _connect_all(address: Address) -> list[_Try]:
    made: list[_Try] = []
    waiting: dict[int, tuple[_Try, socket.socket]] = {}
    poller = select.poll()
    began = time.perf_counter()
    until = began + _COUNT * _APART_SECONDS + _LIMIT_SECONDS
    while (len(made) < _COUNT or waiting) and time.perf_counter() < until:
        if len(made) < _COUNT and time.perf_counter() >= began + len(made) * _APART_SECONDS:
            made.append(_begin(address, waiting, poller))
        for descriptor, _events in poller.poll(_APART_SECONDS * 500):
            poller.unregister(descriptor)
            one, opened = waiting.pop(descriptor)
            _finish(one, opened, opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    for _one, opened in waiting.values():
        opened.close()
    return made


def _begin(
    address: Address, waiting: dict[int, tuple[_Try, socket.socket]], poller: select.poll
) -> _Try:
    one = _Try(time.perf_counter())
    try:
        opened = socket.socket(address.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError as error:
        one.code = error.errno or 0
        return one
    code = opened.connect_ex(address.target)
    if code == errno.EINPROGRESS:
        waiting[opened.fileno()] = (one, opened)
        poller.register(opened, select.POLLOUT)
    else:
        _finish(one, opened, code)
    return one


def _finish(one: _Try, opened: socket.socket, code: int) -> None:
    one.code = code
    one.seconds = time.perf_counter() - one.began
    if code == 0:
        told = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
        sent_again = int.from_bytes(told[_RETRANSMITTED], "little") if len(told) >= 104 else 0
        one.repeated = sent_again > 0 or one.seconds >= _REPEATED_SECONDS
    opened.close()


def counters(folder: Path) -> dict[str, int]:
    """The kernel's counters of what it dropped, below /proc/net; what is not there is left out."""
    found = {}
    names, values = _extended(folder / "netstat")
    counted = dict(zip(names, values, strict=False))
    for ours, theirs in (("reverse", "IPReversePathFilter"), ("overflows", "ListenOverflows")):
        if counted.get(theirs, "").isdigit():
            found[ours] = int(counted[theirs])
    rows = [line.split() for line in _text(folder / "stat/nf_conntrack").splitlines()]
    if len(rows) > 1 and "drop" in rows[0]:
        column = rows[0].index("drop")
        # One line a CPU, in hexadecimal.
        found["conntrack"] = sum(int(row[column], 16) for row in rows[1:] if len(row) > column)
    return found


def _extended(path: Path) -> tuple[list[str], list[str]]:
    lines = [line.split()[1:] for line in _text(path).splitlines() if line.startswith("TcpExt:")]
    return (lines[0], lines[1]) if len(lines) == 2 else ([], [])


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _facts(made: list[_Try], grown: Mapping[str, int]) -> Tries:
    connected = [one for one in made if one.code == 0]
    repeated = [one for one in connected if one.repeated]
    unanswered = [one for one in made if one.code == errno.ETIMEDOUT]
    refused = [one for one in made if one.code == errno.ECONNREFUSED]
    quick = sorted(one.seconds or 0.0 for one in connected if not one.repeated)
    return Tries(
        tried=len(made),
        connected=len(connected),
        repeated=len(repeated),
        unanswered=len(unanswered),
        refused=len(refused),
        failed=len(made) - len(connected) - len(unanswered) - len(refused),
        lossy=bool(connected) and bool(repeated or unanswered),
        milliseconds=round(quick[len(quick) // 2] * 1000, 2) if quick else None,
        reverse_path_drops=grown.get("reverse"),
        conntrack_drops=grown.get("conntrack"),
        listen_overflows=grown.get("overflows"),
    )


def _reading(facts: Tries) -> str:
    parts = [f"{facts.connected} of {facts.tried} connected"]
    if facts.repeated:
        parts.append(f"{facts.repeated} after a lost packet")
    if facts.unanswered:
        parts.append(f"{facts.unanswered} without a reply")
    if facts.refused:
        parts.append(f"{facts.refused} refused")
    if facts.reverse_path_drops:
        parts.append(f"{facts.reverse_path_drops} dropped by the reverse path filter")
    if facts.conntrack_drops:
        parts.append(f"{facts.conntrack_drops} dropped by connection tracking")
    return ", ".join(parts)


def _line(one: _Try) -> str:
    again = ", sent again" if one.repeated else ""
    took = f"{one.seconds * 1000:.1f} ms" if one.seconds is not None else "no reply"
    return f"errno {one.code}, {took}{again}"
