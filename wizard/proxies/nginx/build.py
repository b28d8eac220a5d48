"""What a program file of nginx was built with: `nginx -V`, asked once a file."""

from __future__ import annotations

import os
import re
import shlex
import threading

import msgspec

from wizard.model.text import decode
from wizard.probes.run import run

_kept: dict[tuple[str, int], Build | None] = {}
_guard = threading.Lock()


class Build(msgspec.Struct, frozen=True):
    """The version and the compiled-in defaults, paths made absolute."""

    version: str
    prefix: str
    config: str
    error_log: str
    access_log: str
    pid_file: str
    user: str
    temp_paths: dict[str, str] = {}
    """Folders of temporary files by what makes them: client_body, proxy, fastcgi, uwsgi, scgi."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version as numbers, to compare with."""
        return version_numbers(self.version)


def version_numbers(version: str | None) -> tuple[int, ...]:
    """`1.22.1` as (1, 22, 1); empty when not known."""
    return tuple(int(number) for number in re.findall(r"\d+", version or "")[:3])


def build(executable: str) -> Build | None:
    """What this program file says of itself; None when it may not or cannot be run."""
    try:
        key = (executable, os.stat(executable).st_mtime_ns)
    except OSError:
        return None
    with _guard:
        if key not in _kept:
            _kept[key] = _asked(executable)
        return _kept[key]


def _asked(executable: str) -> Build | None:
    try:
        said = run(["nginx", "-V"], timeout=2, path=executable)
    except ValueError:
        return None
    return described(decode(said.err)) if said.ok else None


def described(text: str) -> Build | None:
    """The build that the output of `nginx -V` describes."""
    version = re.search(r"^[\w ]+ version: \S*?/([\w.]+)", text, re.MULTILINE)
    arguments = re.search(r"^configure arguments:(.*)$", text, re.MULTILINE)
    if version is None:
        return None
    try:
        words = shlex.split(arguments.group(1)) if arguments else []
    except ValueError:
        words = []
    given = dict(word[2:].split("=", 1) for word in words if word.startswith("--") and "=" in word)
    prefix = given.get("prefix", "/usr/local/nginx")

    def path(name: str, default: str) -> str:
        value = given.get(name, default)
        return value if value in ("stderr", "") else os.path.join(prefix, value)

    config = path("conf-path", "conf/nginx.conf")
    return Build(
        version=version.group(1),
        prefix=prefix,
        config=config,
        error_log=path("error-log-path", "logs/error.log"),
        access_log=path("http-log-path", "logs/access.log"),
        pid_file=path("pid-path", "logs/nginx.pid"),
        user=given.get("user", "nobody"),
        temp_paths={
            "client_body": path("http-client-body-temp-path", "client_body_temp"),
            **{
                name: path(f"http-{name}-temp-path", f"{name}_temp")
                for name in ("proxy", "fastcgi", "uwsgi", "scgi")
            },
        },
    )
