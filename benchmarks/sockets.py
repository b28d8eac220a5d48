"""How long the socket table takes on a busy host: 23,000 sockets, 300 of them listening.

    python benchmarks/sockets.py

Opens the sockets on loopback in six child processes (needs about 8,000 descriptors each) and
prints the best of five for `ss -Hltnp`, `ss -Hltn` and the probe, as root and as an ordinary user.
The measure to reach is 1.2 times `ss -Hltnp`.
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from wizard.probes import sockets

CHILDREN, LISTENERS, CONNECTIONS = 6, 50, 1900


def hold() -> None:
    """Open this child's share of the sockets, say so, and keep them until the input ends."""
    wanted = 2 * CONNECTIONS + LISTENERS + 100
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    kept = [socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(LISTENERS)]
    server = kept[0]
    for _ in range(CONNECTIONS):
        kept.append(socket.create_connection(server.getsockname()))
        kept.append(server.accept()[0])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


def best(work: Callable[[], object], times: int = 5) -> float:
    """Milliseconds of the quickest run."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000


def measure(who: str) -> None:
    """Print the figures for the user that we are now."""
    listed = best(lambda: subprocess.run(["ss", "-Hltn"], stdout=subprocess.DEVNULL, check=True))
    owned = best(lambda: subprocess.run(["ss", "-Hltnp"], stdout=subprocess.DEVNULL, check=True))
    own = best(sockets.table)
    began = time.process_time()
    facts = sockets.table().facts
    cpu = (time.process_time() - began) * 1000
    assert isinstance(facts, sockets.Table)
    seen = sum(bool(one.pids) for one in facts.listeners)
    print(f"{who}: ss -ltn {listed:.0f} ms, ss -ltnp {owned:.0f} ms, sockets.table {own:.0f} ms")
    print(f"  {own / owned:.2f} x ss -ltnp; {cpu:.0f} ms CPU; {seen} of {facts.count} owners seen")


def main() -> None:
    """Hold the sockets in children and measure."""
    children = [
        subprocess.Popen(
            [sys.executable, __file__, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(CHILDREN)
    ]
    try:
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()
        measure("root" if os.geteuid() == 0 else "user")
        if os.geteuid() == 0:
            os.seteuid(65534)
            measure("nobody")
            os.seteuid(0)
    finally:
        for child in children:
            child.kill()


if __name__ == "__main__":
    hold() if sys.argv[1:] == ["hold"] else main()
