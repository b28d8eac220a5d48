"""Builds flows out of their entries: nodes, rules and edges."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.flows.document import Item
from wizard.flows.entries import Entry, place_of, read_entry, text, texts
from wizard.flows.mistakes import did_you_mean
from wizard.flows.model import Edge, Flow, Node, Rule
from wizard.flows.names import Names, check_templates
from wizard.flows.phrases import Context
from wizard.flows.shape import EDGE, FLOW, NODE, RULE


def build_flow(names: Names, name: str, item: Item) -> Flow | None:
    """Build one flow; each `goto` stands as it is written."""
    entry = read_entry(item, FLOW, f"flow `{name}`", names.mistakes)
    if entry is None or "nodes" not in entry:
        return None
    nodes = [_node(names, name, each) for each in entry["nodes"].value]
    return Flow(
        id=name,
        title=text(entry, "title"),
        about=text(entry, "about"),
        nodes=tuple(node for node in nodes if node is not None),
        place=item.place,
    )


def _node(names: Names, flow: str, item: Item) -> Node | None:
    entry = read_entry(item, NODE, "node", names.mistakes)
    if entry is None or not {"id", "step", "ask", "rules"} <= set(entry):
        return None
    name = text(entry, "id")
    each = _each(names, entry)
    context = names.context(has_server="each" in entry)
    check_templates(entry, context, "ask")
    looks = texts(entry, "looks")
    for look in entry["looks"].value if looks else []:
        if look.value not in names.looks:
            hint = did_you_mean(look.value, names.looks)
            names.mistakes.add(look.place, f"no look is named `{look.value}`", hint)
        else:
            context.fact(look.value, look.place)
    return Node(
        id=name,
        flow=flow,
        key=f"{flow}/{name}",
        formerly=texts(entry, "formerly"),
        step=entry["step"].value,
        ask=text(entry, "ask"),
        why=text(entry, "why"),
        misleads=text(entry, "misleads"),
        see=texts(entry, "see"),
        each=each,
        looks=looks,
        rules=tuple(_rules(names, entry["rules"], context)),
        unknown=_edge(names, entry["unknown"], context) if "unknown" in entry else None,
        place=place_of(entry, "id", item.place),
    )


def _each(names: Names, entry: Entry) -> str | None:
    if "each" not in entry:
        return None
    item = entry["each"]
    path = item.value["server"].value if set(item.value) == {"server"} else None
    if not isinstance(path, str):
        names.mistakes.add(item.place, "`each` names `server`", "`each: {server: route.servers}`")
        return None
    kind = names.context(has_server=False).fact(path, item.place)
    if kind is not None and kind.kind != "any":
        element = kind.element.struct if kind.element is not None else None
        if kind.kind != "list" or element is None or element.__name__ != "Server":
            names.mistakes.add(item.place, f"`{path}` is {kind}, not a list of servers")
    return path


def _rules(names: Names, item: Item, context: Context) -> Iterator[Rule]:
    rules: list[Item] = item.value
    for index, rule in enumerate(rules, start=1):
        entry = read_entry(rule, RULE, "rule", names.mistakes)
        if entry is None:
            continue
        last = index == len(rules)
        if last and "when" in entry:
            names.mistakes.add(
                rule.place, "the last rule has a `when`", "add a last rule without one"
            )
        elif not last and isinstance(rule.value, dict) and "when" not in rule.value:
            names.mistakes.add(
                rule.place, "rules after this one are never reached", "it lacks a `when`"
            )
        names.check_causes(entry, "finding")
        check_templates(entry, context, "say", "subject")
        yield Rule(
            index=index,
            when=context.condition(entry["when"]) if "when" in entry else None,
            findings=texts(entry, "finding"),
            subject=text(entry, "subject"),
            say=text(entry, "say"),
            inward=_place_fact(names, entry, "inward", "Way", context),
            instead=_place_fact(names, entry, "instead", "Server", context),
            goto=text(entry, "goto"),
            place=place_of(entry, "goto", rule.place),
        )


def _place_fact(names: Names, entry: Entry, key: str, wanted: str, context: Context) -> str:
    """Read a fact that says where a further leg begins."""
    path = text(entry, key)
    kind = context.fact(path, entry[key].place) if path else None
    if kind is not None and kind.kind != "any":
        given = kind.struct.__name__ if kind.struct is not None else str(kind)
        if given != wanted:
            names.mistakes.add(entry[key].place, f"`{path}` is {given}, not a {wanted}")
    return path


def _edge(names: Names, item: Item, context: Context) -> Edge | None:
    if isinstance(item.value, str):
        return Edge(goto=item.value, place=item.place)
    entry = read_entry(item, EDGE, "`unknown`", names.mistakes)
    if entry is None:
        return None
    check_templates(entry, context, "say")
    return Edge(say=text(entry, "say"), goto=text(entry, "goto"), place=item.place)
