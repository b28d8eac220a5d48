"""What kind of host this is: whose rights one has, what starts services, whose packages these are.

It decides how a command is written for it, so it reads a few files and starts nothing.
"""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from typing import Literal

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import clean, decode, one_line
from wizard.probes.declare import probe

Rights = Literal["root", "sudo", "doas", "none"]
Init = Literal["systemd", "openrc", "sysv", "none"]
Family = Literal["debian", "rhel", "suse", "alpine", "arch"]

_SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
"""Where a person's own PATH may not lead, and where sudo looks all the same."""
_RAISERS: tuple[Rights, ...] = ("sudo", "doas")
_FRONT_ENDS = {"firewalld": "firewall-cmd", "ufw": "ufw", "nft": "nft", "iptables": "iptables"}
_PACKAGERS = ("apt-get", "dnf", "yum", "zypper", "apk", "pacman")
_FAMILIES: dict[str, Family] = {
    "debian": "debian", "ubuntu": "debian", "rhel": "rhel", "fedora": "rhel", "centos": "rhel",
    "suse": "suse", "opensuse": "suse", "alpine": "alpine", "arch": "arch",
}  # fmt: skip


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """What commands for this host depend on."""

    user: str | None = None
    rights: Rights | None = None
    """root: it is root who asks; sudo, doas: the program is there, whether it lets this user is
    not known; none: neither is there."""
    init: Init | None = None
    """What starts services: `none` where there are not even scripts for it, as in most
    containers."""
    first_process: str | None = None
    """The name of process 1."""
    family: Family | None = None
    """Of the distribution, by os-release(5)."""
    name: str | None = None
    """`Debian GNU/Linux 12 (bookworm)`."""
    packager: str = ""
    """`apt-get`, `dnf`, ...; empty where none is known."""
    firewalls: list[str] = []
    """Whose program is here: `firewalld`, `ufw`, `nft`, `iptables`."""
    firewall: str = ""
    """The one to change rules with: firewalld where it runs, ufw where it is enabled, else the
    kernel's own tool; empty where there is none."""


@probe("host.kind", kind="process", facts=Host)
def kind() -> Sighting:
    """Read what this host is from its files."""
    facts = read(Path("/"))
    rights = {"root": "root", "none": f"{facts.user}, no sudo"}.get(
        facts.rights or "", f"{facts.user}, with {facts.rights}"
    )
    services = "nothing starts services" if facts.init == "none" else f"services by {facts.init}"
    return Sighting(
        status="present",
        facts=facts,
        reading=f"{facts.name or 'an unknown system'}; {services}; {rights}",
        command="cat /etc/os-release; ls -d /run/systemd/system; id -un",
    )


def read(root: Path) -> Host:
    """The facts of the host whose files lie under `root`, as the user that asks."""
    release = _release(root)
    firewalls = [name for name, program in _FRONT_ENDS.items() if _has(root, program)]
    return Host(
        user=_user(),
        rights="root" if os.geteuid() == 0 else _raiser(root),
        init=_init(root),
        first_process=_line(root / "proc/1/comm"),
        family=_family(release),
        name=release.get("PRETTY_NAME"),
        packager=next((each for each in _PACKAGERS if _has(root, each)), ""),
        firewalls=firewalls,
        firewall=_in_charge(root, firewalls),
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _raiser(root: Path) -> Rights:
    return next((each for each in _RAISERS if _has(root, each)), "none")


def _init(root: Path) -> Init:
    """By the folders that each makes at boot: sd_booted(3), OpenRC's rc-status."""
    if (root / "run/systemd/system").is_dir():
        return "systemd"
    if (root / "run/openrc").is_dir():
        return "openrc"
    if _has(root, "service") and (root / "etc/init.d").is_dir():
        return "sysv"
    return "none"


def _release(root: Path) -> dict[str, str]:
    for path in ("etc/os-release", "usr/lib/os-release"):
        try:
            text = clean(decode((root / path).read_bytes()[:8192]))
        except OSError:
            continue
        pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
        return {key.strip(): one_line(value.strip().strip("\"'"), 120) for key, _, value in pairs}
    return {}


def _family(release: dict[str, str]) -> Family | None:
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((_FAMILIES[name] for name in names if name in _FAMILIES), None)


def _in_charge(root: Path, firewalls: list[str]) -> str:
    if "firewalld" in firewalls and _runs(root, "run/firewalld.pid"):
        return "firewalld"
    if "ufw" in firewalls and _ufw_enabled(root):
        return "ufw"
    return next((each for each in ("nft", "iptables") if each in firewalls), "")


def _runs(root: Path, pid_file: str) -> bool:
    number = _line(root / pid_file) or ""
    return number.isdigit() and (root / "proc" / number).exists()


def _ufw_enabled(root: Path) -> bool:
    try:
        text = (root / "etc/ufw/ufw.conf").read_text(errors="replace")
    except OSError:
        return False
    return any(line.replace(" ", "").lower() == "enabled=yes" for line in text.splitlines())


def _line(path: Path) -> str | None:
    try:
        return one_line(clean(decode(path.read_bytes()[:200])).strip(), 80) or None
    except OSError:
        return None


def _has(root: Path, program: str) -> bool:
    path = os.pathsep.join(str(root / each.lstrip("/")) for each in _SYSTEM_PATH.split(":"))
    return shutil.which(program, path=path) is not None


PROBES = (kind,)
