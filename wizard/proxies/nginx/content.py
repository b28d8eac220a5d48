"""Files: `try_files`, `index`, and what nginx answers where a location only has files to give."""

from __future__ import annotations

import os
import stat

import msgspec

from wizard.proxies.nginx.config import Directive
from wizard.proxies.nginx.levels import Levels
from wizard.proxies.nginx.variables import Request


class FileAnswer(msgspec.Struct, frozen=True):
    """A file, or the status that stands for its absence."""

    status: int | None = None
    uri: str | None = None
    """The URI that goes on in the same location: `try_files` found this file."""


class Elsewhere(msgspec.Struct, frozen=True):
    """An internal redirect."""

    target: str
    """A URI or `@name`."""


Answer = FileAnswer | Elsewhere


def tried(directive: Directive, levels: Levels, request: Request) -> Answer | None:
    """What `try_files` comes to; None where it cannot be told."""
    *candidates, fallback = directive.args
    for written in candidates:
        uri = request.text(written)
        if uri is None:
            request.doubt(f"{directive.written} at {directive.place}")
            continue
        folder = written.endswith("/")
        if folder:
            # nginx goes on without the slash, and its static module then redirects to the folder.
            uri = uri.removesuffix("/")
        path = _file_of(uri, request)
        kind = _kind(path)
        if kind == "hidden":
            request.doubt(f"{directive.written} at {directive.place}: not allowed to see {path}")
        elif kind == ("folder" if folder else "file"):
            return FileAnswer(uri=uri)
    if fallback.startswith("="):
        return FileAnswer(status=int(fallback[1:]) if fallback[1:].isdigit() else 404)
    target = request.text(fallback)
    if target is None:
        request.doubt(f"{directive.written} at {directive.place}")
        return None
    return Elsewhere(target)


def index_answer(levels: Levels, request: Request) -> Answer:
    """What the index and static modules answer for the request's present URI."""
    path = _file_of(request.uri, request)
    if not request.uri.endswith("/"):
        kind = _kind(path)
        if kind == "hidden":
            request.doubt(f"not allowed to see {path}")
        statuses = {"file": 200, "folder": 301, "missing": 404, "hidden": None}
        return FileAnswer(status=statuses[kind])
    indexes = levels.all("index")
    names = [name for directive in indexes for name in directive.args] or ["index.html"]
    for written in names:
        name = request.text(written)
        if name is None:
            continue
        if name.startswith("/"):
            return Elsewhere(name)
        kind = _kind(None if path is None else path + name)
        if kind == "hidden":
            request.doubt(f"not allowed to see {path}{name}")
            return FileAnswer()
        if kind == "file":
            return Elsewhere(_with_args(request.uri + name, request))
    if _kind(path) == "folder":
        return FileAnswer(status=200 if levels.is_on("autoindex") else 403)
    return FileAnswer(status=404)


def _with_args(uri: str, request: Request) -> str:
    return f"{uri}?{request.args}" if request.args else uri


def _file_of(uri: str, request: Request) -> str | None:
    path = request.file_name(uri)
    if path is None:
        return None
    return path if path.startswith("/") else os.path.join(request.prefix, path)


def _kind(path: str | None) -> str:
    """`file`, `folder`, `missing`, or `hidden` where one may not look."""
    if path is None:
        return "hidden"
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "missing"
    except OSError:
        return "hidden"
    return "folder" if stat.S_ISDIR(mode) else "file"
