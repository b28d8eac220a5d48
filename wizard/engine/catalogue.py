"""Every probe there is, by name: the one place where a new module is listed."""

from __future__ import annotations

from wizard.fixes import looks as fixes
from wizard.probes import (
    announce,
    client_pairs,
    dns,
    files,
    firewall,
    host,
    http,
    idle,
    network,
    resources,
    security,
    sockets,
    starvation,
    tcp,
    temporary,
    tls,
    variants,
    websocket,
)
from wizard.probes.declare import Probe
from wizard.proxies import looks as proxies
from wizard.runtimes import looks as runtimes

_MODULES = (
    *(http, variants, websocket, idle, announce, tcp, tls, client_pairs, dns),
    *(sockets, network, firewall, files, temporary, resources, starvation, security),
    host,
    *(proxies, runtimes, fixes),
)


def probes() -> dict[str, Probe]:
    """The declared probes of every module, by name."""
    return {probe.name: probe for module in _MODULES for probe in module.PROBES}
