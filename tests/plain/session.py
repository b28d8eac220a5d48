"""The program itself with its prompts, in a pipe: what it says, and the session that it kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from wizard.engine.journal import read
from wizard.model.session import Session, fold

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Walked:
    status: int
    said: str
    warned: str
    session: Session


def walk(*arguments: str, typed: str = "", home: Path) -> Walked:
    """Run the wizard with these answers and read the journal that it left."""
    done = subprocess.run(
        [sys.executable, "-m", "wizard", *arguments],
        input=typed.encode("utf-8", "surrogateescape"),
        capture_output=True,
        cwd=PROJECT,
        env={**os.environ, "HOME": str(home), "XDG_STATE_HOME": "", "COLUMNS": "80"},
        timeout=60,
        check=False,
    )
    journals = sorted(home.glob(".local/state/gateway-wizard/sessions/*/journal.jsonl"))
    session = fold(read(journals[-1])) if journals else Session()
    return Walked(done.returncode, done.stdout.decode(), done.stderr.decode(), session)
