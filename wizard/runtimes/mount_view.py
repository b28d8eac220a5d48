"""Whether the proxy and the backend see the same file at a unix socket's path.

A service with PrivateTmp=yes (or a mount namespace of another kind) has directories of its own: the
socket is in /tmp for whoever made it and for nobody else. The kernel's table of sockets shows the
path as its owner wrote it, so it looks as if it were there (systemd.exec(5), PrivateTmp=).
"""

from __future__ import annotations

import os
import shlex
from typing import Literal

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Server
from wizard.model.text import one_line
from wizard.probes.sockets import Table
from wizard.probes.sockets.addresses import same_path
from wizard.proxies.facts import Instance
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd.show import Unit, show

_TEMPORARY = ("/tmp/", "/var/tmp/")  # noqa: S108 (the paths that PrivateTmp= is about)
Side = Literal["backend", "proxy"]


class MountView(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `mount_view`."""

    applies: bool | None = None
    """The server is a unix socket that a process listens on."""
    apart: bool | None = None
    """The backend's socket is not what the proxy finds at that path."""
    private: Side | None = None
    """Which of them has directories of its own."""
    unit: str | None = None
    """The unit of that one."""
    setting: str | None = None
    """`PrivateTmp=yes`, where the unit says so."""
    seen_by_backend: bool | None = None
    seen_by_proxy: bool | None = None
    """The path exists in their view; None where only root may look."""


def of(server: Server, owner: Owner, table: Table, instance: Instance) -> Sighting:
    """Look at the path as the backend and as the proxy see it."""
    path = server.path
    if path is None:
        return Sighting(
            status="absent", facts=MountView(applies=False), reading="the server is no unix socket"
        )
    listener = next((one for one in table.unix if same_path(one, path)), None)
    if listener is None:
        return Sighting(
            status="absent", facts=MountView(applies=False), reading="no process listens there"
        )
    pid = next((pid for pid in listener.pids if pid != 1), None) or owner.pid
    settings: dict[Side, bool] = {
        "backend": _private_tmp(owner.unit, path),
        "proxy": _private_tmp(instance.unit, path),
    }
    worker = next(iter(instance.worker_pids), instance.pid)
    by_backend, by_proxy = _inode(pid, path), _inode(worker, path)
    apart = _apart(by_backend, by_proxy, settings, pid == worker)
    side = _side(settings, by_backend, path) if apart else None
    facts = MountView(
        applies=True,
        apart=apart,
        private=side,
        unit={"backend": owner.unit, "proxy": instance.unit}[side] if side else None,
        setting="PrivateTmp=yes" if side and settings[side] else None,
        seen_by_backend=None if by_backend is None else by_backend > 0,
        seen_by_proxy=None if by_proxy is None else by_proxy > 0,
    )
    command = f"sudo ls -l {shlex.quote(f'/proc/{pid}/root{path}')}" if pid else "ss -lxnp"
    if apart is None:
        return Sighting(
            status="unreadable", facts=facts, command=command, remedy=command,
            reason="only root may look at a path as another process sees it",
        )  # fmt: skip
    said = f"{facts.unit or facts.private} has a {os.path.dirname(path)} of its own"
    return Sighting(
        status="present", facts=facts, command=command,
        reading=one_line(said if apart else "both see the same file", 80),
    )  # fmt: skip


def _inode(pid: int | None, path: str) -> int | None:
    """The file's number in the view of a process; 0 where it is not there, None if hidden."""
    if pid is None:
        return None
    try:
        return os.stat(f"/proc/{pid}/root{path}").st_ino
    except (FileNotFoundError, NotADirectoryError):
        return 0 if os.path.exists(f"/proc/{pid}/root/") else None
    except (OSError, ValueError):
        return None


def _apart(
    by_backend: int | None, by_proxy: int | None, settings: dict[Side, bool], same: bool
) -> bool | None:
    """Files of two file systems may have the same number, but hardly so at the same path."""
    if same:
        return False
    if by_backend is not None and by_proxy is not None:
        return by_backend > 0 and by_backend != by_proxy
    # With PrivateTmp= on either side (not both in one namespace) they cannot see the same /tmp.
    return True if any(settings.values()) else None


def _side(settings: dict[Side, bool], by_backend: int | None, path: str) -> Side:
    if settings["backend"] != settings["proxy"]:
        return "backend" if settings["backend"] else "proxy"
    # The wizard stands in the host's own view: whose file is not here has another one.
    try:
        here = os.stat(path).st_ino
    except OSError:
        here = 0
    return "proxy" if by_backend and here == by_backend else "backend"


def _private_tmp(unit: str | None, path: str) -> bool:
    """The unit's setting hides what it puts at this path."""
    if unit is None or not path.startswith(_TEMPORARY):
        return False
    units: list[Unit] = show([unit]).units
    return bool(units) and units[0]["PrivateTmp"] == "yes"
