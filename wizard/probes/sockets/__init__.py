"""The kernel's tables of listening sockets, who owns them and how full their accept queues are."""

from __future__ import annotations

import os
import shlex

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import decode, shorten
from wizard.probes import processes
from wizard.probes.declare import Paste, probe
from wizard.probes.run import run
from wizard.probes.sockets import pasted, ss
from wizard.probes.sockets.addresses import is_local, resolve, same_path, similar_paths, takes
from wizard.probes.sockets.facts import Listener, Listening, Table

__all__ = ["PROBES", "Listener", "Listening", "Table", "at", "table"]

_RAW_LIMIT = 20_000


@probe(
    "sockets.table", kind="sockets", facts=Table, deadline=5,
    paste=Paste(pasted.command, pasted.read),
)  # fmt: skip
def table() -> Sighting:
    """Read the tables (ss, else /proc/net)."""
    command = "ss -ltnp; ss -lxnp"
    said = run(ss.ARGV)
    if said.ok:
        raw = decode(said.out)
        tcp, unix = ss.read_tcp(raw), ss.read_unix(raw)
    else:
        from wizard.probes.sockets import proc_net

        read = proc_net.read_all()
        if read is None:
            why = "ss is not installed" if said.missing else "ss gave no answer"
            return Sighting(
                status="unreadable",
                reason=f"{why}, and /proc/net/tcp cannot be read",
                remedy="sudo ss -ltnp",
                command=command,
            )
        tcp, unix = read
        raw = "\n".join(listener.where() for listener in (*tcp, *unix))
    seen = _with_owners(tcp, unix)
    return Sighting(
        status="present" if tcp or unix else "absent",
        facts=seen,
        reading=f"{len(tcp)} TCP listeners" + (", owners hidden" if seen.owners_hidden else ""),
        raw=shorten(raw, _RAW_LIMIT),
        command=command,
        remedy="sudo ss -ltnp" if seen.owners_hidden else "",
    )


def _with_owners(tcp: list[Listener], unix: list[Listener]) -> Table:
    inodes = {listener.inode for listener in (*tcp, *unix) if listener.inode}
    holders, hidden = processes.socket_holders(inodes)
    names: dict[int, str | None] = {}

    def owned(listener: Listener) -> Listener:
        pids = sorted(holders.get(listener.inode or 0, []))
        if not pids:
            return listener
        # systemd keeps the sockets that it passes on: the process that serves is the later one.
        main = next((pid for pid in pids if pid != 1), pids[0])
        if main not in names:
            names[main] = processes.name(main)
        address = _absolute(listener, main)
        return msgspec.structs.replace(listener, address=address, pids=pids, process=names[main])

    listeners, sockets = [owned(one) for one in tcp], [owned(one) for one in unix]
    return Table(
        listeners=listeners,
        unix=sockets,
        owners_hidden=hidden and any(not one.pids for one in (*listeners, *sockets)),
        count=len(listeners),
    )


def _absolute(listener: Listener, pid: int) -> str:
    """A unix socket may be bound by a relative path: it is relative to where its owner stands."""
    if listener.port is not None or listener.address.startswith(("/", "@")):
        return listener.address
    path = os.path.join(processes.working_directory(pid) or "", listener.address)
    return path if os.path.exists(path) else listener.address


@probe("sockets.at", kind="sockets", facts=Listening)
def at(*, server: Server, table: Table, addresses: list[str] | None = None) -> Sighting:
    """What the table says of one server's address.

    A name stands for `addresses`, which the proxy's own resolver gives, else for what the system
    says.
    """
    if server.path is not None:
        return _at_path(server.path, table)
    if server.host is None or server.port is None:
        return Sighting(status="unparsed", reason=f"{server.name} names no address and port")
    command = f"ss -ltnp {shlex.quote(f'sport = :{server.port}')}"
    addresses = addresses or resolve(server.host)
    if addresses is None:
        return Sighting(
            status="unreadable",
            facts=Listening(),
            reason=f"the system gives no address for {server.host}",
            remedy=f"getent ahosts {shlex.quote(server.host)}",
            command=command,
        )
    local = _any(is_local(address) for address in addresses)
    if local is False:
        return Sighting(
            status="unreadable",
            facts=Listening(local=False, addresses=addresses),
            reading=f"{server.name} is on another host",
            reason=f"{addresses[0]} is not an address of this host",
            remedy=f"on {addresses[0]}: {command}",
            command=command,
        )
    facts = _at_port(addresses, server.port, table, local)
    return Sighting(
        status="present" if facts.listens else "absent",
        facts=facts,
        reading=_reading(server, facts),
        raw="\n".join(_line(one) for one in table.listeners if one.port == server.port),
        command=command,
    )


