"""What stands in a secret's place: `[masked:password-3]`, the same for as long as a session lives.

A small file in the session's folder lets the next process that writes in the session give the
same secret the same token. It holds a random key and, for each token, the secret's keyed hash
(HMAC-SHA256, RFC 2104), its kind and its length; never the secret. Journals, tapes and exports
carry tokens only, so without this file nothing can be tried against them.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

TOKEN = re.compile(r"\[masked:(?:([a-z][a-z-]{0,30})-)?(\d{1,9})\]")
"""A token; those of older sessions have no kind."""
NAME = "masked.jsonl"
_JOURNALS = "journal*.jsonl"
_IN_BYTES = re.compile(rb"\[masked:(?:[a-z-]{1,31}-)?(\d{1,9})\]")
_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1024 * 1024


class Token(NamedTuple):
    """What is known of a masked secret."""

    number: int
    kind: str
    """A noun of the reader's: `password`, `cookie`."""
    shape: str
    """The same with where it stood: `password of a URL`."""
    length: int
    """In characters."""

    def __str__(self) -> str:
        return f"[masked:{self.kind}-{self.number}]"


class Tokens:
    """Gives every secret its token. Threads and processes that share a session agree."""

    def __init__(self, after: int = 0) -> None:
        self._known: dict[str, Token] = {}
        self._greatest = after
        self._session = ""
        self._store: _Store | None = None
        self._lock = threading.Lock()

    def of(self, secret: str, kind: str, shape: str = "") -> Token:
        """The token of a secret; the kind is the one under which it was met first."""
        known = self._known.get(secret)
        if known is None:
            with self._lock:
                known = self._known.get(secret) or self._new(secret, kind, shape or kind)
        return known

    def is_known(self, secret: str) -> bool:
        """This text was met as a secret."""
        return secret in self._known

    def saw(self, number: int) -> None:
        """A token of this number stands in a text; new ones begin after it."""
        if number > self._greatest:
            with self._lock:
                self._greatest = max(self._greatest, number)

    def keep_in(self, folder: Path | None, session: str) -> None:
        """From now on tokens are those of this session, whose private folder this is.

        What was met before the session had a folder, or while it lay in another one, is taken
        along. Without a folder they are kept in memory.
        """
        with self._lock:
            if session != self._session and self._session:
                self._known, self._greatest = {}, 0
            self._session = session
            before, self._known = self._known, {}
            self._store = _Store(folder) if folder is not None else None
            for secret, token in before.items():
                self._known[secret] = self._kept(secret, token)

    def go_on(self, journal: Path, *, in_folder: bool) -> None:
        """From now on tokens are those of the session that this journal holds.

        Of a journal that does not lie in a session's folder nothing is kept beside it; its numbers
        are gone on from.
        """
        folder = journal.parent
        self.keep_in(folder if in_folder else None, folder.name if in_folder else str(journal))
        if not in_folder:
            self.saw(_greatest_of(journal))

    def _new(self, secret: str, kind: str, shape: str) -> Token:
        token = self._kept(secret, Token(self._greatest + 1, kind, shape, len(secret)))
        self._known[secret] = token
        return token

    def _kept(self, secret: str, token: Token) -> Token:
        if self._store is not None:
            try:
                token = self._store.kept(secret, token)
            except OSError:  # full, read-only, gone: the tokens of this process still agree
                self._store = None
        self._greatest = max(self._greatest, token.number)
        return token


class _Store:
    """The file; made when there is a first secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._key = b""
        self._by_hash: dict[str, Token] = {}
        self._greatest = 0
        self._read = 0
        """How much of the file was read so far, in bytes."""

    def kept(self, secret: str, token: Token) -> Token:
        """The token that this secret has in the session; the given one where it has none yet."""
        import fcntl

        if self._file is None:
            self._file = self._opened()
            self._greatest = _greatest_in(self._folder)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._catch_up()
            digest = self._hash(secret)
            if digest not in self._by_hash:
                number = max(token.number, self._greatest + 1)
                self._put(digest, token._replace(number=number))
            return self._by_hash[digest]
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def __del__(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)

    def _opened(self) -> int:
        import stat

        where = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            file = os.open(NAME, _OPEN, 0o600, dir_fd=where)
        finally:
            os.close(where)
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.geteuid():
            os.close(file)
            raise PermissionError(1, f"{NAME} is not ours")
        if stat.S_IMODE(seen.st_mode) & 0o077:
            os.fchmod(file, 0o600)
        return file

    def _catch_up(self) -> None:
        """What other processes put there; a line that was cut off is ended."""
        if self._file is None:
            return
        added = b""
        while more := os.pread(self._file, _CHUNK, self._read + len(added)):
            added += more
        self._read += len(added)
        if added and not added.endswith(b"\n"):
            self._read += os.write(self._file, b"\n")
        for line in added.splitlines():
            self._take(line)
        if not self._key:
            self._key = os.urandom(32)
            self._write({"key": self._key.hex()})

    def _take(self, line: bytes) -> None:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            row = msgspec.json.decode(line)
            if "key" in row:
                self._key = self._key or bytes.fromhex(row["key"])
                return
            token = Token(int(row["number"]), row["kind"], row["shape"], int(row["length"]))
            self._by_hash.setdefault(row["hash"], token)
            self._greatest = max(self._greatest, token.number)

    def _put(self, digest: str, token: Token) -> None:
        self._by_hash[digest] = token
        self._greatest = max(self._greatest, token.number)
        self._write({"hash": digest, **token._asdict()})

    def _write(self, row: dict[str, str | int]) -> None:
        if self._file is not None:
            self._read += os.write(self._file, msgspec.json.encode(row) + b"\n")

    def _hash(self, secret: str) -> str:
        import hashlib
        import hmac

        return hmac.new(
            self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()


def kept_in(folder: Path) -> dict[int, Token]:
    """What is known of a session's tokens, by number; nothing where there is no such file."""
    found = {}
    with contextlib.suppress(OSError):
        for line in (folder / NAME).read_bytes().splitlines():
            with contextlib.suppress(ValueError, TypeError, KeyError):
                row = msgspec.json.decode(line)
                token = Token(int(row["number"]), row["kind"], row["shape"], int(row["length"]))
                found[token.number] = token
    return found


def _greatest_in(folder: Path) -> int:
    """The greatest number in the session's journals: the file beside them may be younger."""
    return max((_greatest_of(path) for path in folder.glob(_JOURNALS)), default=0)


def _greatest_of(path: Path) -> int:
    greatest = 0
    with contextlib.suppress(OSError):
        for number in _numbers(path):
            greatest = max(greatest, number)
    return greatest


def _numbers(path: Path) -> Iterator[int]:
    """Of a journal, read in pieces that overlap by more than a token is long."""
    before = b""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            for match in _IN_BYTES.finditer(before + piece):
                yield int(match.group(1))
            before = piece[-64:]


of_this_process = Tokens()
"""One process works on one session."""
