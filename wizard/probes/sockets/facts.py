"""What the looks at the socket tables say."""

from __future__ import annotations

from typing import Literal

import msgspec


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """One listening socket."""

    address: str
    """`127.0.0.1`, `0.0.0.0`, `::`, `::1`, without brackets; a path for a unix socket."""
    port: int | None = None
    family: Literal["ipv4", "ipv6", "unix"] = "ipv4"
    only_ipv6: bool | None = None
    """For `::`: does not take IPv4 connections."""
    queue: int | None = None
    """Connections that wait to be accepted."""
    backlog: int | None = None
    pids: list[int] = []
    """Empty when hidden or when the kernel owns it."""
    process: str | None = None
    inode: int | None = None
    uid: int | None = None
    """The user who opened it; seen by everybody."""
    cgroup: str | None = None
    """The control group that it was opened in, `/system.slice/shop.service`; seen by everybody,
    where the kernel and ss are new enough to say it."""
    file_inode: int | None = None
    """Of a unix socket: the file that it is bound to, which need not be the one that has its path
    now."""

    def where(self) -> str:
        """`127.0.0.1:3000`, `[::1]:3000`, `*:3000` for both families, `/run/app.sock`."""
        if self.port is None:
            return self.address
        if self.address == "::" and self.only_ipv6 is False:
            return f"*:{self.port}"
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All listening TCP and unix stream sockets of this network namespace."""

    listeners: list[Listener] = []
    unix: list[Listener] = []
    owners_hidden: bool | None = None
    """Some owners could not be seen for lack of rights."""
    count: int | None = None


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """What listens where the proxy sends the request."""

    listens: bool | None = None
    """A listener takes connections to this very address and port (or socket path). For a name
    with several addresses: to one of them."""
    on_port: bool | None = None
    """Some listener has the port, on whatever address."""
    elsewhere: list[str] = []
    """Listeners on the port that do not take this address: `127.0.0.1:3000`."""
    other_family: bool | None = None
    """The port is listened on for the same host, but in the other address family only."""
    same_loopback_other_family: bool | None = None
    owner_pid: int | None = None
    owner: str | None = None
    """Process name of the listener that takes it, else of one on the port."""
    owner_hidden: bool | None = None
    queue: int | None = None
    backlog: int | None = None
    queue_full: bool | None = None
    """The accept queue holds more than its backlog: the kernel drops new connections."""
    similar_paths: list[str] = []
    """For a unix socket nobody listens on: listening sockets with a similar path."""
    local: bool | None = None
    """The address belongs to this host, so that this table can tell."""
    addresses: list[str] = []
    """What the host stands for: itself, or the addresses that the system gives for its name."""
    not_taken: list[str] = []
    """Those of `addresses` that no listener takes on the port."""
