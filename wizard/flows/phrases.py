"""Reads conditions and templates, and checks every fact in them against its type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from wizard.flows import shell
from wizard.flows.conditions import OPERATORS, All, AnyOf, Compare, Condition, Not, Operator
from wizard.flows.document import Item
from wizard.flows.facts import ANY, TEXT, FactType, UnknownFact, Vocabulary
from wizard.flows.mistakes import Mistakes, did_you_mean
from wizard.flows.templates import TemplateError, holes
from wizard.model.route import Place

_GROUPS = ("any", "all", "not")
_ORDERED = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True)
class Context:
    """Where a phrase stands: which facts there are, and whether a server is at hand."""

    vocabulary: Vocabulary
    mistakes: Mistakes
    has_server: bool

    def fact(self, path: str, place: Place) -> FactType | None:
        """Find a fact's type; None after a mistake."""
        try:
            found = self.vocabulary.type_of(path)
        except UnknownFact as unknown:
            self.mistakes.add(place, unknown.message, unknown.suggestion)
            return None
        if not self.has_server and self.vocabulary.is_of_server(path):
            self.mistakes.add(
                place,
                f"`{path}` is asked once a server, and there is none here",
                "give the node or look an `each`",
            )
            return None
        return found

    def template(self, text: str, place: Place) -> None:
        """Check a template and all facts in it."""
        try:
            found = holes(text)
        except TemplateError as error:
            self.mistakes.add(place, f"template: {error}")
            return
        for hole in found:
            kind = self.fact(hole.path, place)
            if (
                hole.form in ("ms", "ago")
                and kind is not None
                and kind.kind not in ("number", "any")
            ):
                self.mistakes.add(place, f"`|{hole.form}` needs a number, `{hole.path}` is {kind}")

    def command(self, text: str, place: Place) -> None:
        """Check a template that a shell will read."""
        self.template(text, place)
        try:
            found = list(shell.standing(text))
        except TemplateError:
            return
        for each in found:
            try:
                kind = self.vocabulary.type_of(each.hole.path)
            except UnknownFact:
                continue
            problem = _unfit(each, kind)
            if problem is not None:
                self.mistakes.add(place, *problem)

    def condition(self, item: Item) -> Condition | None:
        """Read a condition; None when nothing of it could be read."""
        if isinstance(item.value, list):
            self.mistakes.add(item.place, "a condition is a mapping", "write `any:` or `all:`")
            return None
        if not isinstance(item.value, dict) or not item.value:
            self.mistakes.add(item.place, "a condition is a mapping `look.field: value`")
            return None
        parts = [self._part(key, value) for key, value in item.value.items()]
        read = tuple(part for part in parts if part is not None)
        return read[0] if len(read) == 1 else All(read)

    def _part(self, key: str, item: Item) -> Condition | None:
        if key == "not":
            inner = self.condition(item)
            return Not(inner) if inner is not None else None
        if key in _GROUPS:
            return self._group(key, item)
        return self._compare(key, item)

    def _group(self, key: str, item: Item) -> Condition | None:
        if not isinstance(item.value, list) or not item.value:
            self.mistakes.add(item.place, f"`{key}` needs a list of conditions")
            return None
        parts = [self.condition(each) for each in item.value]
        read = tuple(part for part in parts if part is not None)
        return AnyOf(read) if key == "any" else All(read)

    def _compare(self, key: str, item: Item) -> Condition | None:
        path, bar, operator = (part.strip() for part in key.partition("|"))
        operator = operator if bar else "is"
        if operator not in OPERATORS or (bar and operator == "is"):
            hint = "leave it out" if operator == "is" else did_you_mean(operator, OPERATORS[1:])
            self.mistakes.add(item.place, f"unknown operator `|{operator}`", hint)
            return None
        if "." not in path and operator != "known":
            near = did_you_mean(path, _GROUPS)
            hint = near if near.startswith("did") else "write `look.field`"
            self.mistakes.add(item.place, f"`{path}` names no fact", hint)
            return None
        kind = self.fact(path, item.place)
        wanted, fact, wanted_kind = self._right(item)
        if kind is None or wanted_kind is None:
            return None
        problem = _mismatch(path, kind, operator, wanted, wanted_kind if fact else None)
        if problem is not None:
            self.mistakes.add(item.place, *problem)
            return None
        return Compare(path, cast("Operator", operator), wanted, fact)

    def _right(self, item: Item) -> tuple[Any, str | None, FactType | None]:
        """Read the right side: its value, the fact that it names, and that fact's type."""
        if isinstance(item.value, dict):
            inner = item.value.get("fact")
            if len(item.value) != 1 or inner is None or not isinstance(inner.value, str):
                self.mistakes.add(item.place, "the right side is a value or `{fact: look.field}`")
                return None, None, None
            return None, inner.value, self.fact(inner.value, item.place)
        if isinstance(item.value, list):
            values = [each.value for each in item.value]
            if any(isinstance(each, (list, dict)) for each in values):
                self.mistakes.add(item.place, "a list on the right side holds plain values")
                return None, None, None
            return values, None, ANY
        return item.value, None, ANY


