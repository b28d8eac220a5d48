"""`wizard export --tape`: a session as one file that walks again on any machine."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterable

from wizard import output
from wizard.engine.recording import Recording, recording
from wizard.engine.tape import tape
from wizard.model.events import Started
from wizard.options import Refused
from wizard.sessions.kept import SessionError, recorded

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def export(options: argparse.Namespace) -> int:
    """Write the tape; the exit status.

    Raises:
        Refused: there is no such session, or the file cannot be written.
        JournalError: the session cannot be read.
    """
    if options.output is None and sys.stdout.isatty():
        raise Refused("A tape is packed and no text for a terminal. Name a file: -o FILE")
    read = recording_of(options.session)
    write_new(options.output, tape(read.events))
    if options.output is not None:
        output.warn(f"{options.output} walks again with: wizard replay {options.output}")
    return 0


def recording_of(session: str | None) -> Recording:
    """What is kept of a session, by its id, its id's beginning or a path.

    Raises:
        Refused: there is none, or none begins in it.
        JournalError: it cannot be read.
    """
    try:
        found = recorded(session)
    except SessionError as problem:
        raise Refused(str(problem)) from problem
    read = recording(found.path)
    if not any(isinstance(event, Started) for event in read.events):
        raise Refused(f"{found.path}: no session begins in it.")
    return read


def write_new(path: str | None, pieces: Iterable[bytes]) -> None:
    """Write a new file that its owner alone can read, whole or not at all; or standard output.

    Raises:
        Refused: there is such a file, or the disk does not take it.
    """
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
        return
    try:
        file = os.open(path, _CREATE, 0o600)
    except FileExistsError:
        raise Refused(f"There is a file {path} already; it was left alone.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with open(file, "wb") as opened:
            opened.writelines(pieces)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
