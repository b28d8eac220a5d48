"""The host's figures and the kernel's kills, from this machine and from recorded lines."""

from __future__ import annotations

import time
from pathlib import Path

from wizard.probes import kernel_log, resources
from wizard.probes.resources import Resources, kills_in, read

DMESG = (Path(__file__).parents[1] / "runtimes/data/dmesg-oom.txt").read_text()


def test_this_machine_has_memory_and_load() -> None:
    sighting = resources.host()
    assert sighting.status == "present"
    facts = sighting.facts
    assert isinstance(facts, Resources)
    assert 0 < (facts.memory_available_percent or 0) <= 100
    assert facts.load_per_cpu is not None
    assert len(facts.port_range) == 2
    assert facts.listen_overflows is not None


def test_a_full_connection_table_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "sys/net/netfilter"
    folder.mkdir(parents=True)
    (folder / "nf_conntrack_count").write_text("65536\n")
    (folder / "nf_conntrack_max").write_text("65536\n")
    assert read(tmp_path).conntrack_full is True


def test_the_kernels_patience_and_the_wait_for_a_cpu_are_read(tmp_path: Path) -> None:
    """Six repetitions after the first SYN: 1, 2, 4, ... 64 s, 127 s in all."""
    (tmp_path / "sys/net/ipv4").mkdir(parents=True)
    (tmp_path / "sys/net/ipv4/tcp_syn_retries").write_text("6\n")
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure/cpu").write_text("some avg10=97.10 avg60=97.51 avg300=92.71 total=13\n")
    facts = read(tmp_path)
    assert (facts.syn_retries, facts.kernel_connect_seconds) == (6, 127)
    assert (facts.cpu_waiting_percent, facts.memory_waiting_percent) == (97.1, None)


def test_what_is_not_there_is_not_known(tmp_path: Path) -> None:
    assert read(tmp_path) == Resources()


def test_a_kill_of_a_memory_group_is_read_whole() -> None:
    kill = kills_in(kernel_log.of_ring(DMESG))[-1]
    assert (kill.process, kill.uid, kill.group) == ("gunicorn", 803, True)
    assert kill.cgroup is not None
    assert kill.cgroup.startswith("/docker/")
    assert kill.line.startswith("Memory cgroup out of memory: Killed process")


def test_kills_in_other_containers_are_not_this_ones() -> None:
    lines = kernel_log.of_ring(DMESG)
    own = kills_in(lines)[-1].cgroup
    assert own is not None
    assert kills_in(lines, own.rpartition("/")[2])
    assert kills_in(lines, "0" * 64) == []


def test_a_kill_of_the_host_is_no_group_kill() -> None:
    line = (
        "Out of memory: Killed process 812 (node) total-vm:1kB, anon-rss:1kB, UID:33 pgtables:1kB"
    )
    (kill,) = kills_in([(None, line)])
    assert (kill.pid, kill.process, kill.group, kill.uid) == (812, "node", False, 33)


def test_log_files_of_both_kinds_of_time_are_read() -> None:
    iso = "2026-11-21T02:00:00.5+00:00 web1 kernel: [ 12.5] Killed process 1 (a)"
    assert kernel_log.of_log_line(iso) == (1795226400.5, "kernel: [ 12.5] Killed process 1 (a)")
    old = kernel_log.of_log_line("Jan  1 00:00:00 web1 kernel: Killed process 1 (a)")
    assert old is not None
    assert old[0] is not None
    assert old[0] < time.time()
    assert kernel_log.of_log_line("2026-11-21T02:00:00+00:00 web1 app: Killed process") is None


def test_a_container_knows_its_own_id() -> None:
    line = "712 700 8:1 /var/lib/docker/containers/{0}/hostname /etc/hostname rw - ext4 /dev/sda rw"
    assert kernel_log.own_container(line.format("ab" * 32)) == "ab" * 32
    assert kernel_log.own_container("36 35 98:0 / / rw - ext4 /dev/root rw") is None
