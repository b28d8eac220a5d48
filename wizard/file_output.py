"""Writes what may be long, in pieces: to standard output, or to a file for its owner only.

A file appears whole or not at all: it is written under a name of its own beside the place and
moved there. Nothing that is there already is followed or replaced unless that was asked for, and
a symbolic link never is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from wizard.options import Refused

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write(pieces: Iterable[str], path: str | None, *, force: bool = False) -> None:
    """Write all pieces, to standard output where no path is given.

    Raises:
        Refused: the file cannot be written, or is there and may not be replaced.
        OSError: standard output takes nothing, as on a full disk.
    """
    if path is None:
        _to_standard_output(pieces)
        return
    _check(path, force)
    try:
        _to_a_file(pieces, Path(path), force=force)
    except FileExistsError:
        raise Refused(_there(path)) from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error


def _check(path: str, force: bool) -> None:
    try:
        seen = os.lstat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    if stat.S_ISLNK(seen.st_mode):
        raise Refused(f"{path} is a symbolic link; it was left alone. Name the file itself.")
    if not stat.S_ISREG(seen.st_mode):
        raise Refused(f"{path} is no regular file. Without -o all goes to standard output.")
    if not force:
        raise Refused(_there(path))


def _there(path: str) -> str:
    return f"There is a file {path} already; it was left alone. --force replaces it."


def _to_a_file(pieces: Iterable[str], path: Path, *, force: bool) -> None:
    draft = path.parent / f".{path.name[:100]}.{os.urandom(4).hex()}.part"
    file = os.open(draft, _CREATE, 0o600)
    try:
        with open(file, "wb") as opened:
            for piece in pieces:
                opened.write(_bytes(piece))
        if force:
            draft.replace(path)
        else:
            _put(draft, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _put(draft: Path, path: Path) -> None:
    """Give the file its name; unlike a move a link replaces nothing that came meanwhile."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS) or path.exists():
            raise
        draft.replace(path)  # a file system without links, as on a memory stick


def _to_standard_output(pieces: Iterable[str]) -> None:
    sys.stdout.flush()
    stream = sys.stdout.buffer  # as it is: a carriage return is part of a diff
    try:
        for piece in pieces:
            stream.write(_bytes(piece))
        stream.flush()
    except OSError as error:
        # Python flushes once more at exit; that has to go nowhere instead of failing again.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if not isinstance(error, BrokenPipeError):
            raise


def _bytes(piece: str) -> bytes:
    return piece.encode("utf-8", "surrogateescape")
