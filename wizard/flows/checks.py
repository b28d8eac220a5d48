"""What loads and is still not good: the checks of `wizard flow check` beyond the loader's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from wizard.flows.conditions import All, Compare, Condition, Not, paths
from wizard.flows.facts import LOOKED
from wizard.flows.links import edges
from wizard.flows.mistakes import Mistake, did_you_mean
from wizard.flows.model import (
    EDIT,
    SHARING,
    Cause,
    Library,
    Node,
    PreventionTemplate,
    ProposalTemplate,
    Rule,
)
from wizard.flows.templates import holes
from wizard.model.change import texts
from wizard.model.route import Place

PROOFS = ("real", "look_alike", "healthy")
"""What each root cause names a tape for."""


def check(library: Library) -> list[Mistake]:
    """List all problems, by file and line."""
    found = [
        *_unreachable(library),
        *_undecided(library),
        *_pale_causes(library),
        *_unnamed_causes(library),
        *_explanations(library),
        *_unused_looks(library),
        *_scopes(library),
    ]
    return sorted(found, key=lambda each: each[:3])


def causes_to_prove(library: Library) -> Iterator[Cause]:
    """Give the root causes: each has to show by tapes that it is told from others."""
    return (cause for cause in library.causes.values() if cause.kind == "cause")


def uses(node: Node) -> Iterator[tuple[str, Place]]:
    """Give every fact path that a node refers to, with where."""
    yield from ((hole.path, node.place) for hole in holes(node.ask))
    for rule in node.rules:
        yield from ((path, rule.place) for path in _rule_paths(rule))
    if node.unknown is not None:
        yield from ((hole.path, node.unknown.place) for hole in holes(node.unknown.say))


def reachable(library: Library) -> set[str]:
    """Collect the keys of all nodes that a walk from some flow's first node can come to."""
    nodes = {node.key: node for flow in library.flows.values() for node in flow.nodes}
    open_keys = [flow.nodes[0].key for flow in library.flows.values()]
    seen: set[str] = set()
    while open_keys:
        key = open_keys.pop()
        if key in nodes and key not in seen:
            seen.add(key)
            open_keys += [edge.goto for edge in edges(nodes[key])]
    return seen


def _problem(place: Place, message: str, suggestion: str = "") -> Mistake:
    return Mistake(place.file, place.line, message, suggestion)


def _nodes(library: Library) -> Iterator[Node]:
    for flow in library.flows.values():
        yield from flow.nodes


def _unreachable(library: Library) -> Iterator[Mistake]:
    seen = reachable(library)
    for node in _nodes(library):
        if node.key not in seen:
            yield _problem(node.place, f"node `{node.key}` is never reached")


def _undecided(library: Library) -> Iterator[Mistake]:
    for node in _nodes(library):
        doubtful = [
            field
            for rule in node.rules
            if rule.when is not None
            for field in _doubts(rule.when, frozenset())
        ]
        if doubtful and node.unknown is None:
            named = ", ".join(dict.fromkeys(doubtful))
            yield _problem(node.place, f"node `{node.key}` has no `unknown`", f"for {named}")


def _doubts(condition: Condition, guarded: frozenset[str]) -> Iterator[str]:
    """Give the facts whose absence can make the condition unknown.

    Beside `x|known: true` in a conjunction (`x|known: false` in a disjunction) no other comparison
    of `x` can: without `x` the whole is decided.
    """
    if isinstance(condition, Not):
        yield from _doubts(condition.of, guarded)
    elif isinstance(condition, Compare):
        sides = [condition.field] + ([condition.fact] if condition.fact is not None else [])
        if condition.operator != "known":
            yield from (
                side for side in sides if side not in guarded and not _is_always_known(side)
            )
    else:
        settling = isinstance(condition, All)
        guarded |= {
            part.field
            for part in condition.of
            if isinstance(part, Compare) and part.operator == "known" and part.wanted is settling
        }
        for part in condition.of:
            yield from _doubts(part, guarded)


def _is_always_known(path: str) -> bool:
    return path.endswith(f".{LOOKED}") or path.startswith("found.")


def _pale_causes(library: Library) -> Iterator[Mistake]:
    for cause in library.causes.values():
        lacks = [] if cause.about else ["about"]
        if cause.kind == "cause":
            lacks += [] if cause.proposals else ["proposals"]
            lacks += [] if cause.verify else ["verify"]
            lacks += [] if cause.by_hand else ["by_hand"]
            lacks += [f"proofs: {role}" for role in PROOFS if role not in cause.proofs]
        for key in lacks:
            yield _problem(cause.place, f"cause `{cause.id}` lacks `{key}`")
        for role in cause.proofs:
            if role not in PROOFS:
                hint = did_you_mean(role, PROOFS)
                yield _problem(cause.place, f"unknown proof `{role}` of `{cause.id}`", hint)
        for name in cause.look_alikes:
            if name not in library.causes:
                hint = did_you_mean(name, library.causes)
                yield _problem(cause.place, f"unknown look-alike `{name}` of `{cause.id}`", hint)


