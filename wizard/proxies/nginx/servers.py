"""Which server block answers: nginx's order of exact name, wildcards, expressions, default."""

from __future__ import annotations

import msgspec

from wizard.proxies.nginx.listening import Listen, VirtualHost, taking
from wizard.proxies.nginx.regexes import pattern


class Chosen(msgspec.Struct, frozen=True):
    """The server block that answers, and through which listener."""

    host: VirtualHost
    listen: Listen
    tls: bool
    is_default: bool
    """No name matched."""
    captures: dict[str, str]
    undecided: tuple[str, ...] = ()
    """Names that this program could not match as nginx would."""
    default: VirtualHost | None = None
    """Whose settings hold on the listener until a request's name is known."""
    near: VirtualHost | None = None
    """Where no name matched: the one server that has the name with, or without, `www.`."""


def choose(
    hosts: list[VirtualHost], addresses: list[str | None], port: int, name: str, own_name: str
) -> Chosen | None:
    """The server block for a host name asked at a port of the first address that is listened on.

    `own_name` is what `$hostname` in a server_name stands for.
    """
    every = [listen for host in hosts for listen in host.listens if listen.port == port]
    for address in addresses:
        taken = taking(every, address, port)
        if taken is not None:
            return _named(hosts, taken, name, own_name)
    return None


def _named(hosts: list[VirtualHost], taken: Listen, name: str, own_name: str) -> Chosen:
    candidates: list[VirtualHost] = []
    default: VirtualHost | None = None
    tls = False
    for host in hosts:
        for listen in host.listens:
            if (listen.address, listen.port) == (taken.address, taken.port):
                candidates.append(host)
                tls = tls or listen.tls or host.tls_on
                if listen.default and default is None:
                    default = host
                break
    found, captures, undecided = _match(candidates, name, own_name)
    host = found or default or candidates[0]
    near = _near(candidates, name) if found is None else None
    first = default or candidates[0]
    return Chosen(host, taken, tls, found is None, captures, tuple(undecided), first, near)


def _near(candidates: list[VirtualHost], name: str) -> VirtualHost | None:
    other = name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
    found = [host for host in candidates if other in (each.lower() for each in host.names)]
    return found[0] if len(found) == 1 else None


def _match(
    hosts: list[VirtualHost], name: str, own_name: str
) -> tuple[VirtualHost | None, dict[str, str], list[str]]:
    table = _Names()
    for host in hosts:
        for written in host.names or ("",):
            if written.startswith("~"):
                table.expressions.append((written[1:], host))
            else:
                table.add(own_name.lower() if written == "$hostname" else written.lower(), host)
    found = table.find(name)
    return (found, {}, []) if found else _by_expression(table.expressions, name)


class _Names:
    """The names of one listener; nginx ignores a later name that conflicts with an earlier one.

    `.x` conflicts with `x` and with `*.x`, and is then ignored as a whole (nginx warns of it).
    """

    def __init__(self) -> None:
        self.expressions: list[tuple[str, VirtualHost]] = []
        self._taken: set[str] = set()
        self._exact: dict[str, VirtualHost] = {}
        self._leading: dict[str, tuple[VirtualHost, bool]] = {}
        self._trailing: dict[str, VirtualHost] = {}

    def add(self, name: str, host: VirtualHost) -> None:
        if name.startswith((".", "*.")):
            bare = name.lstrip("*")[1:]
            with_itself = name.startswith(".")
            if with_itself and bare in self._taken:
                return
            if with_itself:
                self._taken.add(bare)
            self._leading.setdefault(bare, (host, with_itself))
        elif name.endswith(".*"):
            self._trailing.setdefault(name[:-2], host)
        elif name not in self._taken:
            self._taken.add(name)
            self._exact[name] = host

    def find(self, name: str) -> VirtualHost | None:
        if name in self._exact:
            return self._exact[name]
        labels = name.split(".")
        for cut in range(len(labels)):
            found = self._leading.get(".".join(labels[cut:]))
            if found and (cut > 0 or found[1]):
                return found[0]
        for cut in range(len(labels) - 1, 0, -1):
            trailing = self._trailing.get(".".join(labels[:cut]))
            if trailing:
                return trailing
        return None


def _by_expression(
    expressions: list[tuple[str, VirtualHost]], name: str
) -> tuple[VirtualHost | None, dict[str, str], list[str]]:
    undecided = []
    for written, host in expressions:
        # nginx compares names in lower case and compiles these expressions caseless when needed.
        compiled = pattern(written, True)
        if compiled is None:
            undecided.append(f"server_name ~{written}")
            continue
        found = compiled.search(name)
        if found:
            captures = {key: value or "" for key, value in found.groupdict().items()}
            numbered = {str(n): value or "" for n, value in enumerate(found.groups(), 1)}
            return host, {**captures, **numbered}, undecided
    return None, {}, undecided
