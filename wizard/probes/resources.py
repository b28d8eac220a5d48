"""What the host has left: memory, connection tracking, ephemeral ports, load."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from wizard.model.evidence import Sighting
from wizard.probes import kernel_paste
from wizard.probes.declare import Paste, probe


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of the host."""

    memory_available_percent: float | None = None
    swap_used_percent: float | None = None
    load_per_cpu: float | None = None
    conntrack_count: int | None = None
    conntrack_max: int | None = None
    conntrack_full: bool | None = None
    port_range: list[int] = []
    time_wait: int | None = None
    listen_overflows: int | None = None
    """TcpExtListenOverflows since boot: accept queues that were full."""
    listen_drops: int | None = None
    cpu_waiting_percent: float | None = None
    """Share of the last ten seconds in which some process wanted a CPU and had none (PSI)."""
    memory_waiting_percent: float | None = None
    """... in which some process waited for memory: for swap, or for pages that were thrown out."""
    io_waiting_percent: float | None = None
    """... in which some process waited for a disk."""
    syn_retries: int | None = None
    """How often the kernel sends a SYN again (net.ipv4.tcp_syn_retries)."""
    kernel_connect_seconds: int | None = None
    """After so many seconds without a reply the kernel itself gives a connection up."""


_CONNTRACK = "sys/net/netfilter/nf_conntrack"
_SHOWN = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")


@probe("resources.host", kind="kernel", facts=Resources)
def host() -> Sighting:
    """Memory and load by psutil, the network's counters from /proc."""
    import psutil

    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    facts = msgspec.structs.replace(
        read(Path("/proc")),
        memory_available_percent=round(100 * memory.available / memory.total, 1),
        swap_used_percent=swap.percent if swap.total else None,
        load_per_cpu=round(psutil.getloadavg()[0] / (psutil.cpu_count() or 1), 2),
    )
    return Sighting(
        status="present",
        facts=facts,
        reading=_reading(facts),
        raw=_raw(),
        command="free -m; uptime; ss -s",
    )


def read(proc: Path) -> Resources:
    """The network's counters below a /proc folder; None for what is not there."""
    extended = _counters(_text(proc / "net/netstat"))
    count = _number(_text(proc / f"{_CONNTRACK}_count"))
    limit = _number(_text(proc / f"{_CONNTRACK}_max"))
    retries = _number(_text(proc / "sys/net/ipv4/tcp_syn_retries"))
    time_wait = re.search(r"^TCP: .*\btw (\d+)", _text(proc / "net/sockstat"), re.MULTILINE)
    return Resources(
        conntrack_count=count,
        conntrack_max=limit,
        conntrack_full=None if count is None or not limit else count >= limit * 0.99,
        port_range=[int(word) for word in _text(proc / "sys/net/ipv4/ip_local_port_range").split()],
        time_wait=int(time_wait[1]) if time_wait else None,
        listen_overflows=extended.get("ListenOverflows"),
        listen_drops=extended.get("ListenDrops"),
        cpu_waiting_percent=_waiting(_text(proc / "pressure/cpu")),
        memory_waiting_percent=_waiting(_text(proc / "pressure/memory")),
        io_waiting_percent=_waiting(_text(proc / "pressure/io")),
        syn_retries=retries,
        # RFC 6298: the first repetition comes after 1 s, each further one after twice the time.
        kernel_connect_seconds=None if retries is None else 2 ** (retries + 1) - 1,
    )


def _waiting(text: str) -> float | None:
    """`some avg10` of a pressure file; None where the kernel keeps none."""
    found = re.search(r"^some avg10=([\d.]+)", text, re.MULTILINE)
    return float(found[1]) if found else None


def _counters(netstat: str) -> dict[str, int]:
    """The TcpExt lines: one of names, one of values."""
    lines = [line.split()[1:] for line in netstat.splitlines() if line.startswith("TcpExt:")]
    if len(lines) < 2:
        return {}
    return {name: int(value) for name, value in zip(lines[0], lines[1], strict=False)}


def _reading(facts: Resources) -> str:
    parts = []
    if facts.memory_available_percent is not None:
        parts.append(f"{facts.memory_available_percent:.0f}% memory left")
    if facts.load_per_cpu is not None:
        parts.append(f"load {facts.load_per_cpu:.1f} a CPU")
    if facts.conntrack_full:
        parts.append("connection tracking full")
    if facts.cpu_waiting_percent is not None and facts.cpu_waiting_percent >= 50:
        parts.append(f"somebody waited for a CPU {facts.cpu_waiting_percent:.0f}% of the time")
    return ", ".join(parts)


