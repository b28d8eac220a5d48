"""Free ports that stay free: the kernel chooses them, and they are held until the end.

A port is held by a socket that is bound and does not listen. With SO_REUSEADDR on both sides a
server can still listen there, while no other program is given the port. The socket table does not
show such a holder, and a connection to it is refused like one to a port that nobody has.
"""

from __future__ import annotations

import socket


class Ports:
    """Ports of 127.0.0.1 and, where there is IPv6, of ::1, each with a name of its own."""

    def __init__(self) -> None:
        self._holders: list[socket.socket] = []
        self._numbers: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        """The port of that name, chosen when it is asked for first."""
        if name not in self._numbers:
            self._numbers[name] = self._new()
        return self._numbers[name]

    def let_go(self) -> None:
        """Hold none of them any more."""
        for holder in self._holders:
            holder.close()
        self._holders.clear()

    def _new(self) -> int:
        for _ in range(50):
            number = self._hold(socket.AF_INET, "127.0.0.1", 0)
            if not has_ipv6():
                return number
            try:
                return self._hold(socket.AF_INET6, "::1", number)
            except OSError:  # free in one family only
                continue
        raise OSError("no port is free on both loopback addresses")

    def _hold(self, family: socket.AddressFamily, host: str, port: int) -> int:
        holder = socket.socket(family)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind((host, port))
        except OSError:
            holder.close()
            raise
        self._holders.append(holder)
        return int(holder.getsockname()[1])


def has_ipv6() -> bool:
    """Whether ::1 can be bound here."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
