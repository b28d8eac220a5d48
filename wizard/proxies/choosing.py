"""Which of a host's proxies a URL concerns.

The one that holds the listening socket; else the one whose configuration says so, a running one
first; else whichever runs.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wizard.probes import processes
from wizard.probes.run import run
from wizard.probes.sockets.addresses import is_local, resolve, takes, target
from wizard.probes.sockets.facts import Listener
from wizard.probes.sockets.proc_net import read_all
from wizard.proxies.adapters import ADAPTERS, Adapter
from wizard.proxies.facts import Instance, Instances

_RESOLVE_SECONDS = 0.5
_PROPERTIES = ("Id", "LoadState", "ActiveState", "SubState", "Result", "UnitFileState",
               "StateChangeTimestampMonotonic")  # fmt: skip


class _Now(msgspec.Struct, frozen=True):
    """The socket table, as far as it can be seen."""

    listeners: list[Listener]
    taking: list[Listener] | None
    """Those that take the URL's connection; None when the table cannot be read."""
    holders: dict[int, list[int]]
    hidden: bool
    """Some processes' sockets could not be seen."""


class _Known(msgspec.Struct, frozen=True):
    """An instance with what it listens on."""

    adapter: Adapter
    instance: Instance
    holds_port: bool | None
    """It holds the listening socket; None where owners are hidden."""
    configured: bool


def instances(url: str, kind: str | None, config: str | None) -> Instances:
    """Every proxy of this host, and the one that the URL concerns."""
    host, port = _asked(url)
    found = [
        (adapter, instance)
        for adapter in ADAPTERS
        if kind in (None, adapter.KIND)
        for instance in adapter.find(config)
    ]
    addresses = _own_addresses(host)
    listeners = _listeners()
    taking = _taking(listeners, addresses, port) if listeners is not None else None
    holders, hidden = _holders(listeners or [])
    now = _Now(listeners or [], taking, holders, hidden)
    known = [_known(adapter, each, now, addresses, port) for adapter, each in found]
    owner_pids = [pid for listener in taking or [] for pid in holders.get(_inode(listener), [])]
    listens_now = None if taking is None else bool(taking)
    owner = processes.name(min(owner_pids)) if owner_pids else None
    if not known:
        return Instances(found=False, running=False, listens_now=listens_now, port_owner=owner)
    best = max(known, key=_rank)
    if taking == [] and not best.configured:
        best = _failed(known) or best
    owned = best.holds_port
    alone = sum(each.instance.running for each in known) < 2
    if listens_now and owned is None and alone and best.configured:
        owned = True
    unit = _unit_state(best.instance.unit) if best.instance.unit else {}
    return Instances(
        found=True,
        running=best.instance.running,
        instance=best.instance,
        serves=best.holds_port or best.configured,
        listens_now=listens_now,
        port_owner=owner,
        other_owner=None if owned is None or not listens_now else not owned,
        instances=[each.instance for each in known],
        unit=best.instance.unit,
        last_words=None if best.instance.running else best.adapter.last_words(best.instance),
        **unit,
    )


def _rank(known: _Known) -> tuple[bool, bool, bool]:
    return bool(known.holds_port), known.configured and known.instance.running, known.configured


def _failed(known: list[_Known]) -> _Known | None:
    """The one that did not come up: files that do not parse may hide what it would listen on."""
    for each in known:
        unit = None if each.instance.running else each.instance.unit
        if unit and _unit_state(unit).get("unit_state") == "failed":
            return each
    return None


def _known(
    adapter: Adapter, instance: Instance, now: _Now, addresses: list[str], port: int
) -> _Known:
    pids = set(adapter.pids_of(instance))
    own = {inode for inode, owners in now.holders.items() if pids.intersection(owners)}
    holds: bool | None = None
    if now.taking is not None:
        holds = any(_inode(listener) in own for listener in now.taking)
        seen = any(_inode(listener) in now.holders for listener in now.taking)
        holds = None if not holds and now.hidden and now.taking and not seen else holds
    configured = adapter.configured_listens(instance)
    held = [each for each in now.listeners if _inode(each) in own]
    return _Known(
        adapter,
        msgspec.structs.replace(instance, listens=[_shown(each) for each in held] or configured),
        holds,
        bool(_taking(_as_listeners(configured), addresses, port)),
    )


def _shown(listener: Listener) -> str:
    address = f"[{listener.address}]" if ":" in listener.address else listener.address
    return f"{address}:{listener.port}"


def _asked(url: str) -> tuple[str, int]:
    parts = urlsplit(url if "//" in url else f"http://{url}")
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _listeners() -> list[Listener] | None:
    tables = read_all()
    return None if tables is None else tables[0]


def _taking(listeners: list[Listener], addresses: list[str], port: int) -> list[Listener]:
    """Listeners that take a connection to one of the addresses; with none, any on the port."""
    on_port = [listener for listener in listeners if listener.port == port]
    for address in addresses:
        # /proc does not say whether `::` takes IPv4 as well: it does unless told otherwise.
        found = [each for each in on_port if takes(each, address) is not False]
        if found:
            return found
    return [] if addresses else on_port


def _own_addresses(host: str) -> list[str]:
    """This host's addresses that the name stands for; none when it leads to a balancer in front.

    An address written in the URL itself is taken as it is.
    """
    try:
        return [str(target(host))]
    except ValueError:
        return [each for each in resolve(host, _RESOLVE_SECONDS) or [] if is_local(each)]


def _as_listeners(configured: list[str]) -> list[Listener]:
    """`0.0.0.0:80` and the like as listeners; unix sockets and names take no address."""
    found = []
    for each in configured:
        address, _, port = each.rpartition(":")
        bare = address.strip("[]")
        try:
            target(bare)
        except ValueError:
            continue
        found.append(Listener(address=bare, port=int(port), only_ipv6=True))
    return found


def _holders(listeners: list[Listener]) -> tuple[dict[int, list[int]], bool]:
    return processes.socket_holders({_inode(each) for each in listeners if _inode(each)})


def _inode(listener: Listener) -> int:
    return listener.inode or 0


def _unit_state(unit: str) -> dict[str, Any]:
    said = run(["systemctl", "show", unit, "-p", ",".join(_PROPERTIES)], timeout=2)
    if not said.ok:
        return {}
    lines = said.out.decode("utf-8", "replace").splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    if values.get("LoadState") == "not-found":
        return {"unit_state": "not-found"}
    changed = values.get("StateChangeTimestampMonotonic", "0")
    since = int(changed) / 1e6 if changed.isdigit() else 0.0
    now = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    return {
        "unit_state": values.get("ActiveState"),
        "unit_result": values.get("Result"),
        "unit_since": now + since if since else None,
        "unit_enabled": values.get("UnitFileState") or None,
    }
