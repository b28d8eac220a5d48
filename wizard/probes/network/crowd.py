"""How many local ports towards a server are taken: they are what a client runs out of."""

from __future__ import annotations

import shlex
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes.addresses import addresses_of, url_host
from wizard.probes.declare import probe

# include/net/tcp_states.h
_STATES = {1: "established", 2: "syn-sent", 6: "time-wait"}
_TABLE_LIMIT = 64 * 1024 * 1024


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """The local ports of the connections to one server address, the fullest one."""

    address: str | None = None
    taken: int | None = None
    """Distinct local ports of the range that have a connection to this address and port."""
    available: int | None = None
    """How many ports the range has, without the reserved ones."""
    range: str | None = None
    """`32768-60999`, net.ipv4.ip_local_port_range."""
    first: int | None = None
    last: int | None = None
    reuse: int | None = None
    """net.ipv4.tcp_tw_reuse: whether a port in TIME-WAIT may be taken again (2: on loopback)."""
    exhausted: bool | None = None
    """At most one port in a hundred is left."""
    time_wait: int | None = None
    established: int | None = None
    syn_sent: int | None = None


@probe("net.ports", kind="sockets", facts=Ports)
def ports(*, server: Server) -> Sighting:
    """Count the host's connections to each address of the server."""
    found = addresses_of(server, limit=1.0)
    if server.host is None or not found.found:
        return Sighting(status="absent", facts=Ports(), reading="no local port: no address")
    facts = max(
        (read(Path("/proc"), each.host.partition("%")[0], each.target[1]) for each in found.found),
        key=lambda each: each.taken or 0,
    )
    return Sighting(
        status="present",
        facts=facts,
        reading=f"{facts.taken} of {facts.available} local ports towards {facts.address} are taken",
        raw=f"time-wait {facts.time_wait}, established {facts.established}, "
        f"syn-sent {facts.syn_sent}, range {facts.range}",
        command=f"ss -Htan {shlex.quote(f'dst {facts.address}')} | awk '{{print $1}}' "
        "| sort | uniq -c; sysctl net.ipv4.ip_local_port_range",
    )


def read(proc: Path, host: str, port: int) -> Ports:
    """Count in the tables below a /proc folder."""
    settings = proc / "sys/net/ipv4"
    bounds = _setting(settings / "ip_local_port_range").split()
    if len(bounds) != 2:
        return Ports()
    low, high = int(bounds[0]), int(bounds[1])
    reserved = _spans(_setting(settings / "ip_local_reserved_ports"))
    usable = {
        number for number in range(low, high + 1) if not any(a <= number <= b for a, b in reserved)
    }
    wanted = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    taken: set[int] = set()
    states: Counter[str] = Counter()
    for local, remote, remote_port, state in _connections(proc):
        if remote_port == port and remote == wanted and local in usable:
            taken.add(local)
            states[_STATES.get(state, "other")] += 1
    return Ports(
        address=f"{url_host(host)}:{port}",
        taken=len(taken),
        available=len(usable),
        range=f"{low}-{high}",
        first=low,
        last=high,
        reuse=int(reuse) if (reuse := _setting(settings / "tcp_tw_reuse").strip()) else None,
        exhausted=len(taken) >= 0.99 * len(usable),
        time_wait=states["time-wait"],
        established=states["established"],
        syn_sent=states["syn-sent"],
    )


def _connections(proc: Path) -> Iterator[tuple[int, bytes, int, int]]:
    """Local port, remote address, remote port and state of every TCP socket."""
    for name in ("net/tcp", "net/tcp6"):
        for line in _text(proc / name).splitlines()[1:]:
            words = line.split()
            if len(words) < 4:
                continue
            address, _, remote_port = words[2].partition(":")
            yield (
                int(words[1].rpartition(":")[2], 16),
                _address(address),
                int(remote_port, 16),
                int(words[3], 16),
            )


def _address(text: str) -> bytes:
    """The kernel prints each 32 bit word in the byte order of the machine."""
    packed = b"".join(
        struct.pack("=I", int(text[at : at + 8], 16)) for at in range(0, len(text), 8)
    )
    mapped = len(packed) == 16 and packed.startswith(b"\0" * 10 + b"\xff\xff")
    return packed[12:] if mapped else packed


def _spans(text: str) -> list[tuple[int, int]]:
    spans = []
    for part in text.strip().split(","):
        low, _, high = part.partition("-")
        if low.isdigit():
            spans.append((int(low), int(high or low)))
    return spans


def _setting(path: Path) -> str:
    """The kernel refuses to read a setting into a large buffer."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        with path.open(errors="replace") as file:
            return file.read(_TABLE_LIMIT)
    except OSError:
        return ""
