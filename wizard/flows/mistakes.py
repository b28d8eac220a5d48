"""What is wrong with the YAML: every mistake with its line, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wizard.model.route import Place


class Mistake(NamedTuple):
    """One thing to be mended in a file."""

    file: str
    line: int
    message: str
    suggestion: str = ""
    """What to write instead, or what there is to choose from."""

    def __str__(self) -> str:
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.file}:{self.line}: {self.message}{hint}"


class FlowErrors(Exception):
    """The knowledge cannot be loaded."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda each: each[:3]))
        super().__init__("\n".join(map(str, self.mistakes)))


class Mistakes:
    """Collects mistakes while files are read."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, place: Place, message: str, suggestion: str = "") -> None:
        """Note a mistake at a place."""
        self.found.append(Mistake(place.file, place.line, message, suggestion))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Name the nearest of the known names, or all of them when they are few."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    if 0 < len(names) <= 12:
        return "there are " + ", ".join(f"`{each}`" for each in sorted(names))
    return ""
