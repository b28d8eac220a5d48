"""Builds looks out of their entries: probes, parameters and their types."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from wizard.flows.document import Item
from wizard.flows.entries import Entry, place_of, text
from wizard.flows.facts import FactType, Probe, UnknownFact
from wizard.flows.mistakes import Mistakes, did_you_mean
from wizard.flows.model import Look
from wizard.flows.names import Names
from wizard.flows.phrases import Context
from wizard.flows.templates import Hole, TemplateError, holes, parse
from wizard.model.route import Place


def build_looks(names: Names) -> dict[str, Look]:
    """Build all looks."""
    built = {name: _look(names, name, entry) for name, entry in names.looks.items()}
    _check_circles(built, names.mistakes)
    return built


def _look(names: Names, name: str, entry: Entry) -> Look:
    place = names.look_items[name].place
    if name in ("incident", "server", "found", "end") or not name.replace("_", "a").isalnum():
        names.mistakes.add(place, f"a look cannot be named `{name}`", "letters, digits and `_`")
    probe_name = text(entry, "use")
    probe = names.catalogue.get(probe_name)
    if probe is None and probe_name:
        hint = did_you_mean(probe_name, names.catalogue)
        names.mistakes.add(entry["use"].place, f"unknown probe `{probe_name}`", hint)
    written = entry["with"].value if "with" in entry else {}
    context = names.context(has_server="each" in entry)
    parameters = {key: _parameter(names, value, context) for key, value in written.items()}
    if probe is not None:
        _check_parameters(names, name, probe, written, place_of(entry, "with", place))
    return Look(
        name=name,
        use=probe_name,
        parameters=parameters,
        title=text(entry, "title"),
        how=text(entry, "how"),
        misleads=text(entry, "misleads"),
        each="each" in entry,
        demand="demand" in entry and entry["demand"].value,
        needs=tuple(dict.fromkeys(_needs(names, parameters))),
        place=place,
    )


def _parameter(names: Names, item: Item, context: Context) -> Any:
    if isinstance(item.value, str):
        context.template(item.value, item.place)
        return item.value
    if isinstance(item.value, list) and all(_is_plain(each.value) for each in item.value):
        return [each.value for each in item.value]
    if not _is_plain(item.value):
        names.mistakes.add(item.place, "a parameter is a plain value or a list of them")
    return item.value


def _needs(names: Names, parameters: Mapping[str, Any]) -> Iterator[str]:
    for value in parameters.values():
        for hole in _holes(value):
            head = hole.path.partition(".")[0]
            if head in names.looks:
                yield head


def _check_parameters(
    names: Names, look: str, probe: Probe, written: Mapping[str, Item], place: Place
) -> None:
    known = probe.parameters()
    for name, item in written.items():
        if name not in known:
            hint = did_you_mean(name, known) or "it has none"
            names.mistakes.add(item.place, f"probe `{probe.name}` has no parameter `{name}`", hint)
        else:
            _check_type(names, probe, known[name], item)
    for name, parameter in known.items():
        if parameter.default is inspect.Parameter.empty and name not in written:
            wants = f"it wants {parameter.annotation}"
            names.mistakes.add(place, f"look `{look}` lacks the parameter `{name}`", wants)


def _check_type(names: Names, probe: Probe, parameter: inspect.Parameter, item: Item) -> None:
    wanted = str(parameter.annotation).removesuffix(" | None")
    given = _given(names, item.value)
    if given is None or given.kind == "any":
        return
    fits = {
        "str": given.kind == "text",
        "int": given.kind == "number",
        "float": given.kind == "number",
        "bool": given.kind == "truth",
    }.get(wanted)
    if fits is None:
        is_list = wanted.startswith(("list[", "tuple["))
        fits = is_list == (given.kind == "list")
        if given.struct is not None and not is_list:
            fits = wanted == given.struct.__name__
        elif given.kind in ("number", "truth"):
            fits = False
    if not fits:
        names.mistakes.add(
            item.place,
            f"parameter `{parameter.name}` of `{probe.name}` wants {wanted}, not {given}",
        )


def _given(names: Names, value: Any) -> FactType | None:
    """Tell the type of a written parameter; None when nothing can be said."""
    if isinstance(value, bool):
        return FactType("truth")
    if isinstance(value, (int, float)):
        return FactType("number")
    if isinstance(value, list):
        return FactType("list")
    if not isinstance(value, str):
        return None
    try:
        parts = parse(value)
        if len(parts) == 1 and isinstance(parts[0], Hole) and not parts[0].form:
            return names.vocabulary.type_of(parts[0].path)
    except (TemplateError, UnknownFact):
        return None
    return FactType("text")


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))


def _holes(value: Any) -> tuple[Hole, ...]:
    try:
        return holes(value) if isinstance(value, str) else ()
    except TemplateError:
        return ()


def _check_circles(looks: dict[str, Look], mistakes: Mistakes) -> None:
    """Note looks that need themselves."""
    settled: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = " -> ".join([*way[way.index(name) :], name])
            mistakes.add(looks[name].place, f"look `{name}` needs itself", circle)
        elif name not in settled:
            for need in looks[name].needs:
                visit(need, (*way, name))
            settled.add(name)

    for name in looks:
        visit(name, ())
