"""Writes docs/causes/ out of the flows: `python docs/make.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wizard.engine.catalogue import probes
from wizard.flows import pages
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.flows.sources import Folder, packaged

CAUSES = Path(__file__).parent / "causes"


def texts(library: Library) -> Iterator[tuple[str, str]]:
    """Every page with the name of its file."""
    yield "README.md", pages.index(library)
    for cause in pages.roots(library):
        yield f"{cause.id}.md", pages.page(library, cause)


def main() -> None:
    """Write them all; those of causes that are no more go."""
    CAUSES.mkdir(exist_ok=True)
    written = dict(texts(load(probes(), (Folder(packaged(), "flows"),))))
    for old in CAUSES.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (CAUSES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
