"""The manual page of a cause, in Markdown, out of its record and of the rules that name it.

A fact of the host stands as its name in capitals: `SERVER_NAME`, `OWNER_UNIT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wizard.flows.conditions import Condition
from wizard.flows.model import STEPS, Cause, Library, Node, Rule
from wizard.flows.templates import Hole, parse
from wizard.flows.words import in_words

_WHEN = {"now": "Now", "lasting": "So that it stays mended"}
_ROLES = {
    "real": "a host that has it",
    "look_alike": "a host that is easily taken for it",
    "healthy": "a host that is well",
}


def page(library: Library, cause: Cause) -> str:
    """Write the page of one cause."""
    parts = [
        [f"# {cause.title}", "", _line(cause)],
        _section("What it is", [_flowing(cause.about)]),
        _section("How the wizard knows", _knowing(library, cause)),
        _section("What it is mistaken for", _look_alikes(library, cause)),
        _section("See it by hand", _code(cause.by_hand)),
        _section("How to fix it", _fixes(cause)),
        _section(
            "How to see that it is gone", _code([_named(cause.verify)] if cause.verify else [])
        ),
        _section("How to keep it from coming back", [f"- {each}" for each in cause.prevent]),
        _section("What follows from it", _following(library, cause)),
        _section("Recorded hosts", _proofs(cause)),
        _section("References", [f"- <{each}>" for each in cause.see]),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def index(library: Library) -> str:
    """Write the list of all causes, by step."""
    lines = [
        "# Causes",
        "",
        "What the wizard can name, by the step at which it is found. "
        "Written by `make pages` out of `flows/`.",
    ]
    for step in STEPS:
        causes = [each for each in roots(library) if each.step == step]
        if causes:
            lines += ["", f"## {step.capitalize()}", "", "| cause | shows as |", "| --- | --- |"]
            lines += [
                f"| [{each.title}]({each.id}.md) | {_statuses(each) or 'no answer'} |"
                for each in sorted(causes, key=lambda each: each.id)
            ]
    return "\n".join(lines) + "\n"


def roots(library: Library) -> Iterator[Cause]:
    """Give the causes that have a page: all that can be a verdict."""
    return (cause for cause in library.causes.values() if cause.kind == "cause")


def _line(cause: Cause) -> str:
    shows = f", shows as {_statuses(cause)}" if cause.statuses else ""
    return f"`{cause.id}`, step {cause.step}{shows}."


def _statuses(cause: Cause) -> str:
    return ", ".join(map(str, cause.statuses))


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return [f"## {title}", *body] if any(body) else []


def _knowing(library: Library, cause: Cause) -> Iterator[str]:
    for node in _nodes(library):
        for rule in node.rules:
            if cause.id in rule.findings:
                yield f"- {_named(node.ask)} (`{node.key}`) {_taken(rule)}"
    yield from (f"- Confirmed when {_condition(each.when)}." for each in cause.control)
    yield from (f"- Against it: {_condition(each.when)}." for each in cause.against)


def _taken(rule: Rule) -> str:
    return f"When {_condition(rule.when)}." if rule.when is not None else "When nothing else fits."


def _condition(condition: Condition) -> str:
    return f"`{in_words(condition)}`"


def _nodes(library: Library) -> list[Node]:
    nodes = [node for flow in library.flows.values() for node in flow.nodes]
    return sorted(nodes, key=lambda node: node.order)


def _look_alikes(library: Library, cause: Cause) -> Iterator[str]:
    for name, difference in cause.look_alikes.items():
        other = library.causes.get(name)
        linked = f"[{other.title}]({name}.md)" if other and other.kind == "cause" else f"`{name}`"
        yield f"- {linked}: {difference}"


def _fixes(cause: Cause) -> Iterator[str]:
    ordered = sorted(cause.proposals, key=lambda each: each.do != "now")
    for number, proposal in enumerate(ordered, 1):
        yield f"{number}. {_WHEN[proposal.do]}: {_named(proposal.title)}"
        text = _named(proposal.text).rstrip()
        if proposal.kind == "advice":
            yield from (f"   {line}" for line in text.splitlines())
        elif text:
            yield from ("   ```", *(f"   {line}" for line in text.splitlines()), "   ```")
        if proposal.touches:
            yield f"   Touches: {'; '.join(_named(each) for each in proposal.touches)}."
        if proposal.undo:
            yield f"   Undo: `{_named(proposal.undo)}`"
    if cause.unmended:
        yield f"\nNone of these is enough alone: {cause.unmended}"


def _code(lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return ["```", *body, "```"] if body else []


def _following(library: Library, cause: Cause) -> Iterator[str]:
    for name in cause.explains:
        yield f"- {library.causes[name].title}" if name in library.causes else f"- {name}"


def _proofs(cause: Cause) -> Iterator[str]:
    for role, words in _ROLES.items():
        if role in cause.proofs:
            yield f"- `{cause.proofs[role]}`: {words}"


def _named(template: str) -> str:
    return "".join(
        part.path.replace(".", "_").replace("-", "_").upper() if isinstance(part, Hole) else part
        for part in parse(template)
    )


def _flowing(text: str) -> str:
    return " ".join(text.split())
