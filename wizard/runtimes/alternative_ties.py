"""Listeners that may be a backend under another address, each with what ties it to the route."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from wizard.model.route import Route, Server
from wizard.probes import processes
from wizard.probes.http import Candidate
from wizard.probes.sockets import Listener, Table
from wizard.probes.sockets.addresses import resolve, same_path, takes
from wizard.proxies.adapters import ADAPTERS
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.passed_to import upstream_addresses
from wizard.runtimes.facts import Owner
from wizard.runtimes.mentions import Aim
from wizard.runtimes.systemd import cgroups, journal_listens

EXPECTED, SAME_PORT, NAMED, LEFT_OVER = 0, 1, 2, 3
"""What ties a listener to the route, the strongest first; the last is no tie at all."""

_DAEMONS = frozenset(
    {"sshd", "systemd", "systemd-resolve", "systemd-resolved", "systemd-journal", "systemd-network",
     "postgres", "postmaster", "mysqld", "mariadbd", "redis-server", "valkey-server", "memcached",
     "mongod", "beam.smp", "epmd", "exim4", "exim", "master", "dovecot", "cupsd", "chronyd", "ntpd",
     "dnsmasq", "named", "unbound", "dockerd", "containerd", "rpcbind", "rpc.statd", "smbd", "nmbd",
     "snmpd", "avahi-daemon", "dbus-daemon", "init", "slapd", "node_exporter", "prometheus",
     "zabbix_agentd", "telegraf", "filebeat", "rsyslogd", "nginx", "haproxy", "apache2", "httpd",
     "caddy", "envoy", "traefik", "varnishd", "squid", "etcd", "consul", "kubelet", "kube-proxy",
     "xrdp", "Xorg", "cloudflared", "tailscaled", "polkitd", "snapd", "multipathd"}
)  # fmt: skip
_DAEMON_UNITS = frozenset(
    {
        "ssh",
        "cups",
        "chrony",
        "postgresql",
        "mysql",
        "mariadb",
        "redis",
        "mongodb",
        "docker",
        "cron",
    }
)
_SYSTEM_PATHS = re.compile(
    r"^(?:@|/run/(?:systemd|dbus|udev|snapd|docker|containerd|user|lvm|postgresql|mysqld|redis|avahi|cups|lock|"
    r"acpid|uuidd|fail2ban|multipath|NetworkManager|irqbalance|rpcbind|apport|crash|dmeventd)|/tmp/\.|"
    r"/var/lib/(?:mysql|docker|lxd)|/var/spool|/var/run/docker|/tmp/ssh-|/tmp/tmux|/tmp/vscode)|docker\.sock|agent\."
)
_COMMON_WORDS = frozenset(
    {"example", "local", "localhost", "localdomain", "backend", "backends", "upstream", "service",
     "services", "server", "servers", "http", "https", "python", "python3", "node", "java", "ruby",
     "proxy", "default", "main", "site", "sites", "html", "prod", "production", "staging", "test",
     "internal", "public", "home", "apps", "application", "wsgi", "gunicorn", "uvicorn", "port",
     "bind", "host", "unix", "sock", "socket", "user", "users", "data", "config", "index", "static"}
)  # fmt: skip


class Tied(msgspec.Struct, frozen=True):
    """A listener that may be the backend, and why."""

    listener: Listener
    candidate: Candidate
    rank: int
    why: str


def tied_listeners(
    server: Server, route: Route, table: Table, owner: Owner, instance: Instance
) -> list[Tied]:
    """The listeners that no route of the proxy uses and no daemon owns, the best tied first."""
    used = _used(instance)
    words = _words_of(server, route)
    found = []
    for listener in (*table.listeners, *table.unix):
        if (
            _is_it(listener, server)
            or _is_passed_to(listener, used)
            or _is_daemon(listener, instance)
        ):
            continue
        pid = next((pid for pid in listener.pids if pid != 1), None)
        unit = cgroups.unit_of((processes.cgroup(pid) if pid else None) or listener.cgroup)
        rank, why = _tie(listener, unit, pid, server, owner, words)
        candidate = Candidate(
            address=listener.address, port=listener.port, pid=pid, process=listener.process,
            unit=unit, why=why,
        )  # fmt: skip
        found.append(Tied(listener, candidate, rank, why))
    # The same program on both families, or on several interfaces, is asked once.
    best: dict[Any, Tied] = {}
    for one in sorted(
        found, key=lambda tied: (tied.rank, _family_order(tied.listener), tied.listener.where())
    ):
        key = (one.listener.port or one.listener.address, one.candidate.unit or one.candidate.pid)
        best.setdefault(key, one)
    tied = _with_history(list(best.values()), server)
    return sorted(tied, key=lambda one: (one.rank, _privileged(one.listener)))


def _with_history(tied: list[Tied], server: Server) -> list[Tied]:
    """What a unit listened on before ties it as well as its name does."""
    if any(one.rank < NAMED for one in tied):
        return tied
    units = [one.candidate.unit for one in tied if one.rank == LEFT_OVER and one.candidate.unit]
    said = journal_listens.ever_said(Aim(port=server.port, path=server.path), units)
    return [_by_history(one, said.get(one.candidate.unit or "")) for one in tied]


def _by_history(tied: Tied, line: str | None) -> Tied:
    if line is None:
        return tied
    why = f'it is {tied.candidate.unit}, whose journal says "{line}"'
    candidate = msgspec.structs.replace(tied.candidate, why=why)
    return Tied(tied.listener, candidate, NAMED, why)


def _tie(
    listener: Listener,
    unit: str | None,
    pid: int | None,
    server: Server,
    owner: Owner,
    words: set[str],
) -> tuple[int, str]:
    expected = owner.unit if owner.found and owner.listening is False else None
    if expected and unit == expected:
        return EXPECTED, f"it is {unit}, which should listen on {server.name}"
    if (
        owner.found
        and owner.listening is False
        and owner.pid is not None
        and owner.pid in listener.pids
    ):
        return EXPECTED, f"it is the process that should listen on {server.name}"
    stranger = bool(expected and owner.certain)
    if listener.port is not None and listener.port == server.port and not stranger:
        return SAME_PORT, f"it has the same port, on {listener.where()}"
    shared = sorted(words & _names_of(listener, unit, pid), key=len, reverse=True)
    if shared and not stranger:
        what = unit or listener.process or listener.address
        return NAMED, f"it is {what}, which shares the name {shared[0]} with the route"
    return LEFT_OVER, "it is a listener that no route of the proxy uses"


def _words_of(server: Server, route: Route) -> set[str]:
    names = [route.upstream or "", route.location or "", *route.server_names, server.path or ""]
    if server.is_name and server.host != "localhost":
        names.append(server.host or "")
    return _tokens(" ".join(names))


def _names_of(listener: Listener, unit: str | None, pid: int | None) -> set[str]:
    command = " ".join(processes.command(pid)) if pid else ""
    folder = (processes.working_directory(pid) if pid else None) or ""
    path = listener.address if listener.port is None else ""
    return _tokens(" ".join((unit or "", listener.process or "", command, folder, path)))


def _tokens(text: str) -> set[str]:
    words = {word.lower() for word in re.split(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", text)}
    return {word for word in words if len(word) >= 4 and not word.isdigit()} - _COMMON_WORDS


def _is_it(listener: Listener, server: Server) -> bool:
    """It takes what the proxy sends: no alternative."""
    if server.path is not None:
        return listener.port is None and same_path(listener, server.path)
    if listener.port is None or listener.port != server.port or server.host is None:
        return False
    return any(takes(listener, address) for address in resolve(server.host, 1.0) or [])


def _used(instance: Instance) -> list[tuple[str, int | str]]:
    """Host and port, or `unix` and path, of everything that a proxy of this host passes to."""
    used: list[tuple[str, int | str]] = []
    others = [other for adapter in ADAPTERS for other in adapter.find() if other.running]
    addresses = {address for each in (instance, *others) for address in upstream_addresses(each)}
    for address in sorted(addresses):
        if address.startswith("unix:"):
            used.append(("unix", address.removeprefix("unix:")))
            continue
        host, _, port = address.rpartition(":")
        if port.isdigit() and "$" not in host:
            used.append((host.strip("[]"), int(port)))
    return used


def _is_passed_to(listener: Listener, used: Sequence[tuple[str, int | str]]) -> bool:
    if listener.port is None:
        return any(host == "unix" and same_path(listener, str(path)) for host, path in used)
    hosts = [host for host, port in used if port == listener.port]
    return any(takes(listener, address) for host in hosts for address in resolve(host, 0.5) or [])


def _is_daemon(listener: Listener, instance: Instance) -> bool:
    if set(listener.pids) & {instance.pid, *instance.worker_pids}:
        return True
    if not listener.pids and listener.where().replace("*:", "[::]:") in instance.listens:
        return True
    if listener.port is None and _SYSTEM_PATHS.search(listener.address):
        return True
    unit = cgroups.unit_of(listener.cgroup) or ""
    name = unit.removesuffix(".service").partition("@")[0]
    names = {listener.process or "", name, "" if listener.cgroup != "/init.scope" else "init"}
    return bool(names & _DAEMONS) or name in _DAEMON_UNITS


def _family_order(listener: Listener) -> int:
    return {"ipv4": 0, "ipv6": 1, "unix": 2}[listener.family]


def _privileged(listener: Listener) -> bool:
    return (listener.port or 65_536) < 1024
