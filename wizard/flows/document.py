"""YAML with lines: every value knows where it is written.

Plain scalars are read by YAML 1.2's few rules: `true` and `false` are the only truths, so that
`no`, `on` and `22:30` are the texts that their authors meant.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from wizard.flows.mistakes import Mistakes
from wizard.model.route import Place

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    word: value
    for value, words in (
        (True, ("true", "True", "TRUE")),
        (False, ("false", "False", "FALSE")),
        (None, ("", "~", "null", "Null", "NULL")),
    )
    for word in words
}
_TAGS = ("plain", "other", "tag:yaml.org,2002:str")
_DEPTH = 30
"""No flow nests deeper; an anchor that contains itself would nest for ever."""


class Item(NamedTuple):
    """A value and its place; in a mapping, the place of its key."""

    value: Any
    """A scalar, a list of items, or a dict of items by key."""
    place: Place


def read(text: str, file: str, mistakes: Mistakes) -> Item | None:
    """Read one YAML document; None after a mistake that leaves nothing to read."""
    import yaml

    try:
        loader = _loader_type()(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        _note_syntax(error, file, mistakes)
        return None
    if root is None:
        return Item({}, Place(file, 1))
    return _Reader(file, mistakes).item(root, 0)


@lru_cache(maxsize=1)
def _loader_type() -> Any:
    """Make a parser that leaves plain scalars as they are; libyaml's where there is one."""
    import yaml
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class Unresolved:
        def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
            return "plain" if isinstance(implicit, tuple) and implicit[0] else "other"

        def descend_resolver(self, parent: Any, index: Any) -> None:
            pass

        def ascend_resolver(self) -> None:
            pass

        def check_resolver_prefix(self, depth: Any, path: Any, kind: Any) -> bool:
            return False

    if hasattr(yaml, "CSafeLoader"):
        from yaml._yaml import CParser

        return type("FastLoader", (CParser, Unresolved), {})

    class SlowLoader(Reader, Scanner, Parser, Composer, Unresolved):
        def __init__(self, text: str) -> None:
            Reader.__init__(self, text)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)

    return SlowLoader


def _note_syntax(error: Any, file: str, mistakes: Mistakes) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    line = mark.line + 1 if mark is not None else 1
    hint = "indent with spaces, not tabs" if "\\t" in problem or "tab" in problem else ""
    if "mapping values are not allowed" in problem:
        hint = "a text with `: ` in it needs quotes"
    if "another document" in problem:
        hint = "one document a file, without `---` between"
    mistakes.add(Place(file, line), f"not YAML: {problem}", hint)


class _Reader:
    """Turns parser nodes into items, noting duplicate keys."""

    def __init__(self, file: str, mistakes: Mistakes) -> None:
        self.file = file
        self.mistakes = mistakes

    def item(self, node: Any, depth: int, place: Place | None = None) -> Item:
        place = place or self.place(node)
        if depth > _DEPTH:
            self.mistakes.add(place, "nested too deeply", "does an anchor contain itself?")
            return Item(None, place)
        if node.tag not in _TAGS:
            self.mistakes.add(place, f"tag `{node.tag}` has no meaning here")
        if node.id == "scalar":
            return Item(self.scalar(node), place)
        if node.id == "sequence":
            return Item([self.item(each, depth + 1) for each in node.value], place)
        return Item(self.mapping(node, depth), place)

    def place(self, node: Any) -> Place:
        return Place(self.file, node.start_mark.line + 1)

    def scalar(self, node: Any) -> Any:
        text = node.value
        if node.tag != "plain":
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    def mapping(self, node: Any, depth: int) -> dict[str, Item]:
        own: dict[str, Item] = {}
        merged: dict[str, Item] = {}
        for key, value in node.value:
            place = self.place(key)
            if key.id != "scalar":
                self.mistakes.add(place, "a key must be a plain text", "quote a text with braces")
            elif key.value == "<<" and key.tag == "plain":
                self.merge(self.item(value, depth + 1), merged)
            elif key.value in own:
                first = own[key.value].place.line
                self.mistakes.add(place, f"`{key.value}` stands twice", f"first in line {first}")
            else:
                own[key.value] = self.item(value, depth + 1, place)
        return {**merged, **own}

    def merge(self, item: Item, into: dict[str, Item]) -> None:
        for part in item.value if isinstance(item.value, list) else [item]:
            if not isinstance(part.value, dict):
                self.mistakes.add(item.place, "`<<` merges mappings only")
                continue
            for key, value in part.value.items():
                into.setdefault(key, value)
