"""What a person pastes says the same as what the probe would have read itself."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.probes.firewall.arena import in_namespace, look, needs_namespaces, shell
from wizard.model.route import Server
from wizard.probes import firewall, resources, sockets
from wizard.probes.declare import Probe
from wizard.probes.firewall import Filter
from wizard.probes.resources import OomKills, kills_in
from wizard.probes.sockets import Table

RING = (Path(__file__).parents[1] / "runtimes/data/dmesg-oom.txt").read_text()
SERVER = Server(name="127.0.0.1:3000", host="127.0.0.1", port=3000)


def pasted(probe: Probe, text: str, **parameters: object):  # type: ignore[no-untyped-def]
    assert probe.paste is not None
    return probe.paste.read(text=text, **parameters)


def out(command: str) -> str:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True).stdout


# ---------------------------------------------------------------- the kernel log


def test_a_pasted_ring_has_the_kills_of_the_ring() -> None:
    facts = pasted(resources.oom, RING).facts
    assert isinstance(facts, OomKills)
    lines = [(None, line.partition("] ")[2]) for line in RING.splitlines()]
    assert [kill.pid for kill in facts.kills] == [kill.pid for kill in kills_in(lines)]
    assert facts.kills[0].process == "gunicorn"
    assert facts.kills[0].at is None, "seconds since the boot of a host that is not known"


def test_readable_times_and_log_files_give_the_moment() -> None:
    killed = "Out of memory: Killed process 812 (java) total-vm:1kB, UID:33 oom_score_adj:0"
    facts = pasted(resources.oom, f"[Sat Nov 21 03:12:44 2026] {killed}\n").facts
    assert facts.kills[0].at is not None
    logged = pasted(resources.oom, f"2026-11-21T03:12:44+00:00 web1 kernel: {killed}\n").facts
    assert logged.kills[0].at == 1795230764.0
    assert (logged.kills[0].pid, logged.kills[0].uid) == (812, 33)


def test_a_log_without_kills_is_an_answer_and_other_text_is_none() -> None:
    quiet = pasted(resources.oom, "[Sat Nov 21 03:12:44 2026] docker0: port 2 entered\n")
    assert (quiet.status, quiet.facts.count) == ("absent", 0)
    other = pasted(resources.oom, "dmesg: read kernel buffer failed: Operation not permitted\n")
    assert (other.status, other.remedy) == ("unparsed", "sudo dmesg -T")


# ---------------------------------------------------------------- sockets


@pytest.mark.parametrize("command", ["ss -ltxnpe", "ss -ltnp", "ss -Hltnpe"])
def test_the_output_of_ss_names_the_listener_and_its_owner(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        table = pasted(sockets.table, out(command)).facts
    assert isinstance(table, Table)
    (own,) = [one for one in table.listeners if one.port == port]
    assert (own.address, own.pids) == ("127.0.0.1", [os.getpid()])
    assert own.process


def test_unix_listeners_stand_in_it_too(tmp_path: Path) -> None:
    path = str(tmp_path / "app.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        table = pasted(sockets.table, out("ss -ltnp; ss -lxnp")).facts
    (own,) = [one for one in table.unix if one.address == path]
    assert own.pids == [os.getpid()]


def test_without_users_the_owners_are_hidden_not_absent() -> None:
    table = pasted(sockets.table, "LISTEN 0 511 0.0.0.0:80 0.0.0.0:*\n").facts
    assert (table.count, table.owners_hidden, table.listeners[0].pids) == (1, True, [])


def test_headings_alone_mean_that_nothing_listens() -> None:
    heading = "State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\n"
    assert pasted(sockets.table, heading).status == "absent"
    assert pasted(sockets.table, "bash: ss: command not found\n").status == "unparsed"


# ---------------------------------------------------------------- the packet filter


def judged(text: str) -> Filter:
    facts = pasted(firewall.verdict, text, server=SERVER, user="www-data").facts
    assert isinstance(facts, Filter)
    return facts


@needs_namespaces
@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ("iptables -A INPUT -p tcp --dport 3000 -j DROP", "drop"),
        ("iptables -A OUTPUT -p tcp --dport 3000 -j REJECT --reject-with tcp-reset", "reject"),
        ("iptables -A INPUT -p tcp --dport 3999 -j DROP", "accept"),
        (
            "nft add table inet site\n"
            "nft add chain inet site in '{ type filter hook input priority 0; }'\n"
            "nft add rule inet site in tcp dport 3000 drop",
            "drop",
        ),
    ],
)
def test_pasted_rules_judge_as_those_that_are_read(rules: str, verdict: str) -> None:
    def both() -> tuple[Filter, Filter]:
        shell(rules)
        command = firewall.pasted_command()
        return look("127.0.0.1", 3000)[1], judged(out(command.replace("sudo ", "")))

    read, said = in_namespace(both)
    assert (said.verdict, said.rule) == (read.verdict, read.rule)
    assert said.verdict == verdict


@needs_namespaces
def test_iptables_alone_proves_a_drop_and_no_acceptance() -> None:
    def saved(rule: str) -> str:
        def listed() -> str:
            shell(f"iptables -A INPUT -p tcp --dport {rule} -j DROP")
            return out("iptables-save")

        return str(in_namespace(listed))

    assert judged(saved("3000")).verdict == "drop"
    passed = judged(saved("3999"))
    assert passed.verdict is None
    assert "nft -j -a list ruleset was not pasted" in passed.unsure[0]


def test_a_listing_for_people_is_refused_with_what_to_paste() -> None:
    listing = "table inet filter {\n\tchain input {\n\t\ttcp dport 3000 drop # handle 4\n\t}\n}\n"
    seen = pasted(firewall.verdict, listing, server=SERVER, user=None)
    assert seen.status == "unparsed"
    assert "nft -j -a" in seen.reason
    assert re.search(r"iptables-save -c; .*nft -j -a list ruleset", seen.remedy)
    other = pasted(firewall.verdict, "hello", server=SERVER, user=None)
    assert other.status == "unparsed"
