"""Random rule sets made of what can be judged: the verdict agrees with a real connection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.probes.firewall.arena import Echo, felt, in_namespace, look, needs_namespaces, shell
from tests.probes.firewall.cases import nft

pytestmark = [needs_namespaces, pytest.mark.slow, pytest.mark.timeout(300)]

ADDRESSES = ("127.0.0.1", "127.0.0.0/8", "127.0.0.9", "10.0.0.0/8", "0.0.0.0/0")


def maybe(values: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(["", "", *values])


iptables_matches = st.tuples(
    maybe([f"{no}-s {a}" for no in ("", "! ") for a in ADDRESSES[:4]]),
    maybe([f"{no}-d {a}" for no in ("", "! ") for a in ADDRESSES[:4]]),
    st.sampled_from(
        ["", "-p tcp", "-p udp"]
        + [f"-p tcp {no}{port}" for no in ("", "! ") for port in
           ("--dport 3000", "--sport 3000", "--dport 22", "--dport 2000:4000", "--syn",
            "--tcp-flags SYN,ACK SYN,ACK", "--tcp-flags SYN,ACK ACK")]
        + ["-p tcp -m multiport --dports 80,3000", "-p tcp -m multiport ! --ports 80,3000"]
    ),
    maybe([f"-m conntrack {no}--ctstate {s}" for no in ("", "! ")
           for s in ("NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID")]),
    maybe(["-m addrtype --dst-type LOCAL", "-m mark --mark 1", "-m mark ! --mark 1",
           "-m comment --comment 'a b'"]),
).map(" ".join)  # fmt: skip

targets = st.sampled_from(
    ["ACCEPT", "DROP", "RETURN", "LOG", "REJECT", "REJECT --reject-with tcp-reset", "one", "two"]
)


@st.composite
def iptables_rules(draw: st.DrawFn) -> str:
    program = draw(st.sampled_from(["iptables-nft", "iptables-legacy -w"]))
    lines = [f"{program} -N one", f"{program} -N two"]
    for _ in range(draw(st.integers(1, 7))):
        chain = draw(st.sampled_from(["INPUT", "OUTPUT", "INPUT", "OUTPUT", "one", "two"]))
        target = draw(targets)
        if chain in ("one", "two") and target in ("one", "two"):
            target = "RETURN"
        jump = "-g" if target in ("one", "two") and draw(st.booleans()) else "-j"
        device = {
            "INPUT": draw(maybe(["-i lo", "! -i lo", "-i eth0"])),
            "OUTPUT": draw(maybe(["-o lo", "! -o lo", "-m owner --uid-owner 33",
                                  "-m owner ! --uid-owner 33"])),
        }.get(chain, "")  # fmt: skip
        lines.append(f"{program} -A {chain} {draw(iptables_matches)} {device} {jump} {target}")
    for chain in ("INPUT", "OUTPUT"):
        if draw(st.integers(0, 3)) == 0:
            lines.append(f"{program} -P {chain} DROP")
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"{program} -t mangle -A OUTPUT -p tcp --dport 3000 -j MARK --set-mark 1")
    # What the tool refuses (a reset without -p tcp, say) is just not there.
    return "\n".join(f"{line} || true" for line in lines)


nft_matches = st.lists(
    st.sampled_from(
        ["ip saddr 127.0.0.1", "ip saddr != 127.0.0.0/8", "ip daddr { 127.0.0.1, 10.0.0.1 }",
         "ip daddr != 127.0.0.9", "ip6 daddr ::1", "ip6 saddr != ::1", "tcp dport 3000",
         "tcp dport != 3000", "tcp dport { 22, 2000-4000 }", "tcp sport 3000",
         "tcp sport != { 22, 3000 }", "udp dport 3000", "tcp dport @ports", "ct state new",
         "ct state established,related", "ct state != established", "ct state { new, untracked }",
         "meta l4proto tcp", "iifname lo", "oifname != lo", 'iifname "l*"', "oif lo",
         "tcp flags & (syn|ack) == syn", "tcp flags syn", "meta mark 0", "tcp dport > 2999",
         "meta protocol ip",
         "ip daddr . tcp dport { 127.0.0.1 . 3000 }"]
    ),
    max_size=3,
).map(" ".join)  # fmt: skip

nft_verdicts = st.sampled_from(
    ["accept", "drop", "return", "reject", "reject with tcp reset", "jump one", "goto two",
     "counter", "meta mark set 1", "tcp dport vmap { 3000 : drop, 22 : accept }",
     "ct state vmap { new : jump one, established : accept }"]
)  # fmt: skip


@st.composite
def nft_rules(draw: st.DrawFn) -> str:
    family = draw(st.sampled_from(["inet", "inet", "ip"]))
    parts = [f"table {family} t {{", "set ports {", "type inet_service", "flags interval",
             "elements = { 80, 2990-3010 }", "}"]  # fmt: skip
    for name in ("one", "two"):
        parts += [f"chain {name} {{", *_rules(draw, family, inner=True), "}"]
    for index in range(draw(st.integers(1, 3))):
        hook = draw(st.sampled_from(["input", "output"]))
        priority = draw(st.integers(-10, 10)) * 10 + index
        policy = draw(st.sampled_from(["accept", "accept", "drop"]))
        parts += [f"chain c{index} {{",
                  f"type filter hook {hook} priority {priority}; policy {policy};",
                  *_rules(draw, family, inner=False), "}"]  # fmt: skip
    return nft("\n".join([*parts, "}"]))


def _rules(draw: st.DrawFn, family: str, *, inner: bool) -> list[str]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        matches, verdict = draw(nft_matches), draw(nft_verdicts)
        if inner and any(word in verdict for word in ("jump", "goto")):
            verdict = "return"
        if "ip6" in matches and (family == "ip" or "ip " in matches):
            matches = ""
        if "udp" in matches and "tcp" in matches + verdict:
            matches = "udp dport 3000"
            verdict = "drop"
        found.append(f"{matches} {verdict}")
    return found


def agrees(rules: str) -> None:
    def work() -> None:
        with Echo((3000,), uid=65534):
            shell(rules)
            facts = look("127.0.0.1", 3000)[1]
            if facts.verdict is None:
                assert "tcp-reset" in rules or "tcp reset" in rules, (rules, facts)
                return
            assert felt("127.0.0.1", 3000) == facts.verdict, (rules, facts)

    in_namespace(work)


def all_agree(rule_sets: list[str]) -> None:
    """Side by side: most of the time they wait for a dropped packet's answer."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(agrees, rule_sets))


unhurried = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@unhurried
@given(rule_sets=st.lists(iptables_rules(), min_size=8, max_size=8))
def test_random_rules_of_iptables_are_judged_right(rule_sets: list[str]) -> None:
    all_agree(rule_sets)


@unhurried
@given(rule_sets=st.lists(nft_rules(), min_size=8, max_size=8))
def test_random_rules_of_nft_are_judged_right(rule_sets: list[str]) -> None:
    all_agree(rule_sets)
