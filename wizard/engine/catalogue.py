"""Every probe there is, by name: the one place where a new module is listed."""

from __future__ import annotations

from wizard.probes import (
    dns,
    files,
    firewall,
    http,
    network,
    resources,
    security,
    sockets,
    tcp,
    tls,
)  # fmt: skip
from wizard.probes.declare import Probe
from wizard.proxies import looks as proxies
from wizard.runtimes import looks as runtimes

_MODULES = (
    http, tcp, tls, dns, sockets, files, resources, firewall, network, security, proxies, runtimes,
)  # fmt: skip


def probes() -> dict[str, Probe]:
    """The declared probes of every module, by name."""
    return {probe.name: probe for module in _MODULES for probe in module.PROBES}
