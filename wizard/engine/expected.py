"""What a walk over a tape has to come to: a small YAML file beside the tape.

    # The deploy of 12 May moved the application to another port.
    outcome: cause
    verdicts:
    - wrong-upstream-port: confirmed
    path:
    - answer/front
    - backend/dial 127.0.0.1:3000

What a file leaves out is not compared. Comments stay where they stand when it is written anew.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal

import msgspec

from wizard.model.conversion import convert
from wizard.model.session import Session
from wizard.model.text import clean, one_line

SUFFIX = ".expected.yaml"
_LARGEST = 1024 * 1024


class ExpectedError(Exception):
    """An expectation that cannot be read. The text says which and why."""


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a walk has to come to; None is not compared."""

    outcome: Literal["healthy", "cause", "unproven"] | None = None
    verdicts: list[dict[str, str] | str] | None = None
    """Causes, the most likely first, with their confidence or without."""
    path: list[str] | None = None
    """Nodes in the order in which they were asked, each with its server if it has one."""

    def lines(self) -> list[str]:
        """As they are written in the file."""
        lines = [f"outcome: {self.outcome}"] if self.outcome is not None else []
        if self.verdicts is not None:
            lines += _list("verdicts", [_verdict(each) for each in self.verdicts])
        if self.path is not None:
            lines += _list("path", self.path)
        return lines


def came_to(session: Session, like: Expected | None = None) -> Expected:
    """What a walk came to; only of what `like` states, and as it states it."""
    ended = session.conclusion
    verdicts: list[dict[str, str] | str] = [
        {each.cause: each.confidence} for each in (ended.verdicts if ended else ())
    ]
    path = [one_line(f"{each.node} {each.scope}", 300) for each in session.path]
    found = Expected(outcome=ended.outcome if ended else None, verdicts=verdicts, path=path)
    if like is None:
        return found
    if like.verdicts and not any(isinstance(each, dict) for each in like.verdicts):
        verdicts = [cause for each in verdicts for cause in each]
    return Expected(
        outcome=found.outcome if like.outcome is not None else None,
        verdicts=verdicts if like.verdicts is not None else None,
        path=path if like.path is not None else None,
    )


def differences(expected: Expected, session: Session) -> list[str]:
    """A diff from what was expected to what the walk came to; empty where they agree."""
    wanted, found = expected.lines(), came_to(session, expected).lines()
    if wanted == found:
        return []
    diff = difflib.unified_diff(wanted, found, "expected", "walked", lineterm="", n=2)
    return [line for line in diff if not line.startswith("@@")]


def read(path: Path) -> Expected:
    """The expectation in a file.

    Raises:
        ExpectedError: it cannot be read, or says something that is not known here.
    """
    import yaml

    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ExpectedError(f"{path}: larger than 1 MB.")
        expected: Expected = convert(yaml.safe_load(content) or {}, Expected)
    except OSError as error:
        raise ExpectedError(f"{path}: {error.strerror or error}.") from error
    except yaml.YAMLError as error:
        raise ExpectedError(f"{path}: {one_line(str(error))}.") from error
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise ExpectedError(f"{path}: {one_line(str(error))}.") from error
    return expected


def written(expected: Expected, before: str = "") -> str:
    """The file's text; comments of what it was before stay with the lines that they stand at."""
    comments: dict[str, list[str]] = {}
    waiting: list[str] = []
    for line in before.splitlines():
        kept, hash_sign, _ = line.partition(" #")
        if not line.strip() or line.lstrip().startswith("#"):
            waiting.append(line)
        else:
            comments[kept.strip()] = [*waiting, line if hash_sign else ""]
            waiting = []
    lines: list[str] = []
    for line in expected.lines():
        *above, itself = comments.pop(line, [""])
        lines += [*above, itself or line]
    # What stood at a line that is gone was still written by somebody: it goes to the end.
    left = [each for *above, itself in comments.values() for each in (*above, _comment(itself))]
    return "\n".join([*lines, *(each for each in [*left, *waiting] if each.strip())]) + "\n"


def _comment(line: str) -> str:
    _, sign, comment = line.partition(" #")
    return f"#{comment}" if sign else ""


def _list(name: str, items: list[str]) -> list[str]:
    return [f"{name}:", *(f"- {item}" for item in items)] if items else [f"{name}: []"]


def _verdict(verdict: dict[str, str] | str) -> str:
    if isinstance(verdict, str):
        return clean(verdict)
    return ", ".join(f"{cause}: {confidence}" for cause, confidence in verdict.items())
