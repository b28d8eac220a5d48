"""nginx's effective configuration as a tree of directives that know their file and line.

The tree is made while it is walked: of five thousand virtual hosts only the one that answers is
ever turned into objects, so that resolving a URL costs little more than reading the files.
"""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from wizard.model.route import Place
from wizard.model.text import clean
from wizard.proxies.nginx.reading import Files, Statement, Trouble, expanded, read

_ESCAPED = {'"': '"', "'": "'", "\\": "\\", "t": "\t", "r": "\r", "n": "\n"}


class Block:
    """The inside of a `{ }`, includes expanded."""

    def __init__(self, files: Files, file: str, statements: list[Statement]) -> None:
        self._files = files
        self._file = file
        self._statements = statements

    def raw(self) -> Iterator[tuple[Statement, str]]:
        """The statements as crossplane has them, each with its file: for passes over thousands."""
        return expanded(self._files, self._file, self._statements)

    def raw_inside(self, statement: Statement, file: str) -> Iterable[Statement]:
        """The statements inside one that `raw` gave, includes expanded."""
        block: list[Statement] = statement.get("block", [])
        if any("files" in inner for inner in block):
            return [inner for inner, _ in expanded(self._files, file, block)]
        return block

    def directive(self, statement: Statement, file: str) -> Directive:
        """The object for a statement that `raw` gave."""
        return Directive(self._files, statement, file)

    @cached_property
    def directives(self) -> list[Directive]:
        """The directives in the order of the files."""
        return [Directive(self._files, statement, file) for statement, file in self.raw()]

    @cached_property
    def _by_name(self) -> dict[str, list[Directive]]:
        named: dict[str, list[Directive]] = {}
        for directive in self.directives:
            named.setdefault(directive.name, []).append(directive)
        return named

    def all(self, name: str) -> list[Directive]:
        """Every directive of this name that stands on this level itself."""
        return self._by_name.get(name, [])

    def one(self, name: str) -> Directive | None:
        """The last of this name that stands on this level itself."""
        found = self._by_name.get(name)
        return found[-1] if found else None

    @cached_property
    def _raw_by_name(self) -> dict[str, list[tuple[Statement, str]]]:
        named: dict[str, list[tuple[Statement, str]]] = {}
        for found in self.raw():
            named.setdefault(found[0]["directive"], []).append(found)
        return named

    def raw_of(self, name: str) -> list[tuple[Statement, str]]:
        """The statements of this name as crossplane has them."""
        return self._raw_by_name.get(name, [])

    def having(self, name: str) -> Iterator[Directive]:
        """Directives of this name, without making objects of the others."""
        for statement, file in self.raw_of(name):
            yield Directive(self._files, statement, file)


class Directive:
    """One directive with its arguments, place and, where it has one, block."""

    def __init__(self, files: Files, statement: Statement, file: str) -> None:
        self._files = files
        self._statement = statement
        self.file = file

    def __repr__(self) -> str:
        return f"<{self.written} at {self.place}>"

    @property
    def name(self) -> str:
        """The directive's name."""
        name: str = self._statement["directive"]
        return name

    @property
    def line(self) -> int:
        """The line that it begins on."""
        line: int = self._statement["line"]
        return line

    @property
    def place(self) -> Place:
        """File and line."""
        return Place(clean(self.file), self.line)

    @cached_property
    def args(self) -> list[str]:
        """The arguments, backslash escapes undone as nginx does."""
        return unescaped(self._statement["args"])

    @property
    def written(self) -> str:
        """The directive as a person would read it, without its block."""
        return clean(" ".join([self.name, *self._statement["args"]]))

    @cached_property
    def block(self) -> Block:
        """Its inside; empty for a simple directive."""
        return Block(self._files, self.file, self._statement.get("block", []))

    @property
    def has_block(self) -> bool:
        """It is followed by `{ }`."""
        return "block" in self._statement


def unescaped(words: list[str]) -> list[str]:
    """The words with nginx's backslash escapes undone; other backslashes stay."""
    return [_unescape(word) if "\\" in word else word for word in words]


def _unescape(word: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(word):
        char = word[position]
        following = word[position + 1 : position + 2]
        if char == "\\" and following in _ESCAPED:
            out.append(_ESCAPED[following])
            position += 2
        else:
            out.append(char)
            position += 1
    return "".join(out)


class Configuration(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Everything that one nginx reads when it starts."""

    path: str
    files: Files
    main: Block

    @cached_property
    def http(self) -> Block | None:
        """The inside of `http { }`."""
        found = next(self.main.having("http"), None)
        return found.block if found else None

    @property
    def troubles(self) -> list[Trouble]:
        """Files that could not be read or understood."""
        return self.files.troubles


_Stamp = tuple[tuple[str, int, int, int], ...]
_kept: dict[str, tuple[_Stamp, Configuration]] = {}
_locks: dict[str, threading.Lock] = {}
_guard = threading.Lock()
_pauses = 0


def configuration(path: str) -> Configuration:
    """The configuration whose main file is `path`; read again only when a file has changed."""
    with _guard:
        lock = _locks.setdefault(path, threading.Lock())
    with lock:
        known = _kept.get(path)
        if known is not None and _stamp(known[1].files) == known[0]:
            return known[1]
        with _collection_paused():
            files = read(path)
            fresh = Configuration(path, files, Block(files, path, files.statements[path]))
            if fresh.http is not None:
                fresh.http.raw_of("server")
        _kept[path] = (_stamp(files), fresh)
        return fresh


@contextlib.contextmanager
def _collection_paused() -> Iterator[None]:
    """No garbage collection meanwhile: a parse makes a million containers and no garbage.

    With five thousand virtual hosts that is a fifth of the time. Counted, because several threads
    may read at once.
    """
    global _pauses
    with _guard:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _guard:
            _pauses -= 1
            if _pauses == 0:
                gc.enable()


def forget() -> None:
    """Drop what was read, to measure or test reading itself."""
    with _guard:
        _kept.clear()


def _stamp(files: Files) -> _Stamp:
    """What changes when a file does, or when one is added to or removed from an included folder."""
    watched = [*files.statements, *{os.path.dirname(pattern) for pattern in files.patterns}]
    stamps = []
    for path in watched:
        try:
            found = os.stat(path)
        except OSError:
            stamps.append((path, 0, 0, 0))
        else:
            stamps.append((path, found.st_mtime_ns, found.st_size, found.st_ino))
    return tuple(stamps)
