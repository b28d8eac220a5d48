"""The only module that starts processes.

Argument lists without a shell, a constant allow-list of programs, no standard input but a text
that is to be copied, a C locale, a time limit and an output limit. The child gets its own process
group, which is killed whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import IO

import msgspec

PHP_FPM = frozenset(
    {"php-fpm", *(f"php-fpm{major}{dot}{minor}" for major, minors in ((7, 5), (8, 10))
                  for minor in range(minors) for dot in (".", ""))}
)  # fmt: skip
"""PHP-FPM has its version in its name: php-fpm8.2 (Debian), php-fpm82 (Alpine)."""

ALLOWED = PHP_FPM | frozenset(
    {
        "apt-cache", "conntrack", "dmesg", "firewall-cmd", "getent", "ip", "ip6tables",
        "ip6tables-legacy-save", "ip6tables-nft-save", "ip6tables-save", "iptables",
        "iptables-legacy-save", "iptables-nft-save", "iptables-save", "journalctl", "nft", "nginx",
        "nstat", "openssl", "ps", "ss", "systemctl", "systemd-analyze", "tmux", "ufw",
    }
)  # fmt: skip
"""Programs that the wizard may start. All but tmux, which takes what a person copies into its own
buffer, are used for reading only."""

# An ordinary user's PATH often lacks the sbin folders, where ss, nft and nginx live.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OUTPUT_LIMIT = 8 * 1024 * 1024


class Completed(msgspec.Struct, frozen=True):
    """What a program said. `missing` and `timed_out` are answers, not exceptions."""

    argv: tuple[str, ...]
    exit_status: int | None
    """None when it did not run to its end."""
    out: bytes = b""
    err: bytes = b""
    missing: bool = False
    timed_out: bool = False
    cut: bool = False
    """Output went over the limit; what is kept is the beginning."""

    @property
    def ok(self) -> bool:
        """It ran and exited with 0."""
        return self.exit_status == 0


def program_path(program: str) -> str | None:
    """Where the program is, or None when it is not installed."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{_PATH}")


def run(
    argv: Sequence[str],
    *,
    timeout: float = 3.0,
    limit: int = _OUTPUT_LIMIT,
    path: str | None = None,
    text: str | None = None,
) -> Completed:
    """Run an allowed program and return what it said.

    `text` is its standard input; without it there is none.

    `path` overrides where the executable is (a second nginx at /opt/nginx/sbin/nginx); its
    program name must still be an allowed one.

    Raises:
        ValueError: the program is not on the allow-list.
    """
    program = argv[0]
    if program not in ALLOWED or (path is not None and os.path.basename(path) not in ALLOWED):
        raise ValueError(f"{path or program} is not a program that the wizard may start")
    where = path or program_path(program)
    if where is None:
        return Completed(tuple(argv), None, missing=True)
    environment = {"PATH": _PATH, "LC_ALL": "C", "LANG": "C", "SYSTEMD_COLORS": "0", "PAGER": "cat"}
    for kept in ("HOME", "TZ", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "TMUX"):
        if kept in os.environ:
            environment[kept] = os.environ[kept]
    try:
        child = subprocess.Popen(
            [where, *argv[1:]],
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:  # gone meanwhile, no program, no process to be had
        return Completed(tuple(argv), None, err=str(error).encode(), missing=True)
    if text is not None:
        threading.Thread(target=_feed, args=(child, text), daemon=True).start()
    return _collect(child, tuple(argv), timeout, limit)


def _feed(child: subprocess.Popen[bytes], text: str) -> None:
    """A program that does not read must not be waited for."""
    if child.stdin is None:
        return
    with contextlib.suppress(OSError):  # it ended without reading all of it
        child.stdin.write(text.encode("utf-8", errors="backslashreplace"))
    with contextlib.suppress(OSError):
        child.stdin.close()


def _collect(
    child: subprocess.Popen[bytes], argv: tuple[str, ...], timeout: float, limit: int
) -> Completed:
    kept = {"out": bytearray(), "err": bytearray()}
    cut = threading.Event()

    def read(name: str, stream: IO[bytes]) -> None:
        while piece := stream.read1(65536):  # type: ignore[attr-defined]
            kept[name] += piece
            if len(kept[name]) > limit:
                cut.set()
                _kill(child)
                return

    error_reader = threading.Thread(target=read, args=("err", child.stderr), daemon=True)
    out_reader = threading.Thread(target=read, args=("out", child.stdout), daemon=True)
    ended = threading.Event()

    def reap() -> None:
        child.wait()
        ended.set()

    # `Popen.wait(timeout)` polls with growing sleeps, up to 50 ms at the end of each program.
    reaper = threading.Thread(target=reap, daemon=True)
    for thread in (error_reader, out_reader, reaper):
        thread.start()
    timed_out = not ended.wait(timeout)
    if timed_out:
        _kill(child)
        ended.wait(1.0)
    # A grandchild may hold the pipes open after the child's end: do not wait for it for ever.
    out_reader.join(0.5)
    error_reader.join(0.5)
    if out_reader.is_alive() or error_reader.is_alive():
        _kill(child)
        out_reader.join(0.5)
        error_reader.join(0.5)
    for stream, reader in ((child.stdout, out_reader), (child.stderr, error_reader)):
        if stream and not reader.is_alive():
            stream.close()
    return Completed(
        argv,
        None if timed_out else child.returncode,
        out=bytes(kept["out"][:limit]),
        err=bytes(kept["err"][:limit]),
        timed_out=timed_out,
        cut=cut.is_set(),
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
