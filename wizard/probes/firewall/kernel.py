"""What the kernel's own files say about packets: old tables, port range, listeners.

All under /proc/thread-self: /proc/net shows the network namespace of the process's first thread.
"""

from __future__ import annotations

from typing import Literal

_NET = "/proc/thread-self/net"


def has_old_tables(family: Literal[4, 6]) -> bool:
    """The older, table-based packet filter holds tables for this family.

    Raises:
        PermissionError: only root may read it.
    """
    name = "ip_tables_names" if family == 4 else "ip6_tables_names"
    try:
        with open(f"{_NET}/{name}", "rb") as listing:
            return bool(listing.read().strip())
    except FileNotFoundError:
        return False


def client_ports() -> tuple[int, int]:
    """The range that the kernel takes a client's port from."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as setting:
            low, high = setting.read().split()[:2]
        return int(low), int(high)
    except (OSError, ValueError):
        return 1024, 65535


def routes_loopback(device: str) -> bool:
    """Whether the kernel lets 127.0.0.0/8 out by this device."""
    for name in ("all", device):
        try:
            with open(f"/proc/sys/net/ipv4/conf/{name}/route_localnet", encoding="ascii") as file:
                if file.read().strip() != "0":
                    return True
        except OSError:
            continue
    return False


def listener_owner(port: int) -> int | None:
    """The user id of the one process user that listens on the port; None when not known."""
    owners: set[int] = set()
    wanted = f":{port:04X}"
    for name in ("tcp", "tcp6"):
        try:
            with open(f"{_NET}/{name}", encoding="ascii") as listing:
                for line in listing:
                    fields = line.split()
                    if len(fields) > 7 and fields[3] == "0A" and fields[1].endswith(wanted):
                        owners.add(int(fields[7]))
        except OSError:
            continue
    return owners.pop() if len(owners) == 1 else None
