"""A real nginx of a test's own: own folder, own ports, own pid file; stopped at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def free_ports(count: int) -> list[int]:
    """Distinct free ports."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 5.0) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.005)


@dataclass
class Own:
    """One nginx that runs from a folder."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def config(self) -> Path:
        return self.folder / "nginx.conf"

    def workers(self) -> set[int]:
        """Pids of its children."""
        pids = set()
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                if int(stat[1]) == self.process.pid:
                    pids.add(int(entry))
        return pids

    def reload(self) -> None:
        """SIGHUP, and wait until the old workers are gone."""
        before = self.workers()
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: bool(now := self.workers()) and not now & before, "new workers")


def written(folder: Path, http: str, main: str = "", workers: int = 1) -> Path:
    """A configuration file whose logs and temporary folders stand in the folder."""
    temporary = "".join(
        f"  {name}_temp_path {folder}/tmp_{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"{user}worker_processes {workers};\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log notice;\n{main}\n"
        f"events {{ worker_connections 64; }}\n"
        f"http {{\n  access_log {folder}/access.log;\n{temporary}{http}\n}}\n"
    )
    return config


@contextlib.contextmanager
def running(folder: Path, http: str, port: int, main: str = "", workers: int = 1) -> Iterator[Own]:
    """nginx in the foreground with this inside of `http`, listening on the port."""
    assert PROGRAM is not None
    config = written(folder, http, main, workers)
    process = subprocess.Popen(
        [PROGRAM, "-c", str(config), "-p", f"{folder}/", "-e", "stderr", "-g", "daemon off;"],
        stderr=subprocess.PIPE,
    )
    own = Own(folder, process)
    try:
        wait_for(lambda: _answers(port) or process.poll() is not None, "nginx to listen")
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        wait_for(lambda: len(own.workers()) == workers, "its workers")
        yield own
    finally:
        process.terminate()
        process.wait(5)
        if process.stderr:
            process.stderr.close()


def _answers(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(0.2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, path: str, host: str, address: str = "127.0.0.1") -> tuple[int, str, str]:
    """Status, body and Location of one GET, the path sent as it stands."""
    with socket.create_connection((address, port), timeout=5) as one:
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := one.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {line.partition(":")[0].lower(): line.partition(": ")[2] for line in lines[1:]}
    return int(lines[0].split()[1]), body.decode("utf-8", "replace"), headers.get("location", "")
