"""Builds the tables of how commands are written on other hosts out of their entries."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.flows.document import Item
from wizard.flows.entries import read_entry, text, texts
from wizard.flows.model import Writing
from wizard.flows.names import Names
from wizard.flows.shape import HOST


def build_hosts(names: Names, written: Mapping[str, Item]) -> tuple[Writing, ...]:
    """Build all tables, in the order of their files."""
    built = (_writing(names, name, item) for name, item in written.items())
    return tuple(each for each in built if each is not None)


def _writing(names: Names, name: str, item: Item) -> Writing | None:
    entry = read_entry(item, HOST, f"host `{name}`", names.mistakes)
    if entry is None or "when" not in entry:
        return None
    when = names.context(has_server=False).condition(entry["when"])
    if when is None:
        return None
    instead = entry["instead"].value if "instead" in entry else {}
    return Writing(
        name=name,
        when=when,
        instead={pattern: each.value for pattern, each in instead.items() if pattern.split()},
        lacks=texts(entry, "lacks"),
        ending=text(entry, "ending"),
        place=item.place,
    )
