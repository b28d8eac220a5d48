"""What an application needs and cannot reach: named by its own words, tried by a connection."""

from __future__ import annotations

import os
import re

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import one_line
from wizard.probes import sockets, tcp
from wizard.probes.sockets import Listening, Table
from wizard.probes.tcp import Dial
from wizard.runtimes import ownership
from wizard.runtimes.applications.facts import ApplicationLog, Dependency
from wizard.runtimes.facts import Owner

_HOST = r"(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+)"
_NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:server )?on socket [\"'](?P<path>/[^\"']+)[\"']",
        r"through socket '(?P<path>/[^']+)'|dial unix (?P<path2>/\S+?):|ENOENT (?P<path3>/\S+)",
        r"connect E\w+ (?P<six>[0-9a-fA-F]*:[0-9a-fA-F:]+):(?P<port>\d+)(?:\s|$)",
        rf"server at \"{_HOST}\"(?: \([^)]*\))?, port (?P<port>\d+)",
        rf"host \"{_HOST}\".{{0,60}}port (?P<port>\d+)",
        rf"MySQL server on '{_HOST}(?::(?P<port>\d+))?'",
        rf"host='{_HOST}', port=(?P<port>\d+)",
        rf"getaddrinfo E\w+ {_HOST}(?::(?P<port>\d+))?",
        rf"(?:connect E\w+|[Cc]onnecting to|dial tcp|[Cc]onnection to) {_HOST}:(?P<port>\d+)",
    )
)
_SERVICES = {
    5432: "PostgreSQL", 6432: "PgBouncer", 3306: "MySQL", 6379: "Redis", 27017: "MongoDB",
    11211: "memcached", 5672: "RabbitMQ", 9200: "Elasticsearch", 9092: "Kafka", 1433: "SQL Server",
    1521: "Oracle", 25: "SMTP", 389: "LDAP", 2181: "ZooKeeper", 8500: "Consul", 9042: "Cassandra",
}  # fmt: skip
_DEFAULT_PORTS = {"MySQL server on": 3306}
_SECONDS = 2.0


def of(log: ApplicationLog, table: Table) -> Sighting:
    """Whether what the application complains about can be reached now."""
    line = log.lines.get("dependency-failed")
    if line is None:
        reading = "it names nothing that it cannot reach"
        return Sighting(status="absent", facts=Dependency(), reading=reading)
    server = named_in(line)
    if server is None:
        return Sighting(
            status="unparsed", facts=Dependency(), reading=line,
            reason="its words name no address",
        )  # fmt: skip
    tried = tcp.connect(server=server, timeout=_SECONDS)
    dial = tried.facts if isinstance(tried.facts, Dial) else Dial()
    owner = _owner(server, table)
    facts = Dependency(
        address=server.path or server.name,
        service=_SERVICES.get(server.port or 0),
        outcome=dial.outcome,
        failing=None if dial.outcome is None else dial.outcome not in ("connected", "mixed"),
        error=dial.error,
        unit=owner.unit,
        unit_active=owner.active,
    )
    return Sighting(
        status="present", facts=facts, reading=one_line(_reading(facts), 80),
        raw=f"{line}\n{tried.raw}", command=tried.command,
    )  # fmt: skip


def named_in(line: str) -> Server | None:
    """The address that a complaint names."""
    for pattern in _NAMED:
        match = pattern.search(line)
        if match is None:
            continue
        found = match.groupdict()
        path = found.get("path") or found.get("path2") or found.get("path3")
        if path:
            path = os.path.normpath(path)
            return Server(name=f"unix:{path}", path=path, local=True)
        port = found.get("port") or next(
            (str(usual) for words, usual in _DEFAULT_PORTS.items() if words in line), None
        )
        host = (found.get("six") or found.get("host") or "").strip("[]")
        if host and port:
            shown = f"[{host}]" if ":" in host else host
            is_name = not re.fullmatch(r"[\d.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]+", host)
            return Server(name=f"{shown}:{port}", host=host, port=int(port), is_name=is_name)
    return None


def _owner(server: Server, table: Table) -> Owner:
    """The unit on this host that has the address, or that should."""
    at = sockets.at(server=server, table=table).facts
    if not isinstance(at, Listening) or at.local is not True:
        return Owner()
    owner = ownership.of(server, table, at).facts
    return owner if isinstance(owner, Owner) and owner.certain else Owner()


def _reading(facts: Dependency) -> str:
    what = f"{facts.service} at {facts.address}" if facts.service else facts.address
    by = f", {facts.unit} is {facts.unit_active}" if facts.unit else ""
    return f"{what}: {facts.outcome}{by}"
