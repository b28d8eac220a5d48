"""A path that swallows large packets: a link that takes 600 bytes, and nobody who says so."""

from __future__ import annotations

from tests.probes.firewall.arena import in_namespace, shell
from tests.probes.loopback import answering, needs_root, serving, silent
from wizard.model.route import Route
from wizard.probes.network import segments
from wizard.probes.network.segments import Segments

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000


def looked(before: str) -> Segments:
    def look() -> Segments:
        # Segments of an ordinary link's size; the loopback's own are of 64 KB.
        shell("ip link set lo mtu 1500 gso_max_segs 1")
        shell(before)
        with serving(answering(ANSWER)) as running:
            route = Route(found=True, read_timeout=2.0, connect_timeout=1.0)
            facts = segments(server=running.server(), route=route).facts
        assert isinstance(facts, Segments)
        return facts

    found = in_namespace(look)
    assert isinstance(found, Segments)
    return found


@needs_root
def test_a_path_that_takes_every_size_is_told() -> None:
    facts = looked("true")
    assert (facts.small_outcome, facts.whole_outcome, facts.only_small) == (
        "answered", "answered", False,
    )  # fmt: skip


@needs_root
def test_a_path_that_swallows_large_packets_is_told() -> None:
    facts = looked("iptables -A OUTPUT -p tcp -m length --length 700:65535 -j DROP")
    assert (facts.small_outcome, facts.small_status) == ("answered", 200)
    assert (facts.whole_outcome, facts.only_small) == ("timed-out", True)


@needs_root
def test_a_server_that_is_silent_in_every_size_is_only_silent() -> None:
    facts = looked("iptables -A INPUT -p tcp --syn -j DROP")
    assert (facts.small_outcome, facts.only_small) == ("timed-out-connecting", False)


def test_a_backend_that_answers_every_second_request_is_not_blamed_on_the_path() -> None:
    """The first request, which timed out, was the prober's; the next one is answered."""
    with serving(answering(ANSWER), silent, answering(ANSWER), silent) as running:
        route = Route(found=True, read_timeout=1.0, connect_timeout=1.0)
        facts = segments(server=running.server(), route=route).facts
    assert isinstance(facts, Segments)
    assert (facts.only_small, facts.asked) == (False, 2)
