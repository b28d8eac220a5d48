"""A real nginx with small backends on loopback, for an ordinary user: no root, no container.

Everything lies in one temporary folder: configuration, logs, sockets, programs' output. Ports are
chosen by the kernel. Leaving the `with` block ends every process and removes the folder; when the
lab itself is killed, `leftovers` does.

    with staged() as site:
        site.start("app", *app(port=site.ports["app"]))
        site.serve(f"location / {{ proxy_pass http://127.0.0.1:{site.ports['app']}; }}")
        site.stop("app")
        assert site.ask("/").status == 502
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wizard.lab.asking import Answer, ask
from wizard.lab.leftovers import Cleaner, end_group
from wizard.lab.person import Person, ordinary_person
from wizard.lab.ports import Ports

_SBIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PATIENCE = 5.0
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class StageError(Exception):
    """The stage could not be set: no nginx, a configuration that does not start, a dead app."""


def nginx_program() -> str | None:
    """Where nginx is; None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{_SBIN}")


def why_impossible() -> str | None:
    """The reason why nothing can be staged on this machine, or None where it can."""
    return None if nginx_program() else "nginx is not installed"


@dataclass
class Stage:
    """One nginx and its backends in one folder."""

    folder: Path
    person: Person
    ports: Ports
    _cleaner: Cleaner
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """What a client asks."""
        return f"http://127.0.0.1:{self.ports['front']}/"

    @property
    def config(self) -> Path:
        """The main configuration file of nginx."""
        return self.folder / "nginx.conf"

    @property
    def error_log(self) -> Path:
        """The error log of nginx."""
        return self.folder / "error.log"

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        """Put a file into the folder, as the person who runs the programs."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        if self.person.drop:
            for made in (path, *(p for p in path.parents if self.folder in p.parents)):
                os.chown(made, self.person.uid, self.person.gid)
        return path

    def start(self, name: str, *argv: str, said: str = "listening", folder: str = "") -> int:
        """Start a program, wait until it has said that it is ready, and return its pid."""
        self._spawn(name, argv, folder)
        self.wait_for(lambda: said in self.output(name), name, f"{name} to say {said!r}")
        return self._processes[name].pid

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End a program and its children."""
        end_group(self._processes.pop(name), how)
        self._cleaner.watch(self._groups())

    def send(self, name: str, what: signal.Signals) -> None:
        """Signal a program and its children without waiting for anything."""
        os.killpg(self._processes[name].pid, what)

    def output(self, name: str) -> str:
        """What a program has said so far."""
        path = self.folder / f"{name}.out"
        return path.read_text(errors="replace") if path.exists() else ""

    def configure(self, servers: str, http: str = "") -> None:
        """Write nginx.conf around these server blocks; a running nginx does not notice."""
        temporary = "".join(
            f"    {name}_temp_path {self.folder}/temp/{name};\n" for name in _TEMPORARY
        )
        self.write("temp/README", "nginx keeps bodies here while it passes them on.\n")
        self.write(
            "nginx.conf",
            "worker_processes 1;\n"
            f"pid {self.folder}/nginx.pid;\n"
            f"error_log {self.error_log} notice;\n\n"
            "events {\n    worker_connections 64;\n}\n\n"
            "http {\n"
            f"    access_log {self.folder}/access.log;\n{temporary}{_indented(http)}"
            f"{_indented(servers)}}}\n",
        )

    def start_nginx(self) -> None:
        """Start nginx with nginx.conf as it is, and wait until it listens."""
        program = nginx_program()
        if program is None:
            raise StageError("nginx is not installed")
        # `-e` keeps the log that is compiled in (/var/log/nginx) out of the way.
        arguments = ("-p", f"{self.folder}/", "-e", str(self.error_log), "-c", str(self.config))
        self._spawn("nginx", (program, *arguments, "-g", "daemon off;"), "")
        self.wait_for(lambda: is_open(self.ports["front"]), "nginx", "nginx to listen")

    def reload_nginx(self) -> None:
        """Make nginx read nginx.conf again, and wait until the old workers are gone."""
        nginx = self._processes["nginx"]
        before = _children(nginx.pid)
        nginx.send_signal(signal.SIGHUP)
        self.wait_for(
            lambda: bool(now := _children(nginx.pid)) and not now & before, "nginx", "new workers"
        )

    def ask(self, path: str = "/", *, headers: dict[str, str] | None = None) -> Answer:
        """One GET through nginx."""
        return ask(self.ports["front"], path, headers=headers or {})

    def is_running(self, name: str) -> bool:
        """Whether a program that was started lives."""
        return name in self._processes and self._processes[name].poll() is None

    def wait_for(self, condition: Callable[[], bool], name: str, what: str) -> None:
        """Wait until the condition holds.

        Raises:
            StageError: it never did, or the program that it is about has ended.
        """
        give_up = time.monotonic() + _PATIENCE
        while not condition():
            if not self.is_running(name) or time.monotonic() > give_up:
                said = self.output(name).strip()[-600:]
                raise StageError(f"waited in vain for {what}: {said or 'it said nothing'}")
            time.sleep(0.005)

    def clear(self) -> None:
        """End every process and remove the folder."""
        try:
            for process in reversed(self._processes.values()):
                end_group(process, signal.SIGTERM)
            self._processes.clear()
            self._cleaner.watch(())
            shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            self._cleaner.finish()
            self.ports.let_go()

    def _spawn(self, name: str, argv: tuple[str, ...], folder: str) -> None:
        if name in self._processes:
            raise StageError(f"{name} runs already")
        output = self.write(f"{name}.out", "")
        with output.open("ab") as into:
            self._processes[name] = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=into,
                stderr=subprocess.STDOUT,
                cwd=self.folder / folder,
                env={"PATH": _SBIN, "HOME": str(self.folder), "LANG": "C.UTF-8"},
                start_new_session=True,
                **self.person.identity,
            )
        self._cleaner.watch(self._groups())

    def _groups(self) -> list[int]:
        return [process.pid for process in self._processes.values()]


@contextlib.contextmanager
def staged(person: Person | None = None) -> Iterator[Stage]:
    """An empty stage; everything on it is gone when the block is left.

    Raises:
        StageError: this machine has no nginx.
    """
    reason = why_impossible()
    if reason:
        raise StageError(reason)
    person = person or ordinary_person()
    folder = Path(tempfile.mkdtemp(prefix="gateway-wizard-lab-"))
    stage = None
    try:
        if person.drop:
            os.chown(folder, person.uid, person.gid)
        stage = Stage(folder, person, Ports(), Cleaner(folder, person))
        yield stage
    finally:
        if stage is None:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            stage.clear()


def is_open(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something takes connections there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _children(pid: int) -> set[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(OSError):
        return {int(child) for child in path.read_text().split()}
    return set()


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip().splitlines())
