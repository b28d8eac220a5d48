"""How long it takes to read the last 15 minutes of a 1 GB nginx error log.

    python benchmarks/error_log.py [--all]

Writes a log of 1 GB to a temporary folder (and removes it): 24 hours, a fifth of the lines are
failures of servers, 11.6 MB stand in the last quarter of an hour. The measure to reach is
`tail -c 50M FILE | grep -E PATTERN`. With --all the whole gigabyte lies in the window, where
reading ends at its bound.

Measured on 2 shared cores, Python 3.11, warm, 7,449 lines of the route: 50-53 ms at a load of 2
(blocks of 512 KiB; of 4 MiB: 75-85 ms) where `tail | grep` took 70-100 ms in the same minute, and
32-72 ms in a quieter one; at a load of 10 both take 100-200 ms. With --all the look ends after
1.0 s and says so; at a load of 12 it had covered the last 106 MB.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wizard.model.route import Route, Server
from wizard.proxies.facts import ErrorLog, Instance
from wizard.proxies.looks import error_log

SIZE = 1_000_000_000
WINDOW_BYTES = 11_600_000
PATTERN = r"connect\(\) failed|upstream timed out|prematurely closed|no live upstreams"

_FIELDS = (
    'client: 10.0.{a}.{b}, server: shop.example.com, request: "GET /p/{n} HTTP/1.1", '
    'upstream: "http://10.1.0.{u}:3000/p/{n}", host: "shop.example.com", '
    'referrer: "https://shop.example.com/list?page={n}"'
)
_FAILURES = (
    "connect() failed (111: Connection refused) while connecting to upstream",
    "upstream timed out (110: Connection timed out) while reading response header from upstream",
    "upstream prematurely closed connection while reading response header from upstream",
)


def write(path: Path, seconds: float) -> None:
    """A log whose lines are spread over the last `seconds`."""
    chance = random.Random(7)
    now = time.time()
    with path.open("wb") as out:
        for step in range(SIZE // 1_000_000):
            at = now - seconds * (1 - step / (SIZE // 1_000_000))
            stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(at))
            out.write(_megabyte(stamp, chance))


def _megabyte(stamp: str, chance: random.Random) -> bytes:
    lines: list[str] = []
    size = 0
    while size < 1_000_000:
        a, b, n, u = (chance.randrange(1, 250) for _ in range(4))
        fields = _FIELDS.format(a=a, b=b, n=n * 1000 + a, u=u % 4)
        if chance.random() < 0.2:
            line = f"{stamp} [error] 811#811: *{n}{a} {chance.choice(_FAILURES)}, {fields}"
        else:
            line = f"{stamp} [info] 811#811: *{n}{a} client {a}.{b} closed keepalive connection"
            line += f" ({n}: nothing more to read from it), {fields}"[:200]
        lines.append(line)
        size += len(line) + 1
    return ("\n".join(lines) + "\n").encode()


def measure(path: Path) -> tuple[float, ErrorLog]:
    """Milliseconds of one look, and what it found."""
    servers = [
        Server(name=f"10.1.0.{n}:3000", host=f"10.1.0.{n}", port=3000, local=False)
        for n in range(4)
    ]
    route = Route(
        found=True, location="/", server_names=["shop.example.com"], upstream="shop",
        servers=servers, error_logs=[str(path)], error_log_level="error",
    )  # fmt: skip
    began = time.perf_counter()
    found = error_log(instance=Instance(kind="nginx", running=True), route=route)
    milliseconds = (time.perf_counter() - began) * 1000
    assert isinstance(found.facts, ErrorLog)
    return milliseconds, found.facts


def _grep(path: Path) -> float:
    began = time.perf_counter()
    tail = subprocess.Popen(["tail", "-c", "50M", str(path)], stdout=subprocess.PIPE)
    subprocess.run(["grep", "-cE", PATTERN], stdin=tail.stdout, stdout=subprocess.DEVNULL)
    tail.wait()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Write, measure, print, remove."""
    whole = "--all" in sys.argv
    seconds = 800.0 if whole else 900 * SIZE / WINDOW_BYTES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "error.log"
        write(path, seconds)
        runs = [measure(path) for _ in range(5)]
        greps = [_grep(path) for _ in range(5)]
        facts = runs[0][1]
        covered = (facts.to_time or 0) - (facts.from_time or 0)
        print(f"log: {os.path.getsize(path) / 1e6:.0f} MB, {facts.count} lines of the route")
        print(f"covered: {covered:.0f} s, bounded: {facts.bounded}")
        print("look:", ", ".join(f"{milliseconds:.0f}" for milliseconds, _ in runs), "ms")
        print("tail | grep:", ", ".join(f"{milliseconds:.0f}" for milliseconds in greps), "ms")


if __name__ == "__main__":
    main()
