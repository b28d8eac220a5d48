"""`wizard flow test` and `wizard flow keep`: tapes that hold the flows to what they came to.

A fixture is a tape with a file beside it that says what a walk over it has to come to
(`wizard.engine.expected`).
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from wizard import output, taping
from wizard.engine.catalogue import probes
from wizard.engine.expected import SUFFIX, ExpectedError, came_to, differences, read, written
from wizard.engine.proofs import SUFFIXES, walk
from wizard.engine.recording import JournalError
from wizard.engine.tape import tape
from wizard.flows import sources
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.model.session import Session
from wizard.options import Refused

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,78}[a-z0-9])?")
_AS_EXPECTED, _NOT = 0, 1


class Fixture(NamedTuple):
    """A tape and where what is expected of it stands."""

    name: str
    tape: Path

    @property
    def expected(self) -> Path:
        """The file beside the tape."""
        return self.tape.with_name(f"{self.name}{SUFFIX}")


def run(options: argparse.Namespace) -> int:
    """Do what `flow test` or `flow keep` says; the exit status.

    Raises:
        Refused: there is nothing to test, or it cannot be kept there.
        JournalError: the session to keep cannot be read.
    """
    library = load(probes(), (*sources.folders(), *options.folders))
    return _keep(options, library) if options.flow_command == "keep" else _test(options, library)


def _test(options: argparse.Namespace, library: Library) -> int:
    fixtures = list(dict.fromkeys(one for path in options.tapes for one in _in(path)))
    if not fixtures:
        where = ", ".join(str(path) for path in options.tapes)
        raise Refused(f"No tape lies in {where}. wizard flow keep SESSION NAME makes one.")
    good = bad = unsaid = 0
    for each in fixtures:
        if not (options.update or each.expected.exists() or each.tape in options.tapes):
            unsaid += 1
            continue
        wrong = _wrong(each, library, update=options.update)
        if wrong:
            bad += 1
            output.page(f"{each.name}:\n" + "\n".join(f"  {line}" for line in wrong))
        else:
            good += 1
    if not good + bad:
        raise Refused(
            f"Nothing is expected of {_tapes(unsaid)}, so nothing was tested. What they come to "
            "today is written down by: wizard flow test --update"
        )
    output.page(_counted(good, bad, unsaid))
    return _NOT if bad else _AS_EXPECTED


def _counted(good: int, bad: int, unsaid: int) -> str:
    said = f"{_tapes(good + bad)} walked: {good} as expected"
    said += f", {bad} not" if bad else ""
    return said + (f"; {_tapes(unsaid)} left out, nothing is expected of them" if unsaid else "")


def _tapes(count: int) -> str:
    return f"{count} tape{'' if count == 1 else 's'}"


def _wrong(fixture: Fixture, library: Library, *, update: bool) -> list[str]:
    """What speaks against a fixture, line by line; empty where the walk came to what it says."""
    try:
        session = _walked(fixture, library)
        if update:
            _expect(fixture, session)
            return []
        return differences(read(fixture.expected), session)
    except (JournalError, ExpectedError) as problem:
        return [str(problem)]


def _walked(fixture: Fixture, library: Library) -> Session:
    return walk(fixture.name, fixture.tape, library, probes()).session


def _keep(options: argparse.Namespace, library: Library) -> int:
    if not _NAME.fullmatch(options.name):
        raise Refused(
            f"{options.name!r} is no name for a fixture: small letters, digits, dots and dashes."
        )
    fixture = Fixture(options.name, options.into / f"{options.name}.tape.gz")
    events = taping.recording_of(options.session).events
    if options.replace and fixture.tape.is_file() and not fixture.tape.is_symlink():
        beside = fixture.tape.with_name(f".{options.name}.{os.getpid()}.new")
        taping.write_new(os.fspath(beside), tape(events))
        beside.replace(fixture.tape)
    else:
        taping.write_new(os.fspath(fixture.tape), tape(events))
    session = _walked(fixture, library)
    try:
        _expect(fixture, session)
    except ExpectedError as problem:
        raise Refused(str(problem)) from problem
    output.page("\n".join([f"{fixture.tape} has to come to:", *came_to(session).lines()]))
    return 0


def _expect(fixture: Fixture, session: Session) -> None:
    """Write down what the walk came to, with the comments that stood there."""
    path = fixture.expected
    try:
        before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        like = read(path) if before else None
        path.write_text(written(came_to(session, like), before), encoding="utf-8")
    except OSError as error:
        raise ExpectedError(f"{path} cannot be written: {error.strerror}.") from error


def _in(path: Path) -> Iterator[Fixture]:
    """The tapes of a folder, or the one that was named."""
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    for each in paths:
        suffix = next((one for one in SUFFIXES if each.name.endswith(one)), None)
        if suffix is not None or each == path:
            yield Fixture(each.name.removesuffix(suffix or ""), each)