def _raw() -> str:
    lines = [line for line in _text(Path("/proc/meminfo")).splitlines() if line.startswith(_SHOWN)]
    return "\n".join([*lines, f"load average: {_text(Path('/proc/loadavg')).strip()}"])


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


class OomKill(msgspec.Struct, frozen=True, kw_only=True):
    """One process that the kernel killed for memory."""

    at: float | None = None
    pid: int
    """As the kernel numbers it: inside a container another number than the container's own."""
    process: str
    group: bool = False
    """Killed for its memory cgroup's limit rather than the host's."""
    cgroup: str | None = None
    uid: int | None = None
    line: str = ""


class OomKills(msgspec.Struct, frozen=True, kw_only=True):
    """Kills that the kernel log still holds."""

    count: int | None = None
    kills: list[OomKill] = []


_COMMAND = "dmesg -T | grep -iE 'killed process|out of memory'"


@probe(
    "kernel.oom", kind="kernel", facts=OomKills,
    paste=Paste(kernel_paste.command, kernel_paste.read),
)  # fmt: skip
def oom(*, since: float | None = None) -> Sighting:
    """Read the kernel log (dmesg, else the journal, else the log files) for OOM kills."""
    from wizard.probes import kernel_log

    told = kernel_log.lines()
    if told.lines is None:
        return Sighting(
            status="unreadable", facts=OomKills(), reading="the kernel log may not be read",
            reason=told.reason, remedy=f"sudo {_COMMAND}", command=_COMMAND,
        )  # fmt: skip
    return kills_seen(told.lines, since, _COMMAND, kernel_log.own_container())


def kills_seen(
    messages: list[tuple[float | None, str]],
    since: float | None,
    command: str,
    container: str | None = None,
) -> Sighting:
    """What the kernel's messages say of kills."""
    kills = [
        kill
        for kill in kills_in(messages, container)
        if since is None or kill.at is None or kill.at >= since
    ]
    newest = kills[-1] if kills else None
    return Sighting(
        status="present" if kills else "absent",
        facts=OomKills(count=len(kills), kills=kills[-50:]),
        reading=f"killed {newest.process} (pid {newest.pid})" if newest else "no kill for memory",
        raw="\n".join(kill.line for kill in kills[-50:]),
        command=command,
    )


_KILLED = re.compile(
    r"(?P<group>Memory cgroup )?.*Killed process (?P<pid>\d+)"
    r"(?:,| )\s*\((?P<process>.*?)\)(?: |,|$)"
)
_WHY = re.compile(
    r"oom-kill:constraint=(?P<why>\w+),.*?task_memcg=(?P<cgroup>[^,]*),task=.*,pid=(?P<pid>\d+),uid=(?P<uid>\d+)"
)
_USER = re.compile(r"\bUID:(\d+)")
_CONTAINER_ID = re.compile(r"[0-9a-f]{64}")


def kills_in(lines: list[tuple[float | None, str]], container: str | None = None) -> list[OomKill]:
    """The kills in kernel messages, oldest first.

    A container sees the whole host's kernel log: kills in other containers are left out there.
    """
    reasons: dict[int, re.Match[str]] = {}
    kills = []
    for at, line in lines:
        if "kill" not in line.lower():
            continue
        if why := _WHY.search(line):
            reasons[int(why["pid"])] = why
            continue
        match = _KILLED.search(line)
        if match is None:
            continue
        known = reasons.get(int(match["pid"]))
        cgroup = known["cgroup"] if known else None
        other = _CONTAINER_ID.search(cgroup or "")
        if container is not None and other and other[0] != container:
            continue
        user = _USER.search(line)
        kills.append(
            OomKill(
                at=at,
                pid=int(match["pid"]),
                process=match["process"],
                group=bool(match["group"]) or bool(known and known["why"] == "CONSTRAINT_MEMCG"),
                cgroup=cgroup,
                uid=int(known["uid"]) if known else int(user[1]) if user else None,
                line=line.strip()[:500],
            )
        )
    return kills


PROBES = (host, oom)
