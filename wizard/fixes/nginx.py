"""nginx's configuration: directives, edited where they stand; `nginx -t` on a copy."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from wizard.fixes import blocks, edits, trial
from wizard.fixes.edits import EditError
from wizard.fixes.facts import Trial
from wizard.fixes.nginx_text import directives, every
from wizard.model.change import Change
from wizard.model.route import Place
from wizard.proxies.adapters import adapter_for
from wizard.proxies.facts import Instance

NAME = "nginx"


def file_of(change: Change) -> str:
    """The file that the change names."""
    return change.file


def changed(text: str, change: Change, instance: Instance, url: str | None) -> str:
    """The text with a directive changed, added or taken out."""
    line = int(change.line) if change.line.isdigit() else None
    within = change.within or None
    if change.set:
        return edits.set_in(text, line, change.set, *change.to.split(), within=within)
    if _has_key(change.add):
        inherited = _inherited(instance, url, change)
        return edits.put_in(
            text, line, change.add, *change.to.split(), within=within, inherited=inherited
        )
    if change.add:
        return edits.add_in(text, line, change.add, *change.to.split(), within=within)
    if line is None:
        raise EditError("no line is known")
    if change.block:
        place = blocks.last if change.block == "last" else blocks.before
        return place(text, line, change.to, within=within)
    if change.above:
        return edits.put_above(text, line, change.above, within=within)
    if change.replace:
        return edits.replace_in(text, line, change.replace, change.to)
    return edits.remove(text, line, change.remove)


def _has_key(name: str) -> bool:
    """Directives whose first argument is a name, and which a block has from outside as a whole."""
    return name.endswith(("_set_header", "_param"))


def _inherited(instance: Instance, url: str | None, change: Change) -> list[str]:
    """The statements of this name that the URL's location has from outer levels, as written.

    Raises:
        EditError: an included file sets the same header, for others too.
    """
    adapter = adapter_for(instance.kind)
    if adapter is None or url is None:
        return []
    places: list[Place] = []
    for each in adapter.route(instance, url).settings:
        if each.name != change.add or each.place is None:
            continue
        key = change.to.partition(" ")[0].lower()
        own_file = os.path.realpath(each.place.file) == os.path.realpath(change.file)
        if not each.inherited and not own_file and each.value.lower().startswith(f"{key} "):
            raise EditError(f"`{each.name} {each.value}` stands in {each.place}, an included file")
        if each.inherited and each.place not in places:
            places.append(each.place)
    return [said for place in places for said in _written(place, change.add)]


def _written(place: Place, name: str) -> list[str]:
    text = trial.text_of(place.file)
    return [
        text[each.start : each.end]
        for each in every(directives(text))
        if each.line == place.line and each.name == name
    ]


def tried(
    instance: Instance, changes: Sequence[Change], after: Mapping[str, str]
) -> tuple[str, Trial]:
    """What `nginx -t` says of a copy of the whole configuration."""
    return "nginx -t", trial.tried(instance, after)
