"""How long `wizard diagnose` takes, beside the commands of the guide for the same incident.

    python benchmarks/diagnose.py [--runs N] [URL]

Without a URL it starts an nginx of its own on loopback whose backend does not run (502). The
commands are the ones that a person types for a 502, one after another in one shell script. The
target: the middle of the runs stays within the slowest single look plus 150 ms.

Measured on 2 busy shared cores, Python 3.11: see CPU, which other load disturbs less than time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wizard.lab.ports import Ports

PROJECT = Path(__file__).parents[1]
MARGIN = 0.150
CONFIGURATION = """
pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; worker_processes 1;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://127.0.0.1:{backend}; }} }}
}}
"""
GUIDE = """
curl -sS -o /dev/null -w '%{{http_code}}' {url}
systemctl status nginx --no-pager
ps aux | grep nginx
ss -tulnp
tail -n 100 {log}
journalctl -u nginx -n 50 --no-pager
nginx -t {given}
nginx -T {given} | grep proxy_pass
curl -sS -v --max-time 10 {backend}
iptables -L -n
dmesg | grep -iE 'killed process|out of memory'
free -m
df -h
"""


@contextmanager
def broken_site() -> Iterator[tuple[str, str]]:
    """A 502 of an nginx of our own: its URL and the guide's commands for it."""
    ports = Ports()
    front, backend = ports["front"], ports["backend"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nginx.conf"
        path.write_text(CONFIGURATION.format(folder=folder, front=front, backend=backend))
        url, given = f"http://127.0.0.1:{front}/", f"-c {path} -p {folder}"
        nginx = subprocess.Popen(["nginx", *given.split()], stderr=subprocess.DEVNULL)
        try:
            _wait_for(url)
            yield url, GUIDE.format(
                url=url, log=f"{folder}/error.log", given=given,
                backend=f"http://127.0.0.1:{backend}/",
            )  # fmt: skip
        finally:
            nginx.terminate()
            nginx.wait()
            ports.let_go()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 5
    while subprocess.run(["curl", "-s", "-o", os.devnull, url]).returncode:
        if time.monotonic() > until:
            raise SystemExit("nginx does not start")
        time.sleep(0.02)


def guide_of_this_host(url: str) -> str:
    """The guide's commands for a proxy in its usual place."""
    return GUIDE.format(
        url=url, log="/var/log/nginx/error.log", given="", backend="http://127.0.0.1:3000/"
    )


def measured(argv: list[str], environment: dict[str, str]) -> tuple[float, float, bytes]:
    """Seconds by the clock, seconds of CPU, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        argv, env=environment, cwd=PROJECT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, spent, done.stdout


def compare(url: str, guide: str, runs: int) -> int:
    """Print the table; 1 when the target was missed."""
    # Without bytecode every run would compile everything anew.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    wizard = [sys.executable, "-m", "wizard", "diagnose", "--json", url]
    with tempfile.TemporaryDirectory() as state:
        environment["XDG_STATE_HOME"] = state
        measured(wizard, environment)
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(measured(wizard, environment))
            theirs.append(measured(["sh", "-c", guide], environment))
    evidence = [json.loads(printed)["evidence"] for _, _, printed in ours]
    slowest = [max(evidence, key=lambda each: each["seconds"]) for evidence in evidence]
    print(f"{'':<24}{'best':>9}{'middle':>9}{'CPU':>9}   ({runs} runs, ms)")
    for name, took in (("wizard diagnose", ours), ("the guide's commands", theirs)):
        _line(name, [one[0] for one in took], min(one[1] for one in took))
    _line("slowest single look", [look["seconds"] for look in slowest])
    limit = statistics.median(look["seconds"] for look in slowest) + MARGIN
    middle = statistics.median(one[0] for one in ours)
    verdict = "within" if middle <= limit else "over"
    print(f"{slowest[-1]['look']} plus {MARGIN * 1000:.0f} ms is {limit * 1000:.0f} ms: {verdict}")
    return int(middle > limit)


def _line(name: str, seconds: list[float], spent: float | None = None) -> None:
    cpu = "" if spent is None else f"{spent * 1000:.0f}"
    best, middle = min(seconds) * 1000, statistics.median(seconds) * 1000
    print(f"{name:<24}{best:>9.0f}{middle:>9.0f}{cpu:>9}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", metavar="URL")
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    if options.url:
        return compare(options.url, guide_of_this_host(options.url), options.runs)
    if shutil.which("nginx") is None:
        print("diagnose: nginx is not installed, so there is nothing to diagnose")
        return 0
    with broken_site() as (url, guide):
        return compare(url, guide, options.runs)


if __name__ == "__main__":
    sys.exit(main())
