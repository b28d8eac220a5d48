"""Local ports towards a server, counted on this machine's own tables."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.probes.loopback import serving, silent
from wizard.probes.network import ports
from wizard.probes.network.crowd import Ports, read

MAPPED, LOOPBACK = "0000000000000000FFFF00000100007F", "0" * 24 + "01000000"
HEADER = "  sl  local_address rem_address   st\n"


def test_open_connections_take_a_port_each() -> None:
    with serving(silent) as running:
        kept = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(3)]
        facts = ports(server=running.server()).facts
        for one in kept:
            one.close()
    assert isinstance(facts, Ports)
    assert (facts.taken, facts.established, facts.exhausted) == (3, 3, False)
    bounds = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert facts.range == "-".join(bounds)


def test_a_range_without_a_free_port_is_exhausted(tmp_path: Path) -> None:
    """40000 is reserved, so 40001 and 40002 are all there is; one of them is in TIME-WAIT."""
    settings = tmp_path / "sys/net/ipv4"
    settings.mkdir(parents=True)
    (settings / "ip_local_port_range").write_text("40000\t40002\n")
    (settings / "ip_local_reserved_ports").write_text("40000\n")
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text(
        HEADER
        + "   0: 0100007F:9C41 0100007F:0BB8 01 00\n"
        + "   1: 0100007F:9C42 0100007F:0BB8 06 00\n"
        + "   2: 0100007F:0BB8 0100007F:9C41 01 00\n"
        + "   3: 0100007F:9C41 0100007F:0FA0 01 00\n"
    )
    facts = read(tmp_path, "127.0.0.1", 3000)
    assert (facts.taken, facts.available, facts.exhausted) == (2, 2, True)
    assert (facts.established, facts.time_wait) == (1, 1)


def test_addresses_of_both_families_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "sys/net/ipv4").mkdir(parents=True)
    (tmp_path / "sys/net/ipv4/ip_local_port_range").write_text("32768\t60999\n")
    (tmp_path / "net/tcp6").write_text(
        HEADER
        + f"   0: {MAPPED}:9C41 {MAPPED}:0BB8 01 00\n"
        + f"   1: {LOOPBACK}:9C42 {LOOPBACK}:0BB8 01 00\n"
    )
    assert read(tmp_path, "127.0.0.1", 3000).taken == 1
    assert read(tmp_path, "::1", 3000).taken == 1