def _unfit(found: shell.Standing, kind: FactType) -> tuple[str, str] | None:
    """Say why this hole cannot stand where it does in a command."""
    written = f"{{{found.hole.path}{'|' if found.hole.form else ''}{found.hole.form}}}"
    wanted = ("text", "number", "any", *(["list"] if found.hole.form == "words" else []))
    if kind.kind not in wanted:
        return f"`{written}` is {kind}: a command takes a text or a number", ""
    if kind.kind != "number" and found.is_script:
        return f"`{written}` stands in the script of a second shell", "pass it as an argument"
    if found.hole.form == "sh" and found.place != "bare":
        plain = f"write `{{{found.hole.path}}}`: it is quoted for its place"
        return f"`{written}` stands between quotes", plain
    if kind.is_command_line and found.hole.form != "words":
        hint = f"write `{{{found.hole.path}|words}}`"
        return f"`{written}` would be one word, and is a command line", hint
    if found.hole.form == "words" and not (found.place == "bare" and found.begins_word):
        return f"`{written}` does not stand by itself", ""
    return None


def _mismatch(
    path: str, kind: FactType, operator: str, wanted: Any, fact: FactType | None
) -> tuple[str, str] | None:
    """Say why the comparison makes no sense, with what to write instead; None when it does."""
    if operator == "known":
        if isinstance(wanted, bool) and fact is None:
            return None
        return f"`{path}|known` is true or false", "write `true` or `false`"
    if wanted is None and fact is None:
        return f"`{path}` is compared with nothing", f"write `{path}|known: false`"
    if operator in _ORDERED:
        return _ordered_mismatch(path, kind, operator, wanted, fact)
    if operator == "matches":
        return _pattern_mismatch(path, kind, wanted, fact)
    if operator == "in":
        return _choice_mismatch(path, kind, wanted, fact)
    if isinstance(wanted, list):
        return f"`{path}` is compared with a list", f"write `{path}|in: [...]`"
    if operator in ("contains", "lacks"):
        return _content_mismatch(path, kind, operator, wanted, fact)
    return _value_mismatch(path, kind, wanted, fact)


def _ordered_mismatch(
    path: str, kind: FactType, operator: str, wanted: Any, fact: FactType | None
) -> tuple[str, str] | None:
    if kind.kind not in ("number", "any"):
        return f"`|{operator}` compares numbers, `{path}` is {kind}", ""
    right = fact or _type_of(wanted)
    if right.kind not in ("number", "any"):
        return f"`{path}|{operator}` needs a number on the right", ""
    return None


def _pattern_mismatch(
    path: str, kind: FactType, wanted: Any, fact: FactType | None
) -> tuple[str, str] | None:
    texts = kind.element if kind.kind == "list" and kind.element else kind
    if texts.kind not in ("text", "any"):
        return f"`|matches` reads text, `{path}` is {kind}", ""
    if fact is not None or not isinstance(wanted, str):
        return f"`{path}|matches` needs a regular expression on the right", ""
    try:
        re.compile(wanted)
    except re.error as error:
        return f"regular expression: {error}", ""
    return None


def _choice_mismatch(
    path: str, kind: FactType, wanted: Any, fact: FactType | None
) -> tuple[str, str] | None:
    if fact is not None:
        if fact.kind == "any" or (fact.kind == "list" and _fit(kind, fact.element or ANY)):
            return None
        return f"`{path}|in` needs a list that may hold {kind}, not {fact}", ""
    if not isinstance(wanted, list) or not wanted:
        return f"`{path}|in` needs a list on the right", "write `[...]`"
    problems = (_value_mismatch(path, kind, each, None) for each in wanted)
    return next((problem for problem in problems if problem is not None), None)


def _content_mismatch(
    path: str, kind: FactType, operator: str, wanted: Any, fact: FactType | None
) -> tuple[str, str] | None:
    if kind.kind == "any":
        return None
    if kind.kind == "list":
        return _value_mismatch(path, kind.element or ANY, wanted, fact)
    if kind.kind in ("text", "mapping"):
        return _value_mismatch(path, TEXT, wanted, fact)
    return f"`|{operator}` looks into a list or a text, `{path}` is {kind}", ""


def _value_mismatch(
    path: str, kind: FactType, wanted: Any, fact: FactType | None
) -> tuple[str, str] | None:
    if kind.kind in ("list", "mapping"):
        return f"`{path}` is {kind}", f"write `{path}|contains: ...`"
    if kind.kind == "struct":
        return f"`{path}` is a whole {kind}", "name one of its fields"
    if fact is not None:
        return None if _fit(kind, fact) else (f"`{path}` is {kind}, the other is {fact}", "")
    if kind.kind != "any" and _type_of(wanted).kind != kind.kind:
        return f"`{path}` is {kind}, not `{_written(wanted)}`", _value_hint(kind, wanted)
    if kind.choices and wanted not in kind.choices:
        return f"`{path}` is never `{wanted}`", did_you_mean(str(wanted), map(str, kind.choices))
    return None


def _value_hint(kind: FactType, wanted: Any) -> str:
    if kind.kind == "truth":
        truths = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        word = truths.get(str(wanted).lower())
        return f"write `{word}`" if word else "write `true` or `false`"
    return "put it in quotes" if kind.kind == "text" else ""


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fit(one: FactType, other: FactType) -> bool:
    return "any" in (one.kind, other.kind) or one.kind == other.kind


def _type_of(value: Any) -> FactType:
    if isinstance(value, bool):
        return FactType("truth")
    if isinstance(value, (int, float)):
        return FactType("number")
    return TEXT if isinstance(value, str) else FactType("list")
