"""The real program, run as an ordinary person: in a test by root, as `nobody`."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wizard.lab.docker import LabError
from wizard.lab.loopback import why_impossible
from wizard.lab.package import wizard_folder
from wizard.lab.person import Person, ordinary_person

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Wizard:
    """The program as an ordinary person can start it."""

    python: str
    path: str
    person: Person

    def run(self, *arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, "-m", "wizard", *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": self.path, **settings},
            timeout=60,
            check=False,
            **self.person.identity,
        )

    def starts(self) -> bool:
        with tempfile.TemporaryDirectory() as home:
            try:
                return self.run("flow", "check", home=Path(home)).returncode == 0
            except OSError:
                return False


def unusable(reason: str) -> None:
    if os.environ.get("WIZARD_LAB") == "required":
        pytest.fail(f"the loopback lab is required and cannot be used: {reason}")
    pytest.skip(f"no loopback lab here: {reason}")


@contextlib.contextmanager
def wizard_of_a_person() -> Iterator[Wizard]:
    """This Python and these sources if the person may read them, else a copy for Debian's."""
    reason = why_impossible()
    if reason:
        unusable(reason)
    person = ordinary_person()
    here = Wizard(sys.executable, str(PROJECT), person)
    if here.starts():
        yield here
        return
    with tempfile.TemporaryDirectory(prefix="gateway-wizard-program-") as folder:
        Path(folder).chmod(0o755)
        try:
            shutil.copytree(wizard_folder(PROJECT), Path(folder) / "program")
        except LabError as error:
            unusable(str(error))
        there = Wizard("/usr/bin/python3", f"{folder}/program", person)
        if not there.starts():
            unusable(f"{person.name} can start the wizard neither here nor from a copy")
        yield there
