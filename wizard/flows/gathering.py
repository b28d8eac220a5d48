"""Collects the entries of all files: later folders add to earlier ones or override them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wizard.flows import document
from wizard.flows.document import Item
from wizard.flows.mistakes import Mistakes, did_you_mean
from wizard.flows.sources import File
from wizard.model.route import Place

_KINDS = ("looks", "flow", "extends", "causes", "preventions", "hosts")


class Raw(NamedTuple):
    """Entries by name, read but not checked."""

    looks: dict[str, Item]
    causes: dict[str, Item]
    flows: dict[str, Item]
    hosts: dict[str, Item]
    preventions: dict[str, Item]


def gather(files: Iterable[File], mistakes: Mistakes) -> Raw:
    """Collect the entries of all files; the last layer that has one wins."""
    raw = Raw({}, {}, {}, {}, {})
    parts = {
        "looks": raw.looks,
        "causes": raw.causes,
        "preventions": raw.preventions,
        "hosts": raw.hosts,
    }
    layers: dict[tuple[str, str], int] = {}
    extensions: list[Item] = []
    for file in files:
        root = _root(file, mistakes)
        if root is None:
            continue
        kind = _kind(root, mistakes)
        if kind == "extends":
            extensions.append(root)
        elif kind == "flow":
            name = root.value["flow"].value
            if isinstance(name, str):
                _keep(raw.flows, "flow", name, root, file.layer, layers, mistakes)
            else:
                mistakes.add(root.place, "`flow` is a text")
        elif kind is not None:
            entries = root.value[kind]
            if not isinstance(entries.value, dict):
                mistakes.add(entries.place, f"`{kind}` is a mapping of entries by name")
                continue
            for name, item in entries.value.items():
                _keep(parts[kind], kind[:-1], name, item, file.layer, layers, mistakes)
    for extension in extensions:
        _extend(raw.flows, extension, mistakes)
    return raw


def _root(file: File, mistakes: Mistakes) -> Item | None:
    if isinstance(file.content, OSError):
        reason = (file.content.strerror or str(file.content)).lower()
        mistakes.add(Place(file.shown, 1), f"cannot be read: {reason}")
        return None
    try:
        text = file.content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = file.content.count(b"\n", 0, error.start) + 1
        mistakes.add(Place(file.shown, line), "not UTF-8")
        return None
    return document.read(text, file.shown, mistakes)


def _kind(root: Item, mistakes: Mistakes) -> str | None:
    keys = list(root.value) if isinstance(root.value, dict) else []
    kinds = [kind for kind in _KINDS if kind in keys]
    if len(kinds) == 1 and (kinds[0] in ("flow", "extends") or len(keys) == 1):
        return kinds[0]
    if len(kinds) > 1:
        named = " and ".join(f"`{kind}`" for kind in kinds)
        mistakes.add(root.place, f"{named} stand in one file", "one kind a file")
    elif kinds:
        other = next(key for key in keys if key not in kinds)
        mistakes.add(root.value[other].place, f"`{other}` stands beside `{kinds[0]}`")
    elif keys:
        first = keys[0]
        mistakes.add(
            root.value[first].place,
            f"`{first}` begins no known kind of file",
            did_you_mean(first, _KINDS),
        )
    else:
        mistakes.add(root.place, "the file is empty", did_you_mean("", _KINDS))
    return None


def _keep(
    into: dict[str, Item],
    what: str,
    name: str,
    item: Item,
    layer: int,
    layers: dict[tuple[str, str], int],
    mistakes: Mistakes,
) -> None:
    if layers.get((what, name)) == layer:
        mistakes.add(item.place, f"{what} `{name}` stands twice", f"first at {into[name].place}")
        return
    layers[what, name] = layer
    into[name] = item


def _extend(flows: dict[str, Item], extension: Item, mistakes: Mistakes) -> None:
    """Replace or add single nodes of a flow."""
    target = extension.value["extends"]
    flow = flows.get(target.value) if isinstance(target.value, str) else None
    if flow is None:
        hint = did_you_mean(str(target.value), flows)
        mistakes.add(target.place, f"there is no flow `{target.value}` to extend", hint)
        return
    merged = {key: item for key, item in extension.value.items() if key != "extends"}
    old, new = flow.value.get("nodes"), merged.pop("nodes", None)
    if new is not None and isinstance(new.value, list) and old and isinstance(old.value, list):
        replacing = {_id(node): node for node in new.value}
        kept = [replacing.pop(_id(node), node) for node in old.value]
        merged["nodes"] = Item([*kept, *replacing.values()], old.place)
    else:
        mistakes.add(extension.place, "an extension has a list of `nodes`")
    flows[target.value] = Item({**flow.value, **merged}, flow.place)


def _id(node: Item) -> object:
    name = node.value.get("id") if isinstance(node.value, dict) else None
    return name.value if name is not None and isinstance(name.value, str) else id(node)
