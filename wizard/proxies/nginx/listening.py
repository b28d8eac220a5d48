"""What `listen` directives mean, and which listener takes a connection to an address."""

from __future__ import annotations

import functools
import ipaddress
import re

import msgspec

from wizard.proxies.nginx.config import Configuration, unescaped
from wizard.proxies.nginx.reading import Statement

IPV4_ANY = "0.0.0.0"  # noqa: S104 - compared with, never bound
IPV6_ANY = "::"


class Listen(msgspec.Struct, frozen=True):
    """One address that a server block listens on."""

    address: str
    """`0.0.0.0`, `127.0.0.1`, `::`, a path for a unix socket; a name when it is written as one."""
    port: int | None
    tls: bool = False
    default: bool = False
    only_ipv6: bool = True
    parameters: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """`0.0.0.0:80`, `[::]:443`, `unix:/run/nginx.sock`."""
        if self.port is None:
            return f"unix:{self.address}"
        return f"[{self.address}]:{self.port}" if ":" in self.address else self._plain

    @property
    def _plain(self) -> str:
        return f"{self.address}:{self.port}"


class VirtualHost(msgspec.Struct, frozen=True):
    """A server block with what decides whether a request is its own."""

    statement: Statement
    file: str
    listens: tuple[Listen, ...]
    names: tuple[str, ...]
    tls_on: bool = False


@functools.lru_cache(maxsize=4)
def virtual_hosts(configuration: Configuration, default_port: int) -> list[VirtualHost]:
    """All server blocks of `http`, in order, in one pass over the raw statements.

    `default_port` is what a server without `listen` gets: 80 for a root's nginx, else 8000.
    """
    http = configuration.http
    if http is None:
        return []
    fallback = (Listen(IPV4_ANY, default_port),)
    hosts = []
    for statement, file in http.raw_of("server"):
        listens: list[Listen] = []
        names: list[str] = []
        tls_on = False
        for child in http.raw_inside(statement, file):
            name = child["directive"]
            if name == "listen" and child["args"]:
                listens.extend(listen(tuple(unescaped(child["args"]))))
            elif name == "server_name":
                names.extend(unescaped(child["args"]))
            elif name == "ssl" and child["args"] == ["on"]:
                tls_on = True
        hosts.append(VirtualHost(statement, file, tuple(listens) or fallback, tuple(names), tls_on))
    return hosts


@functools.lru_cache(maxsize=1024)
def listen(words: tuple[str, ...]) -> tuple[Listen, ...]:
    """What one `listen` directive opens; several where a port range is given.

    Kept, because thousands of virtual hosts share a few addresses.
    """
    where, parameters = words[0], words[1:]
    tls = "ssl" in parameters or "quic" in parameters
    default = "default_server" in parameters or "default" in parameters
    if where.startswith("unix:"):
        return (Listen(where[5:], None, tls, default, parameters=parameters),)
    only_ipv6 = "ipv6only=off" not in parameters
    address, ports = _address(where)
    return tuple(Listen(address, port, tls, default, only_ipv6, parameters) for port in ports)


def _address(where: str) -> tuple[str, list[int]]:
    if re.fullmatch(r"\d+(-\d+)?", where):
        return IPV4_ANY, _ports(where)
    bracketed = re.fullmatch(r"\[([^]]+)\](?::([\d-]+))?", where)
    if bracketed:
        return plain_address(bracketed.group(1)), _ports(bracketed.group(2) or "80")
    host, _, port = where.partition(":")
    return IPV4_ANY if host == "*" else plain_address(host), _ports(port or "80")


def _ports(written: str) -> list[int]:
    first, _, last = written.partition("-")
    try:
        return list(range(int(first), int(last or first) + 1))
    except ValueError:
        return [80]


def plain_address(text: str) -> str:
    """The address in its shortest writing; `localhost` as nginx resolves it; names unchanged."""
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def taking(listens: list[Listen], address: str | None, port: int) -> Listen | None:
    """The listener that nginx gives a connection to: the exact address, else the wildcard.

    With `address` unknown (a name that resolves to a load balancer, say) a wildcard is assumed.
    """
    on_port = [known for known in listens if known.port == port]
    if address is not None:
        for known in on_port:
            if known.address == address:
                return known
        wildcard = IPV6_ANY if ":" in address else IPV4_ANY
        for known in on_port:
            if known.address == wildcard:
                return known
        if wildcard == IPV4_ANY:
            for known in on_port:
                if known.address == IPV6_ANY and not known.only_ipv6:
                    return known
        return None
    for wildcard in (IPV4_ANY, IPV6_ANY):
        for known in on_port:
            if known.address == wildcard:
                return known
    return on_port[0] if on_port else None
