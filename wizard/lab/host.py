"""One host of the lab: start it, run commands in it, put files on it, remove it.

Containers carry the label `wizard.lab` and the process that owns them, so that `sweep` can remove
what a crashed run left behind and touches nothing else on the machine.
"""

from __future__ import annotations

import io
import os
import tarfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wizard.lab.docker import LabError, Ran, docker, must
from wizard.lab.image import USERS

LABEL = "wizard.lab"
WIZARD_AT = "/opt/wizard"
HOMES = {"root": "/root", "ops": "/home/ops"}
PRIVILEGES = (
    *("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYSLOG"),
    *("--cap-add", "SYS_PTRACE", "--security-opt", "seccomp=unconfined"),
    *("--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined"),
    *("--cgroupns=private", "--tmpfs", "/run", "--tmpfs", "/run/lock", "-e", "container=docker"),
)
SYSTEMD = ("/lib/systemd/systemd",)
SCRIPTS = ("/bin/bash", "/sbin/boot")
"""No service manager: the first process is a script that starts others, see `furnish.scripts`."""
BOOTED = "/run/booted"
"""Made by that script when it has started all."""
BOOT_SECONDS = 40.0
NUMBERS = {**USERS, "root": 0, "adm": 4, "www-data": 33, "ops": 1000}
"""Users and groups of the image by name: archives for docker carry only numbers."""


@dataclass(frozen=True)
class File:
    """A file to be put on a host; with `link` a symbolic link instead."""

    content: bytes = b""
    mode: int = 0o644
    owner: str = "root:root"
    link: str | None = None


@dataclass(frozen=True)
class Host:
    """A started container with systemd in it."""

    name: str


def start(
    image: str,
    *,
    files: Mapping[str, File] | None = None,
    wizard: Path | None = None,
    options: Sequence[str] = (),
    keep: bool = False,
    init: Sequence[str] = SYSTEMD,
) -> Host:
    """Makes a host, puts `files` on its disk, boots it and returns when it has booted.

    Units among the files that say WantedBy= are enabled, so they come up with the boot.
    """
    host = Host(f"wizard-lab-{uuid.uuid4().hex[:10]}")
    mount = ("-v", f"{wizard}:{WIZARD_AT}:ro") if wizard else ()
    labels = (
        "--label",
        f"{LABEL}={_owner()}",
        "--label",
        f"{LABEL}.keep={'yes' if keep else 'no'}",
    )
    argv = ("--name", host.name, "--hostname", "web1", *labels, *PRIVILEGES, *mount, *options)
    must(docker("create", *argv, image, *init), "making a host")
    try:
        archive = _tar(with_enabled_units(files or {}))
        must(docker("cp", "-a", "-", f"{host.name}:/", stdin=archive), "furnishing a host")
        must(docker("start", host.name), "starting a host")
        _wait_for_boot(host, init)
    except BaseException:
        remove(host)
        raise
    return host


def run(
    host: Host,
    command: Sequence[str] | str,
    *,
    user: str = "root",
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Ran:
    """Runs an argv, or a text as a bash script, on the host as one of its users."""
    argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
    home = HOMES.get(user, "/")
    settings = {"HOME": home, "USER": user, "LOGNAME": user, "LANG": "C.UTF-8", **(env or {})}
    flags = [flag for key, value in settings.items() for flag in ("-e", f"{key}={value}")]
    return docker("exec", "-u", user, "-w", home, *flags, host.name, *argv, timeout=timeout)


def write(host: Host, files: Mapping[str, File]) -> None:
    """Puts files on a running host, /run included."""
    argv = ("exec", "-i", host.name, "tar", "-x", "--no-overwrite-dir", "-C", "/")
    must(docker(*argv, stdin=_tar(files)), "writing files on a host")


def fetch(host: Host, path: str, into: Path) -> bool:
    """Copies a file or folder from the host; says whether it was there."""
    into.parent.mkdir(parents=True, exist_ok=True)
    return docker("cp", f"{host.name}:{path}", str(into)).ok


def reboot(host: Host) -> None:
    """Shuts a host down as `poweroff` does and boots it again; what is in /run is gone."""
    must(docker("kill", "-s", "SIGRTMIN+3", host.name), "shutting a host down")
    must(docker("wait", host.name, timeout=BOOT_SECONDS), "waiting for a host to be down")
    must(docker("start", host.name), "starting a host")
    _wait_for_boot(host, SYSTEMD)


def remove(host: Host) -> None:
    """Ends a host and forgets its disk."""
    docker("rm", "-f", "-v", host.name)


@contextmanager
def running(
    image: str,
    *,
    files: Mapping[str, File] | None = None,
    wizard: Path | None = None,
    options: Sequence[str] = (),
    keep: bool = False,
    init: Sequence[str] = SYSTEMD,
) -> Iterator[Host]:
    """A started host that is removed at the end, also after a failure, unless it is to be kept."""
    host = start(image, files=files, wizard=wizard, options=options, keep=keep, init=init)
    try:
        yield host
    finally:
        if not keep:
            remove(host)


def sweep(*, kept: bool = False) -> int:
    """Removes hosts whose owner has died, those to be kept only when asked for; says how many."""
    shape = f'{{{{.Names}}}}\t{{{{.Label "{LABEL}"}}}}\t{{{{.Label "{LABEL}.keep"}}}}'
    listed = must(
        docker("ps", "-a", "--filter", f"label={LABEL}", "--format", shape), "listing hosts"
    )
    removed = 0
    for line in listed.out.splitlines():
        name, owner, keep = line.split("\t")
        if not _is_alive(owner) and (kept or keep != "yes"):
            remove(Host(name))
            removed += 1
    return removed


def with_enabled_units(files: Mapping[str, File]) -> dict[str, File]:
    """The files, and the links that `systemctl enable` would make for the units among them."""
    folder, wants = "/etc/systemd/system/", "multi-user.target.wants/"
    links = {
        f"{folder}{wants}{path.removeprefix(folder)}": File(link=f"../{path.removeprefix(folder)}")
        for path, file in files.items()
        if path.startswith(folder) and "/" not in path.removeprefix(folder)
        if b"WantedBy=" in file.content
    }
    return {**files, **links}


def _tar(files: Mapping[str, File]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, file in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.mtime = int(time.time())
            if file.link is not None:
                entry.type, entry.linkname = tarfile.SYMTYPE, file.link
            entry.size, entry.mode = len(file.content), file.mode
            owner, group = file.owner.split(":")
            entry.uid, entry.gid = NUMBERS[owner], NUMBERS[group]
            archive.addfile(entry, io.BytesIO(file.content))
    return packed.getvalue()


def _wait_for_boot(host: Host, init: Sequence[str]) -> None:
    """Until systemd has nothing left to start: `running`, or `degraded` where a unit failed."""
    give_up = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < give_up:
        if init == SCRIPTS:
            if docker("exec", host.name, "test", "-e", BOOTED).ok:
                return
            time.sleep(0.1)
            continue
        asked = docker(
            "exec", host.name, "systemctl", "is-system-running", "--wait", timeout=BOOT_SECONDS
        )
        if asked.out.strip() in {"running", "degraded"}:
            return
        time.sleep(0.05)
    raise LabError(f"{host.name} did not boot in {BOOT_SECONDS:.0f} s")


def _owner() -> str:
    return f"{os.getpid()}-{_started(os.getpid())}"


def _is_alive(owner: str) -> bool:
    pid, _, began = owner.partition("-")
    return pid.isdigit() and _started(int(pid)) == began


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks: tells it from a later one of the same number."""
    try:
        seen = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if seen[0] in {"Z", "X"} else seen[19]
