"""Ties the nodes together: resolves every `goto`, forward only, and numbers all nodes.

The numbers are a topological order over all flows: a walk that always takes the open node with
the smallest number never comes back to one that it has left. Where the order is free, the steps
come in their order, then the flows and nodes as they are written.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from wizard.flows.document import Item
from wizard.flows.mistakes import Mistakes, did_you_mean
from wizard.flows.model import END, STEPS, Edge, Flow, Node, Rule
from wizard.model.route import Place

Ids = Mapping[str, Mapping[str, Item]]
"""For each flow its nodes by id, whether they could be read or not."""


def node_ids(flows: Mapping[str, Item], mistakes: Mistakes) -> Ids:
    """List the ids of all nodes, noting those that stand twice."""
    found: dict[str, dict[str, Item]] = {}
    for flow, item in flows.items():
        ids = found[flow] = {}
        nodes = item.value.get("nodes")
        for node in nodes.value if nodes is not None and isinstance(nodes.value, list) else []:
            name = node.value.get("id") if isinstance(node.value, dict) else None
            if name is None or not isinstance(name.value, str):
                continue
            if name.value == END or "/" in name.value:
                mistakes.add(name.place, f"a node cannot be named `{name.value}`")
            elif name.value in ids:
                first = ids[name.value].place
                mistakes.add(name.place, f"node `{name.value}` stands twice", f"first at {first}")
            else:
                ids[name.value] = name
    return found


def link(flows: Mapping[str, Flow], ids: Ids, mistakes: Mistakes) -> dict[str, Flow]:
    """Resolve every `goto` of all flows."""
    linked = {}
    for name, flow in flows.items():
        nodes = tuple(_linked(node, ids, mistakes) for node in flow.nodes)
        linked[name] = replace(flow, nodes=nodes)
    return linked


def numbered(flows: Mapping[str, Flow], mistakes: Mistakes) -> dict[str, Flow]:
    """Give every node its number in the order of all; a circle is a mistake."""
    order = {key: number for number, key in enumerate(_sorted(flows, mistakes))}
    return {
        name: replace(
            flow, nodes=tuple(replace(node, order=order.get(node.key, 0)) for node in flow.nodes)
        )
        for name, flow in flows.items()
    }


def edges(node: Node) -> Iterator[Rule | Edge]:
    """Give everything of a node that has a `goto`."""
    yield from node.rules
    if node.unknown is not None:
        yield node.unknown


def _linked(node: Node, ids: Ids, mistakes: Mistakes) -> Node:
    rules = tuple(
        replace(rule, goto=_resolved(rule.goto, rule.place, node, ids, mistakes))
        for rule in node.rules
    )
    unknown = node.unknown
    if unknown is not None:
        goto = _resolved(unknown.goto, unknown.place, node, ids, mistakes)
        unknown = replace(unknown, goto=goto)
    return replace(node, rules=rules, unknown=unknown)


def _resolved(goto: str, place: Place, node: Node, ids: Ids, mistakes: Mistakes) -> str:
    """Give the key of the node that a `goto` means; `end` after a mistake."""
    own = ids[node.flow]
    if goto in (END, ""):
        return END
    if goto in own and goto in ids:
        hint = f"write `{node.flow}/{goto}` or `{goto}/{next(iter(ids[goto]), '')}`"
        mistakes.add(place, f"`{goto}` is both a node and a flow", hint)
        return END
    flow, slash, name = goto.partition("/")
    if not slash:
        flow, name = (node.flow, goto) if goto in own else (goto, next(iter(ids.get(goto, ())), ""))
    if name not in ids.get(flow, ()):
        mistakes.add(place, f"unknown goto `{goto}`", _nearest(goto, node, ids))
        return END
    if flow == node.flow and _position(own, name) <= _position(own, node.id):
        mistakes.add(place, f"goto `{goto}` leads back", "a goto leads to a later node")
        return END
    return f"{flow}/{name}"


def _position(own: Mapping[str, Item], name: str) -> int:
    return list(own).index(name)


def _nearest(goto: str, node: Node, ids: Ids) -> str:
    known = [*ids[node.flow], *ids, END]
    known += [f"{flow}/{name}" for flow, names in ids.items() for name in names if "/" in goto]
    return did_you_mean(goto, known)


def _sorted(flows: Mapping[str, Flow], mistakes: Mistakes) -> list[str]:
    nodes = {
        node.key: (STEPS.index(node.step), number, index, node)
        for number, flow in enumerate(flows.values())
        for index, node in enumerate(flow.nodes)
    }
    after = _successors(flows, nodes)
    waiting: dict[str, int] = defaultdict(int)
    for targets in after.values():
        for target in targets:
            waiting[target] += 1
    ready = [(*nodes[key][:3], key) for key in nodes if not waiting[key]]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        key = heapq.heappop(ready)[3]
        done.append(key)
        for target in after[key]:
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, (*nodes[target][:3], target))
    if len(done) < len(nodes):
        _note_circle({key for key in nodes if key not in set(done)}, after, flows, mistakes)
    return done


def _successors(flows: Mapping[str, Flow], known: Mapping[str, object]) -> dict[str, list[str]]:
    """For every node those that must come after it: the next one of its flow, and its gotos."""
    after: dict[str, list[str]] = {}
    for flow in flows.values():
        following = [node.key for node in flow.nodes[1:]]
        for index, node in enumerate(flow.nodes):
            targets = [edge.goto for edge in edges(node)] + following[index : index + 1]
            after[node.key] = [key for key in dict.fromkeys(targets) if key in known]
    return after


def _note_circle(
    stuck: set[str],
    after: Mapping[str, list[str]],
    flows: Mapping[str, Flow],
    mistakes: Mistakes,
) -> None:
    """Name one circle among the nodes that could not be numbered."""
    # A stuck node may only wait for a circle; one step back from it always stays among the stuck.
    before = {target: key for key in sorted(stuck) for target in after[key] if target in stuck}
    key = min(stuck)
    seen: list[str] = []
    while key not in seen:
        seen.append(key)
        key = before[key]
    circle = [*reversed(seen[seen.index(key) :]), seen[-1]]
    circle = circle if circle[0] == circle[-1] else [circle[-1], *circle]
    handing = [
        edge
        for flow in flows.values()
        for node in flow.nodes
        for edge in edges(node)
        if node.key in circle and edge.goto in circle and not edge.goto.startswith(f"{flow.id}/")
    ]
    place = handing[-1].place if handing else flows[circle[0].partition("/")[0]].place
    mistakes.add(place, "flows hand over in a circle", " -> ".join(circle))
