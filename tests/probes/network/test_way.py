"""Routes and neighbours, asked in a network namespace that really has them."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

from tests.probes.firewall.arena import Peer, in_namespace, needs_namespaces, shell
from wizard.model.route import Server
from wizard.probes.network import neighbour, route, tries
from wizard.probes.network.neighbour import Neighbour
from wizard.probes.network.route import Way, refusing_route, refusing_rule
from wizard.probes.network.tries import Tries

pytestmark = needs_namespaces


def server(host: str, port: int = 3000) -> Server:
    return Server(name=f"{host}:{port}", host=host, port=port)


def way_to(host: str, user: str | None = None) -> Way:
    facts = route(server=server(host), user=user).facts
    assert isinstance(facts, Way)
    return facts


@pytest.mark.parametrize(
    ("commands", "kind", "refused_by"),
    [
        ("true", "missing", None),
        ("ip route add unreachable 10.9.0.0/16", "unreachable", "unreachable 10.9.0.0/16"),
        ("ip route add prohibit 10.9.0.2", "prohibit", "prohibit 10.9.0.2"),
        ("ip route add blackhole 10.9.0.0/24", "blackhole", "blackhole 10.9.0.0/24"),
        (
            "ip route add prohibit 10.9.0.0/24 table 7; ip rule add pref 5 lookup 7",
            "prohibit",
            "prohibit 10.9.0.0/24 table 7",
        ),
        (
            "ip rule add pref 9 to 10.9.0.0/24 blackhole",
            "blackhole",
            "rule pref 9 to 10.9.0.0/24 blackhole",
        ),
    ],
)
def test_what_refuses_an_address_is_named(commands: str, kind: str, refused_by: str | None) -> None:
    def look() -> Way:
        shell(commands)
        return way_to("10.9.0.2")

    way = in_namespace(look)
    assert (way.kind, way.refused_by) == (kind, refused_by)


def test_the_delete_command_opens_the_way_and_restore_closes_it() -> None:
    def look() -> list[Any]:
        shell("ip rule add pref 9 to 127.9.9.9 prohibit; ip rule add pref 30 lookup local")
        shell("ip rule del pref 0")
        closed = way_to("127.9.9.9")
        assert closed.delete is not None
        assert closed.restore is not None
        shell(closed.delete)
        opened = way_to("127.9.9.9")
        shell(closed.restore)
        return [closed.kind, opened.kind, way_to("127.9.9.9").kind]

    assert in_namespace(look) == ["prohibit", "local", "prohibit"]


def test_a_rule_about_one_user_is_that_users_alone() -> None:
    def look() -> tuple[Way, Way]:
        shell("ip rule add pref 30 lookup local; ip rule del pref 0")
        shell("ip rule add pref 9 uidrange 33-33 to 127.9.9.9 prohibit")
        return way_to("127.9.9.9", "33"), way_to("127.9.9.9")

    of_user, of_root = in_namespace(look)
    assert (of_user.kind, of_user.for_user, of_root.kind) == ("prohibit", "33", "local")


def test_a_rule_with_other_conditions_is_not_blamed() -> None:
    rule = {"priority": 3, "src": "all", "fwmark": "0x1", "action": "prohibit"}
    assert refusing_rule([rule], "10.0.0.1", None) is None


def test_the_most_specific_route_is_the_one_that_refuses() -> None:
    wide = {"type": "blackhole", "dst": "10.0.0.0/8"}
    narrow = {"type": "blackhole", "dst": "10.1.2.3"}
    assert refusing_route([narrow, wide], "10.1.2.3", "blackhole") == narrow
    assert refusing_route([narrow, wide], "10.9.9.9", "blackhole") == wide


def test_a_machine_that_is_there_is_a_live_neighbour_and_one_that_is_not_is_dead() -> None:
    def look() -> tuple[Neighbour, Neighbour]:
        with Peer((3000,)):
            with socket.socket() as knock:
                knock.settimeout(5)
                assert knock.connect_ex(("10.9.0.77", 3000)) == errno.EHOSTUNREACH
            found = [neighbour(way=way_to(host)).facts for host in ("10.9.0.2", "10.9.0.77")]
            assert isinstance(found[0], Neighbour)
            assert isinstance(found[1], Neighbour)
            return found[0], found[1]

    there, gone = in_namespace(look)
    assert (there.dead, there.is_gateway) == (False, False)
    assert (gone.dead, gone.state) == (True, "failed")


def test_connections_that_lost_their_first_packet_are_counted() -> None:
    def look() -> tuple[Tries, Tries]:
        with Peer((3000,)):
            well = tries(server=server("10.9.0.2")).facts
            shell(
                "iptables -A OUTPUT -p tcp --syn --dport 3000 -m statistic --mode nth "
                "--every 4 --packet 3 -j DROP"
            )
            lossy = tries(server=server("10.9.0.2")).facts
            assert isinstance(well, Tries)
            assert isinstance(lossy, Tries)
            return well, lossy

    well, lossy = in_namespace(look)
    assert (well.connected, well.lossy) == (well.tried, False)
    assert lossy.lossy is True
    assert (lossy.repeated or 0) > 2
