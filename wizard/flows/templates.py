"""Sentences with facts: `{path}`, `{path|sh}`, `{path|ms}`, `{path|ago}`; `{{` is a brace.

Commands are filled by `wizard.flows.shell`, which quotes every hole for its place.
"""

from __future__ import annotations

import json
import re
import shlex
from functools import lru_cache
from typing import Any, NamedTuple

from wizard.flows.conditions import UNKNOWN, Facts
from wizard.flows.values import ago, as_text, milliseconds

SHOWN = "?"
"""Stands for a fact that is not known."""

FORMS = ("sh", "chars", "ms", "ago", "words")
"""sh: quoted for the shell; chars: for between double quotes, as JSON, YAML, JavaScript and PromQL
take it; ms: seconds as milliseconds; ago: how long before the walk began; words: a whole command
line, or a list, of which a command takes every word as it is."""

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PATH = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")


class Hole(NamedTuple):
    """A `{path|form}` in a template."""

    path: str
    form: str


class Filled(NamedTuple):
    """A template with its facts."""

    text: str
    missing: tuple[str, ...]
    """Paths of the facts that are not known; they stand as `?` in the text."""


class Parameter(NamedTuple):
    """A look's parameter with its facts."""

    value: Any
    """None when its fact is not known."""
    missing: tuple[str, ...]


class TemplateError(ValueError):
    """A template cannot be read."""


@lru_cache(maxsize=1024)
def parse(template: str) -> tuple[str | Hole, ...]:
    """The template's pieces of text and its holes.

    Raises:
        TemplateError: a single brace, an empty hole, an unknown form.
    """
    parts: list[str | Hole] = []
    end = 0
    for match in _PART.finditer(template):
        parts.append(template[end : match.start()])
        end = match.end()
        if match.group() in ("{{", "}}"):
            parts.append(match.group()[0])
        elif match.group(1) is None:
            brace = match.group()
            raise TemplateError(f"a single `{brace}`; a literal brace is written `{brace * 2}`")
        else:
            parts.append(_hole(match.group(1)))
    parts.append(template[end:])
    return tuple(part for part in parts if part)


def holes(template: str) -> tuple[Hole, ...]:
    """The facts that the template refers to, in order."""
    return tuple(part for part in parse(template) if isinstance(part, Hole))


def fill(template: str, facts: Facts) -> Filled:
    """The template's text with facts filled in, and those that were missing."""
    pieces: list[str] = []
    missing: list[str] = []
    for part in parse(template):
        if isinstance(part, str):
            pieces.append(part)
            continue
        text = text_of(part, facts)
        if text is None:
            missing.append(part.path)
            pieces.append(SHOWN)
        else:
            pieces.append(shlex.quote(text) if part.form == "sh" else text)
    return Filled("".join(pieces), tuple(missing))


def text_of(hole: Hole, facts: Facts) -> str | None:
    """The hole's fact in words, not quoted; None when it is not known."""
    value = facts.value(hole.path)
    return None if value is None or value is UNKNOWN else _shown(hole, value, facts)


def parameter(written: Any, facts: Facts) -> Parameter:
    """A look's parameter: `{path}` alone is the typed value, other text is filled in."""
    if not isinstance(written, str):
        return Parameter(written, ())
    parts = parse(written)
    if len(parts) == 1 and isinstance(parts[0], Hole) and not parts[0].form:
        value = facts.value(parts[0].path)
        if value is None or value is UNKNOWN:
            return Parameter(None, (parts[0].path,))
        return Parameter(value, ())
    text, missing = fill(written, facts)
    return Parameter(None if missing else text, missing)


def _hole(written: str) -> Hole:
    path, bar, form = (part.strip() for part in written.partition("|"))
    if _PATH.fullmatch(path) is None:
        raise TemplateError(f"`{{{written}}}` is no fact; a literal brace is written `{{{{`")
    if (bar or form) and form not in FORMS:
        raise TemplateError(f"unknown form `{form}` in `{{{written}}}`; there are {_listed()}")
    return Hole(path, form)


def _listed() -> str:
    return ", ".join(f"`|{form}`" for form in FORMS)


def _shown(hole: Hole, value: Any, facts: Facts) -> str:
    now = facts.value("incident.started")
    known_now = now if isinstance(now, (int, float)) else None
    if hole.form == "ms" and isinstance(value, (int, float)):
        return milliseconds(value)
    if hole.form == "ago" and isinstance(value, (int, float)) and known_now is not None:
        return ago(value, known_now)
    text = as_text(value, hole.path, known_now)
    if hole.form == "chars":
        return json.dumps(text, ensure_ascii=False)[1:-1]
    return text
