"""Names through the system and through real, tiny name servers on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset
import pytest

from tests.probes.loopback import at, route
from wizard.model.route import Server
from wizard.probes.dns import Name, resolve

NAMED = Server(name="app.invalid:80", host="app.invalid", port=80, is_name=True)


@contextmanager
def name_server(behaviour: str) -> Iterator[str]:
    """A name server that knows one thing to say: addresses, an error code, or nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, client = opened.recvfrom(4096)
                if data == b"end":
                    return
                reply = _reply(dns.message.from_wire(data), behaviour)
                if reply is not None:
                    opened.sendto(reply.to_wire(), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{opened.getsockname()[1]}"
        opened.sendto(b"end", opened.getsockname())
        thread.join(5)


def _reply(query: dns.message.Message, behaviour: str) -> dns.message.Message | None:
    if behaviour == "silence":
        return None
    reply = dns.message.make_response(query)
    if behaviour in ("NXDOMAIN", "SERVFAIL", "REFUSED"):
        reply.set_rcode(dns.rcode.from_text(behaviour))
        return reply
    question = query.question[0]
    records = {"A": "10.0.0.5", "AAAA": "fd00::5"}
    kind = question.rdtype.name
    if behaviour == kind or behaviour == "both":
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, records[kind]))
    return reply


def named(server: Server, *resolvers: str, timeout: float = 2.0) -> Name:
    sighting = resolve(server=server, route=route(resolver=list(resolvers)), timeout=timeout)
    assert isinstance(sighting.facts, Name)
    assert sighting.reading
    return sighting.facts


class TestTheSystem:
    def test_a_literal_needs_no_resolving(self) -> None:
        facts = named(at(80))
        assert (facts.outcome, facts.addresses, facts.families) == (
            "literal", ["127.0.0.1"], ["ipv4"],
        )  # fmt: skip
        assert named(at(80, host="::1")).families == ["ipv6"]

    def test_a_unix_socket_has_no_name(self) -> None:
        facts = named(Server(name="unix:/run/app.sock", path="/run/app.sock"))
        assert (facts.outcome, facts.name, facts.addresses) == ("literal", None, [])

    def test_a_name_of_the_hosts_file(self) -> None:
        facts = named(Server(name="localhost:80", host="localhost", port=80, is_name=True))
        assert facts.outcome == "resolved"
        assert "127.0.0.1" in facts.addresses
        assert "ipv4" in facts.families
        assert facts.resolver_outcome is None

    def test_a_name_that_does_not_exist(self) -> None:
        facts = named(NAMED)
        assert facts.outcome in ("not-found", "failed")
        assert facts.addresses == []

    @pytest.mark.parametrize("host", ["a..b", "x" * 70, "é" * 70, "-"])
    def test_a_name_that_cannot_be_one(self, host: str) -> None:
        facts = named(Server(name=host, host=host, is_name=True))
        assert facts.outcome in ("not-found", "failed")


class TestTheProxysOwnResolver:
    def test_its_addresses_are_used_where_the_pass_has_a_variable(self) -> None:
        with name_server("both") as resolver:
            asks = route(resolver=[resolver], pass_has_variable=True)
            facts = resolve(server=NAMED, route=asks, timeout=2.0).facts
            loaded = resolve(server=NAMED, route=route(resolver=[resolver]), timeout=2.0).facts
        assert isinstance(facts, Name)
        assert isinstance(loaded, Name)
        assert sorted(facts.used or []) == ["10.0.0.5", "fd00::5"]
        assert loaded.used is None

    @pytest.mark.parametrize(
        ("behaviour", "outcome"),
        [
            ("NXDOMAIN", "not-found"),
            ("SERVFAIL", "failed"),
            ("REFUSED", "refused"),
            ("nothing known", "not-found"),
            ("silence", "timed-out"),
        ],
    )
    def test_no_address_is_told_apart(self, behaviour: str, outcome: str) -> None:
        with name_server(behaviour) as resolver:
            facts = named(NAMED, resolver, timeout=0.3)
        assert (facts.resolver_outcome, facts.resolver_addresses) == (outcome, [])
        assert facts.resolver_asked == [resolver]
        assert facts.resolver_failed[0].startswith(resolver)

    @pytest.mark.parametrize("behaviour", ["A", "AAAA", "both"])
    def test_addresses(self, behaviour: str) -> None:
        with name_server(behaviour) as resolver:
            facts = named(NAMED, resolver, "valid=10s")
        expected = {"A": ["10.0.0.5"], "AAAA": ["fd00::5"], "both": ["10.0.0.5", "fd00::5"]}
        assert facts.resolver_outcome == "resolved"
        assert sorted(facts.resolver_addresses) == expected[behaviour]
        assert facts.resolver_failed == []

    def test_ipv6_can_be_off(self) -> None:
        with name_server("both") as resolver:
            facts = named(NAMED, resolver, "ipv6=off")
        assert facts.resolver_addresses == ["10.0.0.5"]

    def test_one_of_two_fails(self) -> None:
        with name_server("both") as good, name_server("SERVFAIL") as bad:
            facts = named(NAMED, bad, good)
        assert facts.resolver_outcome == "resolved"
        assert facts.resolver_asked == [bad, good]
        assert facts.resolver_failed == [f"{bad} SERVFAIL"]

    def test_nothing_listens_at_the_resolver(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
            opened.bind(("127.0.0.1", 0))
            resolver = f"127.0.0.1:{opened.getsockname()[1]}"
        facts = named(NAMED, resolver)
        assert facts.resolver_outcome == "failed"
        assert facts.resolver_failed == [f"{resolver} nothing listens there"]