def _unnamed_causes(library: Library) -> Iterator[Mistake]:
    named = {name for node in _nodes(library) for rule in node.rules for name in rule.findings}
    for cause in library.causes.values():
        if cause.id not in named:
            yield _problem(cause.place, f"no rule finds `{cause.id}`")


def _explanations(library: Library) -> Iterator[Mistake]:
    """Every cause must lead to a symptom, and nothing may explain itself."""
    for cause in library.causes.values():
        followed = _followed(cause, library.causes)
        if cause.id in followed:
            yield _problem(cause.place, f"`{cause.id}` explains itself", " -> ".join(followed))
        kinds = {library.causes[name].kind for name in followed if name in library.causes}
        if cause.kind in ("cause", "consequence") and "symptom" not in kinds:
            yield _problem(cause.place, f"`{cause.id}` explains no symptom, directly or not")


def _followed(cause: Cause, causes: Mapping[str, Cause]) -> list[str]:
    """List all that follows from the cause; itself when it is among that."""
    found: list[str] = []
    waiting = list(cause.explains)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += causes[name].explains if name in causes else ()
    return found


def _unused_looks(library: Library) -> Iterator[Mistake]:
    used = {path.partition(".")[0] for node in _nodes(library) for path, _ in uses(node)}
    for node in _nodes(library):
        used |= set(node.looks)
        used |= {node.each.partition(".")[0]} if node.each else set()
    for cause in library.causes.values():
        used |= {path.partition(".")[0] for path, _ in _cause_paths(cause)}
        used |= {EDIT} if any(each.changes for each in cause.proposals) else set()
        used |= {SHARING} if any(each.interrupts_owner for each in cause.proposals) else set()
    used |= {path.partition(".")[0] for each in library.hosts for path in paths(each.when)}
    for prevention in library.preventions.values():
        used |= {path.partition(".")[0] for path in _prevention_paths(prevention)}
    waiting = list(used)
    while waiting:
        look = library.looks.get(waiting.pop())
        fresh = [need for need in look.needs if need not in used] if look is not None else []
        used |= set(fresh)
        waiting += fresh
    for name, look in library.looks.items():
        if name not in used:
            yield _problem(look.place, f"look `{name}` is never used")


def _scopes(library: Library) -> Iterator[Mistake]:
    """A cause that is found for the whole route cannot rest on what is asked once a server."""
    servers = {name for name, look in library.looks.items() if look.each} | {"server"}
    wide: dict[str, Node] = {}
    narrow: set[str] = set()
    for node in _nodes(library):
        for rule in node.rules:
            for name in rule.findings:
                if node.each is None:
                    wide.setdefault(name, node)
                else:
                    narrow.add(name)
    for name, node in wide.items():
        for path, place in _cause_paths(library.causes[name]) if name not in narrow else ():
            if path.partition(".")[0] in servers:
                yield _problem(
                    place, f"`{path}` is asked once a server", f"`{node.key}` finds it once for all"
                )


def _rule_paths(rule: Rule) -> Iterator[str]:
    yield from _condition_paths(rule.when)
    yield from _template_paths((rule.say, rule.subject))
    yield from (path for path in (rule.inward, rule.instead) if path)


def _cause_paths(cause: Cause) -> Iterator[tuple[str, Place]]:
    for control in (*cause.control, *cause.against):
        for path in (*paths(control.when), *_template_paths([control.say])):
            yield path, control.place
    for proposal in cause.proposals:
        yield from ((path, proposal.place) for path in _proposal_paths(proposal))
    yield from ((path, cause.place) for path in _template_paths([cause.verify]))


def _proposal_paths(proposal: ProposalTemplate) -> Iterator[str]:
    yield from proposal.needs
    yield from _condition_paths(proposal.when)
    yield from _template_paths(
        (proposal.title, proposal.text, proposal.then, proposal.verify, proposal.undo)
    )
    yield from _template_paths(proposal.touches)
    for change in proposal.changes:
        yield from _template_paths(texts(change))


def _prevention_paths(prevention: PreventionTemplate) -> Iterator[str]:
    yield from prevention.needs
    yield from _condition_paths(prevention.when)
    yield from _template_paths(
        (prevention.title, prevention.reason, prevention.text, prevention.where, prevention.put)
    )


def _condition_paths(condition: Condition | None) -> tuple[str, ...]:
    return paths(condition) if condition is not None else ()


def _template_paths(templates: Iterable[str]) -> Iterator[str]:
    for template in templates:
        yield from (hole.path for hole in holes(template))
