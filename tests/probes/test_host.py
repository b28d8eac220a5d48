"""What kind of host this is, by the files of trees that look like real ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wizard.probes import host


def made(root: Path, *programs: str, folders: tuple[str, ...] = (), release: str = "") -> Path:
    for program in programs:
        path = root / "usr/sbin" / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    for folder in folders:
        (root / folder).mkdir(parents=True)
    if release:
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc/os-release").write_text(release)
    return root


def test_a_debian_host_with_systemd(tmp_path: Path) -> None:
    root = made(
        tmp_path, "service", "apt-get", "nft", "ufw", folders=("run/systemd/system", "etc/init.d"),
        release='ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04"\n',
    )  # fmt: skip
    seen = host.read(root)
    assert (seen.init, seen.family, seen.packager) == ("systemd", "debian", "apt-get")
    assert (seen.firewalls, seen.firewall, seen.name) == (["ufw", "nft"], "nft", "Ubuntu 24.04")


def test_an_enabled_ufw_is_in_charge(tmp_path: Path) -> None:
    root = made(tmp_path, "ufw", "iptables", folders=("etc/ufw",))
    (root / "etc/ufw/ufw.conf").write_text("ENABLED=yes\n")
    assert host.read(root).firewall == "ufw"


def test_a_running_firewalld_is_in_charge(tmp_path: Path) -> None:
    root = made(tmp_path, "firewall-cmd", "nft", folders=("run", "proc/77"))
    (root / "run/firewalld.pid").write_text("77\n")
    assert host.read(root).firewall == "firewalld"
    (root / "run/firewalld.pid").write_text("78\n")
    assert host.read(root).firewall == "nft"


@pytest.mark.parametrize(
    ("programs", "folders", "init"),
    [
        ((), ("run/openrc",), "openrc"),
        (("service",), ("etc/init.d",), "sysv"),
        (("service",), (), "none"),
        ((), (), "none"),
    ],
)
def test_what_starts_services(
    tmp_path: Path, programs: tuple[str, ...], folders: tuple[str, ...], init: str
) -> None:
    assert host.read(made(tmp_path, *programs, folders=folders)).init == init


def test_this_very_host() -> None:
    seen = host.kind().facts
    assert isinstance(seen, host.Host)
    assert (seen.rights == "root") is (os.geteuid() == 0)
    assert seen.first_process == Path("/proc/1/comm").read_text().strip()
