"""Control groups: which unit a group belongs to, who is in it, what it was denied."""

from __future__ import annotations

import re

_ROOTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd")
_MEMORY_ROOTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/memory")
_CONTAINER = re.compile(
    r"(?:^|/)(?:docker[-/]|libpod-|crio-|cri-containerd-|kubepods|machine-|lxc)"
)
_OOM_KILL = re.compile(r"^oom_kill (\d+)", re.MULTILINE)


def unit_of(cgroup: str | None) -> str | None:
    """The service that a group is part of: `shop.service`; None for sessions and containers."""
    services = [part for part in (cgroup or "").split("/") if part.endswith(".service")]
    if not services or is_container(cgroup):
        return None
    # A user's manager is a service of the system, and its services stand below it.
    user_manager = services[0].startswith("user@")
    if user_manager:
        return services[1] if len(services) > 1 else None
    return services[0].replace("\\x2d", "-")


def user_of(cgroup: str | None) -> int | None:
    """The user whose own service manager the group is under."""
    match = re.search(r"/user@(\d+)\.service/", f"{cgroup or ''}/")
    return int(match[1]) if match else None


def is_container(cgroup: str | None) -> bool:
    """The group is a container's."""
    return _CONTAINER.search(cgroup or "") is not None


def members(cgroup: str | None) -> list[int]:
    """Processes in the group itself (not in those below it); nobody needs rights for it."""
    if not cgroup or cgroup == "/":
        return []
    for root in _ROOTS:
        text = _read(f"{root}{cgroup}/cgroup.procs")
        if text is not None:
            return [int(line) for line in text.split() if line.isdigit()]
    return []


def frozen(cgroup: str | None) -> bool | None:
    """The freezer holds the group."""
    if not cgroup or cgroup == "/":
        return None
    for root in _ROOTS[:2]:
        events = _read(f"{root}{cgroup}/cgroup.events")
        if events is not None and "frozen" in events:
            return "frozen 1" in events
    state = _read(f"/sys/fs/cgroup/freezer{cgroup}/freezer.state")
    return None if state is None else state.strip() != "THAWED"


def oom_kills(cgroup: str | None) -> int | None:
    """How often the kernel killed a process of the group for memory, since the group was made."""
    if not cgroup or cgroup == "/":
        return None
    for root in _MEMORY_ROOTS:
        for name in ("memory.events", "memory.oom_control"):
            match = _OOM_KILL.search(_read(f"{root}{cgroup}/{name}") or "")
            if match:
                return int(match[1])
    return None


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(64 * 1024)
    except OSError:
        return None
