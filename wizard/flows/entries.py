"""Reads one entry of the YAML by its shape: keys, required keys, types of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.flows.document import Item
from wizard.flows.mistakes import Mistakes, did_you_mean
from wizard.flows.shape import Key, Shape
from wizard.model.route import Place

Entry = dict[str, Item]
"""Only well-formed keys; texts, lists and numbers are plain values inside the items."""


class _Wrong(Exception):
    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


def read_entry(item: Item, shape: Shape, what: str, mistakes: Mistakes) -> Entry | None:
    """Take over the keys that are right and note those that are not; None if it is no mapping."""
    if not isinstance(item.value, dict):
        mistakes.add(item.place, f"{what} is a mapping", "there are " + _listed(shape))
        return None
    entry: Entry = {}
    for name, value in item.value.items():
        key = shape.get(name)
        if key is None:
            mistakes.add(value.place, f"{what} has no key `{name}`", did_you_mean(name, shape))
            continue
        if value.value is None:
            if key.required:
                mistakes.add(value.place, f"`{name}` is empty")
            continue
        try:
            entry[name] = _value(value, key, name)
        except _Wrong as wrong:
            mistakes.add(value.place, wrong.message, wrong.suggestion)
    for name, key in shape.items():
        if key.required and name not in item.value:
            mistakes.add(item.place, f"{what} lacks `{name}`")
    return entry


def text(entry: Entry, name: str) -> str:
    """Give the entry's text under a name, empty when there is none."""
    return str(entry[name].value) if name in entry else ""


def texts(entry: Entry, name: str) -> tuple[str, ...]:
    """Give the entry's texts under a name."""
    return tuple(each.value for each in entry[name].value) if name in entry else ()


def items(entry: Entry, name: str) -> list[Item]:
    """Give the list under a name, empty when there is none."""
    return list(entry[name].value) if name in entry else []


def place_of(entry: Entry, name: str, otherwise: Place) -> Place:
    """Give the place of a key, or the entry's own."""
    return entry[name].place if name in entry else otherwise


def _listed(shape: Mapping[str, Key]) -> str:
    return ", ".join(f"`{name}`" for name in shape)


def _value(item: Item, key: Key, name: str) -> Item:
    """Give the value in the form that its key asks for."""
    value = item.value
    if key.kind in ("text", "template", "scope", "choice"):
        return Item(_text(value, key, name), item.place)
    if key.kind in ("texts", "templates", "names"):
        return Item(_list(item, name), item.place)
    if key.kind == "numbers":
        return Item(_numbers(item, name), item.place)
    if key.kind == "flag" and not isinstance(value, bool):
        raise _Wrong(f"`{name}` is true or false")
    if key.kind == "entries" and not (isinstance(value, list) and (value or not key.many)):
        raise _Wrong(f"`{name}` is a list of mappings")
    if key.kind in ("parameters", "notes", "over") and not isinstance(value, dict):
        raise _Wrong(f"`{name}` is a mapping")
    if key.kind == "notes" and not all(isinstance(each.value, str) for each in value.values()):
        raise _Wrong(f"`{name}` is a mapping of texts")
    return item


def _text(value: Any, key: Key, name: str) -> str:
    if isinstance(value, (list, dict)):
        raise _Wrong(f"`{name}` is a text", "put it in quotes" if isinstance(value, dict) else "")
    if key.kind == "choice" and value not in key.choices:
        raise _Wrong(f"`{name}` is never `{value}`", did_you_mean(str(value), key.choices))
    if key.kind == "scope" and value != "server":
        raise _Wrong(f"`{name}` is never `{value}`", "there is `server`")
    if not isinstance(value, str):
        raise _Wrong(f"`{name}` is a text", f'write `"{value}"`')
    return value.rstrip("\n")


def _list(item: Item, name: str) -> list[Item]:
    whole = item.value if isinstance(item.value, list) else [item]
    if not all(isinstance(each.value, str) for each in whole):
        raise _Wrong(f"`{name}` is a text or a list of texts")
    return [Item(each.value.rstrip("\n"), each.place) for each in whole]


def _numbers(item: Item, name: str) -> list[Item]:
    whole = item.value if isinstance(item.value, list) else [item]
    if not all(isinstance(each.value, int) and not isinstance(each.value, bool) for each in whole):
        raise _Wrong(f"`{name}` is a list of whole numbers")
    return whole
