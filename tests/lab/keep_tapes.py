"""Keeps journals of real broken hosts as tapes: `python -m tests.lab.keep_tapes DIR`.

DIR is what `tests.lab.run --tapes DIR` wrote. The tapes lie in tests/tapes/, packed: what root saw
on the hosts that the causes name as their proofs, on two hosts of every cause, and on every healthy
one. The cases say what has to be named.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from wizard.engine.catalogue import probes
from wizard.flows.loading import load

from .case import load_cases

TAPES = Path(__file__).parents[1] / "tapes"
_OF_EACH_CAUSE = 2


def keep(folder: Path) -> int:
    """Takes the recordings of the folder; a tape that it does not hold stays as it was."""
    TAPES.mkdir(exist_ok=True)
    wanted = set(_wanted())
    for old in TAPES.glob("*.tape.gz"):
        if old.name.removesuffix(".tape.gz") not in wanted:
            old.unlink()
    taken = 0
    for name in wanted:
        journals = sorted((folder / name / "root").glob("sessions/*/journal.jsonl"))
        if journals:
            packed = gzip.compress(journals[-1].read_bytes(), mtime=0)
            (TAPES / f"{name}.tape.gz").write_bytes(packed)
            taken += 1
    return taken


def _wanted() -> Iterator[str]:
    """The cases that a cause names as its proofs, some of every cause, every healthy one."""
    proofs = {tape for cause in load(probes()).causes.values() for tape in cause.proofs.values()}
    kept: Counter[str | None] = Counter()
    for case in sorted(load_cases(), key=lambda case: case.id not in proofs):
        if case.cause is None or case.id in proofs or kept[case.cause] < _OF_EACH_CAUSE:
            kept[case.cause] += 1
            yield case.id


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(f"{keep(Path(sys.argv[1]))} tapes taken into {TAPES}\n")