def _at_port(addresses: list[str], port: int, table: Table, local: bool | None) -> Listening:
    on_port = [one for one in table.listeners if one.port == port]
    taken = {address: _any(takes(one, address) for one in on_port) for address in addresses}
    takers = [one for one in on_port if any(takes(one, address) for address in addresses)]
    others = [one for one in on_port if one not in takers]
    families = {"ipv6" if ":" in address else "ipv4" for address in addresses}
    listens = True if takers else _any(taken.values())
    across = _across(addresses, others) if listens is False and len(families) == 1 else []
    owner = _owned_first(takers or others)
    taker = _fullest(takers)
    return Listening(
        listens=listens,
        on_port=bool(on_port),
        elsewhere=list(dict.fromkeys(one.where() for one in others)),
        other_family=bool(across) if listens is not None else None,
        same_loopback_other_family=any(
            _loopback(address) and any(takes(one, other) for one in across)
            for address in addresses
            for other in _loopbacks(address)
        ),
        owner_pid=_main_pid(owner),
        owner=owner.process if owner else None,
        owner_hidden=bool(owner and not owner.pids and table.owners_hidden),
        queue=taker.queue if taker else None,
        backlog=taker.backlog if taker else None,
        queue_full=_full(taker),
        local=local,
        addresses=addresses,
        not_taken=[address for address, by in taken.items() if by is False],
    )


def _at_path(path: str, table: Table) -> Sighting:
    listener = next((one for one in table.unix if same_path(one, path)), None)
    facts = Listening(
        listens=listener is not None,
        on_port=None,
        owner_pid=_main_pid(listener),
        owner=listener.process if listener else None,
        owner_hidden=bool(listener and not listener.pids and table.owners_hidden),
        queue=listener.queue if listener else None,
        backlog=listener.backlog if listener else None,
        queue_full=_full(listener),
        similar_paths=[] if listener else similar_paths(path, table.unix),
        local=True,
    )
    by = f" by {facts.owner}" if facts.owner else ""
    return Sighting(
        status="present" if listener else "absent",
        facts=facts,
        reading=f"listened on{by}" if listener else f"nothing listens on {path}",
        raw=_line(listener) if listener else "",
        command=f"ss -lxnp | grep -F {shlex.quote(os.path.basename(path))}",
    )


def _reading(server: Server, facts: Listening) -> str:
    if facts.listens:
        by = f"{facts.owner or 'a process'} listens on {server.name}"
        return f"{by}, accept queue full ({facts.queue})" if facts.queue_full else by
    if facts.elsewhere:
        return f"nothing on {server.name}, but on {', '.join(facts.elsewhere[:2])}"
    return f"nothing listens on {server.name}"


def _line(listener: Listener) -> str:
    by = ", ".join(f"pid={pid}" for pid in listener.pids[:8]) or "owner hidden"
    process = f"{listener.process} " if listener.process else ""
    return f"LISTEN {listener.queue} {listener.backlog} {listener.where()} {process}({by})"


def _across(addresses: list[str], others: list[Listener]) -> list[Listener]:
    """Listeners of the other family that take what stands there for the same host."""
    return [
        one
        for one in others
        if one.family != ("ipv6" if ":" in addresses[0] else "ipv4")
        and any(_same_host(one, address) for address in addresses)
    ]


def _same_host(listener: Listener, address: str) -> bool:
    """Any address of this host is the same host as a local one, but loopback is only loopback."""
    if any(takes(listener, other) for other in _loopbacks(address)):
        return True
    return not _loopback(address) and listener.address not in ("127.0.0.1", "::1")


def _loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def _loopbacks(address: str) -> tuple[str, ...]:
    """The loopback address of the other family."""
    return ("127.0.0.1",) if ":" in address else ("::1",)


def _owned_first(listeners: list[Listener]) -> Listener | None:
    return next((one for one in listeners if one.pids), listeners[0] if listeners else None)


def _fullest(listeners: list[Listener]) -> Listener | None:
    return max(listeners, key=lambda one: (bool(_full(one)), one.queue or 0), default=None)


def _full(listener: Listener | None) -> bool | None:
    if listener is None or listener.queue is None or listener.backlog is None:
        return None
    return listener.queue > listener.backlog


def _main_pid(listener: Listener | None) -> int | None:
    if listener is None or not listener.pids:
        return None
    return next((pid for pid in listener.pids if pid != 1), listener.pids[0])


def _any(answers: object) -> bool | None:
    """True when one is, None when none is but one is not known."""
    known = list(answers)  # type: ignore[call-overload]
    if any(known):
        return True
    return None if None in known else False


PROBES = (table, at)
