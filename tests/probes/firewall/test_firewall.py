"""firewall.verdict: its facts, its commands about a rule, and what it says when it cannot look."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.probes.firewall.arena import (
    Echo,
    Peer,
    felt,
    in_namespace,
    leave_files,
    look,
    needs_namespaces,
    shell,
)
from tests.probes.firewall.cases import nft
from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.probes import run
from wizard.probes.firewall import PROBES, Filter, verdict

SERVER = Server(name="127.0.0.1:3000", host="127.0.0.1", port=3000)


def as_nobody(work: Callable[[], Sighting]) -> dict[str, Any]:
    """What `work` sees in a child process that has given up root."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            os.write(send, msgspec.json.encode(work()))
        finally:
            os._exit(0)
    os.close(send)
    with open(receive, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    decoded = json.loads(told)
    assert isinstance(decoded, dict)
    return decoded


def test_the_probe_is_declared() -> None:
    assert [probe.name for probe in PROBES] == ["firewall.verdict"]
    assert PROBES[0].facts is Filter


def test_a_unix_socket_sends_no_packet() -> None:
    sighting = verdict(server=Server(name="unix:/run/app.sock", path="/run/app.sock"))
    assert (sighting.status, sighting.facts) == ("absent", Filter())
    assert sighting.reading == "no packet: a unix socket"


@needs_namespaces
def test_an_ordinary_user_is_told_how_to_look() -> None:
    def work() -> dict[str, Any]:
        shell("iptables -A INPUT -p tcp --dport 3000 -j DROP")
        return as_nobody(lambda: verdict(server=SERVER))

    told = in_namespace(work)
    assert told["status"] == "unreadable"
    assert told["facts"] is None
    assert told["remedy"] == "sudo iptables -L -n -v --line-numbers; sudo nft -a list ruleset"
    assert told["reason"] == "only root may read the packet filter's rules"


@needs_namespaces
def test_no_process_is_started_where_there_are_no_rules_or_no_rights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(run, "run", refuse)
    assert in_namespace(lambda: as_nobody(lambda: verdict(server=SERVER)))["status"] == "unreadable"
    assert in_namespace(lambda: look("127.0.0.1", 3000))[1].verdict == "accept"


@needs_namespaces
def test_the_rule_is_told_with_its_counter_and_commands() -> None:
    def work() -> tuple[Sighting, Filter]:
        with Echo((3000,)):
            shell("iptables -A INPUT -p tcp --dport 3000 -j DROP")
            felt("127.0.0.1", 3000)
            return look("127.0.0.1", 3000)

    sighting, facts = in_namespace(work)
    assert sighting.status == "present"
    assert facts == Filter(
        verdict="drop",
        rule="-A INPUT -p tcp -m tcp --dport 3000 -j DROP",
        delete_rule="iptables -D INPUT -p tcp -m tcp --dport 3000 -j DROP",
        restore_rule="iptables -I INPUT 1 -p tcp -m tcp --dport 3000 -j DROP",
        allow_rule="iptables -I INPUT 1 -p tcp -d 127.0.0.1 --dport 3000 -j ACCEPT",
        forbid_rule="iptables -D INPUT -p tcp -d 127.0.0.1 --dport 3000 -j ACCEPT",
        tool="iptables",
        chain="filter INPUT",
        packets=1,
        direction="in",
        address="127.0.0.1",
        root_passes=False,
    )
    assert sighting.reading == (
        "dropped by -A INPUT -p tcp -m tcp --dport 3000 -j DROP (1 packets)"
    )
    assert sighting.command == "iptables -L -n -v --line-numbers"
    assert "-A INPUT -p tcp -m tcp --dport 3000 -j DROP" in sighting.raw


@needs_namespaces
@pytest.mark.parametrize(
    ("rule", "root_passes"),
    [
        ("-m owner --uid-owner www-data -j REJECT", True),
        ("-m owner ! --uid-owner 4321 -j REJECT", False),
        ("-j REJECT", False),
    ],
)
def test_a_rule_about_the_proxys_user_alone_is_told_apart(rule: str, root_passes: bool) -> None:
    def work() -> Filter:
        shell(f"iptables -A OUTPUT -p tcp --dport 3000 {rule}")
        return look("127.0.0.1", 3000)[1]

    facts = in_namespace(work)
    assert (facts.verdict, facts.root_passes) == ("reject", root_passes)


@needs_namespaces
@pytest.mark.parametrize(
    ("rules", "verdict", "counts"),
    [
        ("-A INPUT -p tcp --syn -m connlimit --connlimit-above 3 -j REJECT", None, True),
        ("-A INPUT -m limit --limit 3/min -j LOG", "accept", False),
        ("-A INPUT -p tcp --dport 3000 -j DROP", "drop", False),
        ("-N f2b-a; iptables -A INPUT -p tcp -j f2b-a; iptables -A f2b-a -j DROP", "drop", True),
    ],
)  # fmt: skip
def test_a_rule_that_counts_and_stops_is_named(
    rules: str, verdict: str | None, counts: bool
) -> None:
    def work() -> Filter:
        shell(f"iptables {rules}")
        return look("127.0.0.1", 3000)[1]

    facts = in_namespace(work)
    assert (facts.verdict, facts.counting_rule is not None) == (verdict, counts)


@needs_namespaces
def test_a_rule_of_nft_is_told_with_its_handle() -> None:
    def work() -> tuple[Sighting, Filter]:
        shell(nft("table inet filter {\n chain input {\n type filter hook input priority 0;\n"
                  "tcp dport 3000 counter reject with tcp reset\n }\n }"))  # fmt: skip
        return look("127.0.0.1", 3000)

    sighting, facts = in_namespace(work)
    assert facts == Filter(
        verdict="reject",
        rule="tcp dport 3000 counter packets 0 bytes 0 reject with tcp reset",
        delete_rule="nft delete rule inet filter input handle 2",
        restore_rule="nft add rule inet filter input "
        "'tcp dport 3000 counter packets 0 bytes 0 reject with tcp reset'",
        allow_rule="nft insert rule inet filter input ip daddr 127.0.0.1 tcp dport 3000 accept",
        forbid_rule="sh -c 'nft delete rule inet filter input handle $(nft -a list chain inet "
        'filter input | grep -m1 -F "ip daddr 127.0.0.1 tcp dport 3000 accept # handle" | '
        """grep -o "[0-9]*$")'""",
        tool="nft",
        chain="inet filter input",
        reject_with="tcp reset",
        packets=0,
        direction="in",
        address="127.0.0.1",
        root_passes=False,
    )
    assert sighting.command == "nft -a list ruleset"


BLOCKED = {
    "iptables": "iptables -A INPUT -p tcp --dport 3000 -j DROP",
    "iptables-comment": "iptables -A INPUT -p tcp --dport 3000 -m comment --comment 'a \"b $c' "
    "-j DROP",
    "legacy": "iptables-legacy -w -A OUTPUT -p tcp --dport 3000 -j REJECT",
    "owner": "iptables -A OUTPUT -m owner --uid-owner 33 -p tcp -j REJECT",
    "mangle": "iptables -t mangle -A PREROUTING -p tcp --dport 3000 -j DROP",
    "chain": "iptables -N web\niptables -A web -j DROP\n"
    "iptables -A INPUT -p tcp --dport 3000 -j web",
    "policies": "iptables -P INPUT DROP\niptables -P OUTPUT DROP",
    "answers": "iptables -A OUTPUT -p tcp --sport 3000 -j DROP",
    "redirected": "iptables -t nat -A OUTPUT -p tcp --dport 3000 -j REDIRECT --to-ports 3001\n"
    "iptables -A INPUT -p tcp --dport 3001 -j REJECT",
    "nft": nft("table inet f {\n chain i {\n type filter hook input priority 0;\n"
               "tcp dport { 80, 3000 } drop\n }\n }"),
    "nft-policies": nft("table inet f {\n chain i {\n type filter hook input priority 0; "
                        "policy drop;\n }\n chain o {\n type filter hook output priority 0;"
                        "policy drop;\n }\n }"),
    "two-rules": "iptables -A INPUT -p tcp --dport 3000 -j DROP\n"
    + nft("table inet f {\n chain i {\n type filter hook input priority 5;\n"
          "tcp dport 3000 reject\n }\n }"),
}  # fmt: skip


def in_force() -> str:
    """All rules, without what counters have counted."""
    saved = shell("iptables-save; ip6tables-save; iptables-legacy-save 2>/dev/null || true")
    saved += shell("nft list ruleset")
    return re.sub(r"^#.*\n|\[\d+:\d+\]|packets \d+ bytes \d+", "", saved, flags=re.MULTILINE)


@needs_namespaces
@pytest.mark.parametrize("rules", BLOCKED.values(), ids=BLOCKED)
def test_the_allow_commands_let_the_connection_pass(rules: str) -> None:
    def work() -> tuple[int, str]:
        with Echo((3000, 3001), uid=65534):
            shell(rules)
            before, undone = in_force(), []
            for steps in range(6):
                facts = look("127.0.0.1", 3000)[1]
                if facts.verdict == "accept":
                    really = felt("127.0.0.1", 3000)
                    for command in reversed(undone):
                        shell(command)
                    assert in_force() == before
                    return steps, really
                assert facts.allow_rule is not None
                assert facts.forbid_rule is not None
                shell(facts.allow_rule)
                undone.append(facts.forbid_rule)
        raise AssertionError(facts)

    steps, really = in_namespace(work)
    assert steps > 0
    assert really == "accept"


@needs_namespaces
@pytest.mark.parametrize("rules", [BLOCKED[name] for name in BLOCKED if "policies" not in name])
def test_the_delete_command_takes_the_rule_away(rules: str) -> None:
    def work() -> str:
        with Echo((3000, 3001)):
            shell(rules)
            before, undone = in_force(), []
            for _ in range(3):
                facts = look("127.0.0.1", 3000)[1]
                if facts.verdict == "accept":
                    break
                assert facts.delete_rule is not None
                assert facts.restore_rule is not None
                shell(facts.delete_rule)
                undone.append(facts.restore_rule)
            really = felt("127.0.0.1", 3000)
            for command in reversed(undone):
                shell(command)
            assert in_force() == before
            return really

    assert in_namespace(work) == "accept"


@needs_namespaces
def test_the_worst_address_of_a_name_decides(tmp_path: Any) -> None:
    def work() -> Filter:
        leave_files()
        hosts = tmp_path / "hosts"
        hosts.write_text("127.0.0.1 app.test\n127.0.0.9 app.test\n::1 app.test\n")
        shell(f"mount --bind {hosts} /etc/hosts")
        shell("iptables -A INPUT -d 127.0.0.9 -p tcp -j DROP\n"
              "ip6tables -A INPUT -p tcp -j REJECT")  # fmt: skip
        return look("app.test", 3000)[1]

    facts = in_namespace(work)
    assert (facts.verdict, facts.address) == ("drop", "127.0.0.9")


@needs_namespaces
def test_a_name_without_addresses_is_unreadable() -> None:
    def work() -> Sighting:
        shell("iptables -A INPUT -j ACCEPT")
        return verdict(server=Server(name="x", host="no-such-host.invalid", port=80, is_name=True))

    sighting = in_namespace(work)
    assert sighting.status == "unreadable"
    assert "does not resolve" in sighting.reason


@needs_namespaces
def test_an_address_without_a_route_is_not_the_filters_doing() -> None:
    def work() -> Filter:
        shell("iptables -A INPUT -j ACCEPT")
        return look("10.77.0.1", 80)[1]

    facts = in_namespace(work)
    assert facts.verdict is None
    assert facts.unsure == ["no route to the address: no packet leaves"]


@needs_namespaces
def test_tables_of_nft_without_the_program_leave_the_verdict_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = run.program_path
    monkeypatch.setattr(run, "program_path", lambda name: None if name == "nft" else real(name))
    both = nft("table inet f {\n chain i {\n type filter hook input priority 0;\n }\n }")

    def work() -> list[Sighting]:
        shell(both)
        alone = verdict(server=SERVER, user="root")
        shell("iptables -A INPUT -p tcp --dport 3000 -m owner ! --socket-exists -j DROP || true\n"
              "iptables -A INPUT -p tcp --dport 3000 -j DROP")  # fmt: skip
        return [alone, verdict(server=SERVER, user="root")]

    alone, beside = in_namespace(work)
    assert alone.status == "unreadable"
    assert alone.reason == "table inet f (nft is not installed)"
    assert beside.facts.verdict == "drop"


@needs_namespaces
def test_iptables_rules_are_read_without_the_program_nft(monkeypatch: pytest.MonkeyPatch) -> None:
    real = run.program_path
    monkeypatch.setattr(run, "program_path", lambda name: None if name == "nft" else real(name))

    def work() -> Filter:
        shell("iptables -A INPUT -p tcp --dport 22 -j DROP")
        return look("127.0.0.1", 3000)[1]

    assert in_namespace(work).verdict == "accept"


@needs_namespaces
@pytest.mark.parametrize(
    ("rules", "path", "text", "line"),
    [
        ("iptables -A INPUT -p tcp --dport 3000 -m comment --comment 'no shop' -j DROP",
         "iptables/rules.v4",
         "*filter\n:INPUT ACCEPT [0:0]\n[4:99] -A INPUT -p tcp -m tcp --dport 22 -j DROP\n"
         "-A INPUT -p tcp -m tcp --dport 3000 -m comment --comment \"no shop\" -j DROP\nCOMMIT\n",
         4),
        (nft("table inet f {\n chain i {\n type filter hook input priority 0;\n"
             "tcp dport { 80, 3000 } counter drop\n }\n }"),
         "nftables.conf",
         "flush ruleset\ntable inet f {\n  chain i {\n    type filter hook input priority 0;\n"
         "    tcp dport { 80, 3000 } counter drop\n  }\n}\n",
         5),
        ("iptables -A INPUT -p tcp --dport 3000 -j DROP", "iptables/rules.v4",
         "*nat\n-A INPUT -p tcp -m tcp --dport 3000 -j DROP\nCOMMIT\n", None),
    ],
)  # fmt: skip
def test_the_line_that_loads_the_rule_at_boot_is_found(
    tmp_path: Any, rules: str, path: str, text: str, line: int | None
) -> None:
    def work() -> Filter:
        leave_files()
        needed = "/etc/alternatives /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts"
        shell(f"cp -a {needed} {tmp_path}/; "
              f"mkdir -p {tmp_path}/iptables; mount --bind {tmp_path} /etc")  # fmt: skip
        with open(f"/etc/{path}", "w", encoding="utf-8") as file:
            file.write(text)
        shell(rules)
        return look("127.0.0.1", 3000)[1]

    facts = in_namespace(work)
    assert facts.verdict == "drop"
    assert (facts.kept_file, facts.kept_line) == (f"/etc/{path}" if line else None, line)


@needs_namespaces
def test_a_rule_with_a_hostile_comment_and_chain_is_data_in_its_commands(tmp_path: Any) -> None:
    canary = tmp_path / "canary"
    comment = f"$(touch {canary}) `touch {canary}`; touch {canary} '"

    def work() -> str:
        with Echo((3000,)):
            shell(shlex.join(["iptables", "-N", "a;b$(c)"]))
            shell(shlex.join(["iptables", "-A", "INPUT", "-j", "a;b$(c)"]))
            shell(shlex.join(["iptables", "-A", "a;b$(c)", "-p", "tcp", "--dport", "3000",
                              "-m", "comment", "--comment", comment, "-j", "DROP"]))  # fmt: skip
            before = in_force()
            facts = look("127.0.0.1", 3000)[1]
            assert facts.delete_rule is not None
            assert facts.restore_rule is not None
            shell(facts.delete_rule)
            really = felt("127.0.0.1", 3000)
            shell(facts.restore_rule)
            assert in_force() == before
            return really

    assert in_namespace(work) == "accept"
    assert not canary.exists()


@needs_namespaces
def test_firewalld_is_told_by_its_own_command_now_and_for_good() -> None:
    def work() -> Filter:
        shell(
            nft(
                "table inet firewalld {\n chain filter_OUT_policy_egress_deny {\n"
                "tcp dport 3000 drop\n }\n chain filter_OUTPUT {\n"
                "type filter hook output priority 10;\njump filter_OUT_policy_egress_deny\n }\n }"
            )
        )
        return look("127.0.0.1", 3000)[1]

    facts = in_namespace(work)
    rich = (
        """'rule priority="-100" family="ipv4" destination address="127.0.0.1" """
        """port port="3000" protocol="tcp" accept'"""
    )
    assert (facts.verdict, facts.tool, facts.delete_rule) == ("drop", "firewalld", None)
    assert facts.allow_rule == f"firewall-cmd --policy=egress --add-rich-rule={rich}"
    assert facts.forbid_rule == f"firewall-cmd --policy=egress --remove-rich-rule={rich}"
    assert facts.allow_always == f"firewall-cmd --permanent --policy=egress --add-rich-rule={rich}"
    assert facts.forbid_always == (
        f"firewall-cmd --permanent --policy=egress --remove-rich-rule={rich}"
    )


@needs_namespaces
def test_hostile_comments_are_shown_not_acted_on() -> None:
    def work() -> tuple[Sighting, Filter]:
        shell("iptables -A INPUT -p tcp --dport 3000 -m comment --comment \"$(printf '\\033[2J')\""
              " -j DROP")  # fmt: skip
        return look("127.0.0.1", 3000)

    sighting, facts = in_namespace(work)
    assert facts.verdict == "drop"
    assert "\x1b" not in sighting.raw + sighting.reading + str(facts)


@needs_namespaces
@pytest.mark.skipif(shutil.which("ufw") is None, reason="ufw is not installed")
def test_real_ufw_is_named_with_its_own_commands() -> None:
    def work() -> None:
        leave_files()
        with tempfile.TemporaryDirectory() as folder, Peer((3000, 3001)), Echo((3000,)):
            shell(
                f"cp -a /etc/ufw {folder}/ufw; cp /etc/default/ufw {folder}/default\n"
                f"mount --bind {folder}/ufw /etc/ufw\n"
                f"mount --bind {folder}/default /etc/default/ufw\n"
                "mount -t tmpfs none /run\n"
                "ufw default allow outgoing; ufw deny out 3000/tcp; ufw reject out 3001\n"
                "ufw --force enable"
            )
            assert look("127.0.0.1", 3000)[1].verdict == "accept"
            facts = look("10.9.0.2", 3000)[1]
            assert (facts.verdict, felt("10.9.0.2", 3000)) == ("drop", "drop")
            assert (facts.tool, facts.chain) == ("ufw", "filter ufw-user-output")
            assert facts.allow_rule == "ufw prepend allow out proto tcp to 10.9.0.2 port 3000"
            shell(facts.allow_rule)
            assert look("10.9.0.2", 3000)[1].verdict == "accept"
            assert felt("10.9.0.2", 3000) == "accept"
            facts = look("fd00:9::2", 3001)[1]
            assert (facts.verdict, facts.tool) == ("reject", "ufw")
            facts = look("10.9.0.2", 3001)[1]
            assert (facts.verdict, felt("10.9.0.2", 3001)) == ("reject", "reject")
            assert facts.delete_rule == "ufw delete reject out from any to any port 3001"
            shell(facts.delete_rule)
            assert look("10.9.0.2", 3001)[1].verdict == felt("10.9.0.2", 3001) == "accept"
            assert facts.restore_rule is not None
            shell(facts.restore_rule)
            assert look("10.9.0.2", 3001)[1].verdict == "reject"
            shell(facts.delete_rule)
            # A rule for this very connection is changed where it stands: ufw keeps no two of them.
            shell("ufw prepend deny out proto tcp to 10.9.0.2 port 3001")
            facts = look("10.9.0.2", 3001)[1]
            assert facts.allow_rule is not None
            assert facts.forbid_rule is not None
            shell(facts.allow_rule)
            assert look("10.9.0.2", 3001)[1].verdict == felt("10.9.0.2", 3001) == "accept"
            shell(facts.forbid_rule)
            assert look("10.9.0.2", 3001)[1].verdict == "drop"
            shell("ufw delete deny out proto tcp to 10.9.0.2 port 3001")
            shell("ufw default deny outgoing")
            facts = look("10.9.0.2", 3001)[1]
            assert (facts.verdict, facts.tool, facts.rule) == ("drop", "ufw", "-P OUTPUT DROP")
            assert facts.allow_rule is not None
            shell(facts.allow_rule)
            assert look("10.9.0.2", 3001)[1].verdict == felt("10.9.0.2", 3001) == "accept"

    in_namespace(work)
