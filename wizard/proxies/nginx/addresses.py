"""Which addresses belong to this host, and where a URL's host name leads, without slow DNS."""

from __future__ import annotations

import functools
import ipaddress
import os
import time

from wizard.probes.sockets import addresses

_HOSTS = "/etc/hosts"
_RESOLVE_SECONDS = 0.5
_KEPT_SECONDS = 30


def is_local(host: str) -> bool | None:
    """The address belongs to this host; None for a name that the hosts file does not hold."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        known = hosts_file().get(host.lower())
        return addresses.is_local(known[0]) if known else None
    return addresses.is_local(host)


def asked_addresses(host: str) -> list[str | None]:
    """Addresses that a request for this host is sent to, as far as they are this host's own.

    Ends with None, "some address not seen here": a name may lead to a balancer in front.
    """
    try:
        return [str(addresses.target(host))]
    except ValueError:
        pass
    known = hosts_file().get(host.lower()) or _resolved(host, int(time.monotonic() / _KEPT_SECONDS))
    return [*(address for address in known if addresses.is_local(address)), None]


@functools.lru_cache(maxsize=256)
def _resolved(host: str, period: int) -> list[str]:
    """Kept for a moment: a dead DNS server is waited for once, not at each of many looks."""
    return addresses.resolve(host, _RESOLVE_SECONDS) or []


def hosts_file() -> dict[str, list[str]]:
    """Names of /etc/hosts, in lower case, with their addresses."""
    try:
        return _hosts_file(os.stat(_HOSTS).st_mtime_ns)
    except OSError:
        return {"localhost": ["127.0.0.1"]}


@functools.lru_cache(maxsize=1)
def _hosts_file(changed: int) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {"localhost": ["127.0.0.1"]}
    try:
        with open(_HOSTS, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                words = line.partition("#")[0].split()
                for name in words[1:]:
                    kept = names.setdefault(name.lower(), [])
                    if words[0] not in kept:
                        kept.append(words[0])
    except OSError:
        pass
    return names
