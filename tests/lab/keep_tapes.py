"""Keeps journals of real broken hosts as tapes: `python -m tests.lab.keep_tapes DIR`.

DIR is what `tests.lab.run --tapes DIR` wrote. The tapes lie in tests/tapes/, packed: what root saw
on the hosts that the causes name as their proofs, on two hosts of every cause, and on every healthy
one. The cases say what has to be named.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from pathlib import Path

from wizard.engine.catalogue import probes
from wizard.flows.loading import load

from .case import load_cases

TAPES = Path(__file__).parents[1] / "tapes"
_OF_EACH_CAUSE = 2


def keep(folder: Path) -> int:
    TAPES.mkdir(exist_ok=True)
    for old in TAPES.glob("*.tape.gz"):
        old.unlink()
    proofs = {tape for cause in load(probes()).causes.values() for tape in cause.proofs.values()}
    kept: Counter[str | None] = Counter()
    for case in sorted(load_cases(), key=lambda case: case.id not in proofs):
        if case.cause and case.id not in proofs and kept[case.cause] >= _OF_EACH_CAUSE:
            continue
        journal = next((folder / case.id / "root").glob("sessions/*/journal.jsonl"), None)
        if journal is not None:
            packed = gzip.compress(journal.read_bytes(), mtime=0)
            (TAPES / f"{case.id}.tape.gz").write_bytes(packed)
            kept[case.cause] += 1
    return kept.total()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(f"{keep(Path(sys.argv[1]))} tapes kept in {TAPES}\n")
