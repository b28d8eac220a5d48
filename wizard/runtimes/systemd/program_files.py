"""The few small files that a unit's program is likely to read its address from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import msgspec

from wizard.model.text import decode
from wizard.runtimes.systemd.show import Unit

_FILE_LIMIT = 200 * 1024
_COUNT_LIMIT = 60
_DEPTH = 2
_SKIPPED = frozenset(
    {"node_modules", ".git", ".hg", ".svn", "venv", ".venv", "env", "__pycache__", "site-packages",
     "vendor", "dist", "build", "static", "public", "media", "logs", "log", "tmp", "cache",
     "tests", "test"}
)  # fmt: skip
_SOURCE = re.compile(r"\.(py|js|mjs|cjs|ts|rb|php|pl|sh|go|ru|lua|ex|exs)$")
_SETTINGS = re.compile(
    r"(^|\.)env(\.(prod|production|local))?$|\.(ini|toml|yaml|yml|json|conf|cfg|config|properties)$|"
    r"^(gunicorn|uvicorn|hypercorn|puma|unicorn)[\w.-]*\.(py|rb)$|^Procfile$"
)
_NOT_SETTINGS = re.compile(
    r"(^package(-lock)?\.json|composer\.(json|lock)|\.lock|tsconfig.*\.json)$"
)
_NO_PROGRAMS = re.compile(
    r"^/(?:etc|proc|sys|dev|run|bin|sbin|lib\w*|usr/(?:s?bin|lib\w*|share)|usr/local/s?bin)(?:/|$)|"
    r"^/(?:usr|usr/local|var|var/lib|var/www|opt|srv|home|home/[^/]+|root|tmp|mnt)?/?$"
)
"""Folders that hold more than one program."""
_PACKAGED = re.compile(r"^/(?:usr/)?s?bin/")
_SHELL = re.compile(rb"^#!.*\b(?:ba|da|z|k)?sh\b")


class ProgramFile(msgspec.Struct, frozen=True):
    """A file of a program; a source file may hold a default that a setting overrides."""

    path: str
    is_source: bool
    key: str | None = None
    """The only word that a line about listening begins with: a proxy's file names others' addresses
    too."""


_PROXY_FILES = {
    "haproxy": ("bind", ("/etc/haproxy/haproxy.cfg",)),
    "apache2": ("listen", ("/etc/apache2/ports.conf", "/etc/apache2/apache2.conf")),
    "httpd": ("listen", ("/etc/httpd/conf/httpd.conf",)),
    "varnish": ("listen", ()),
    "varnishd": ("listen", ()),
}


def of(unit: Unit) -> Iterator[ProgramFile]:
    """Files named in the arguments, then settings, then source files around the program."""
    proxy = _PROXY_FILES.get(unit.name.removesuffix(".service"))
    if proxy:
        yield from (ProgramFile(path, False, proxy[0]) for path in proxy[1])
        return
    named = [path for argv in unit.commands for path in _named(argv, _home(unit))]
    around = [path for folder in _folders(unit, named) for path in _inside(folder)]
    paths = list(dict.fromkeys((*_pools(unit), *named, *around)))[:_COUNT_LIMIT]
    files = [ProgramFile(path, _is_source(path, path in named)) for path in paths]
    yield from (file for file in files if not file.is_source)
    yield from (file for file in files if file.is_source)


def text_of(path: str) -> str | None:
    """The file's text; None when it is not readable, too big or not text."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _FILE_LIMIT:
            return None
        with open(path, "rb") as file:
            raw = file.read(_FILE_LIMIT)
    except OSError:
        return None
    return None if b"\0" in raw else decode(raw)


def _home(unit: Unit) -> str:
    return unit["WorkingDirectory"].lstrip("!-")


def _named(argv: list[str], home: str) -> Iterator[str]:
    """Files among the words of a command, the command itself where it is nobody's package."""
    for word in argv:
        for part in dict.fromkeys((word, word.rpartition("=")[2])):
            path = os.path.join(home or "/", part)
            if part.startswith("-") or _PACKAGED.match(path) or not ("/" in part or "." in part):
                continue
            if os.path.isfile(path):
                yield path


def _folders(unit: Unit, named: list[str]) -> list[str]:
    folders = [_home(unit), *(os.path.dirname(path) for path in named)]
    return [
        folder for folder in dict.fromkeys(folders) if folder and not _NO_PROGRAMS.match(folder)
    ]


def _inside(folder: str, depth: int = _DEPTH) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)[:500]
    except OSError:
        return
    below = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED and depth > 1:
                below.append(entry.path)
        elif _SOURCE.search(entry.name) or (
            _SETTINGS.search(entry.name) and not _NOT_SETTINGS.search(entry.name)
        ):
            yield entry.path
    for path in below:
        yield from _inside(path, depth - 1)


def _pools(unit: Unit) -> Iterator[str]:
    """php-fpm names its addresses in files of their own, next to its main configuration."""
    for argv in unit.commands:
        if not os.path.basename(argv[0]).startswith("php-fpm"):
            continue
        main = next((word for word in argv if word.endswith(".conf")), "/etc/php-fpm.conf")
        main = main.rpartition("=")[2]
        folders = (f"{os.path.dirname(main)}/pool.d", f"{os.path.dirname(main)}/php-fpm.d")
        for folder in folders:
            yield from (path for path in _inside(folder, 1) if path.endswith(".conf"))


def _is_source(path: str, is_named: bool) -> bool:
    name = os.path.basename(path)
    if is_named and _is_shell(path):
        # A wrapper is the command line itself.
        return False
    return _SETTINGS.search(name) is None and (_SOURCE.search(name) is not None or is_named)


def _is_shell(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return _SHELL.match(file.read(64)) is not None
    except OSError:
        return False
