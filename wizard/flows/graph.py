"""Draws a flow: as Mermaid for documents, as text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from wizard.flows.links import edges
from wizard.flows.model import END, STEPS, Edge, Flow, Library, Node, Rule
from wizard.flows.words import in_words

_LABEL = 60
"""Characters of a condition that fit on a drawn arrow."""


def mermaid(library: Library, flow: Flow) -> str:
    """Draw the flow as a Mermaid flowchart, one box a question, one frame a step."""
    lines = ["flowchart TD"]
    for step in STEPS:
        nodes = [node for node in flow.nodes if node.step == step]
        if nodes:
            lines.append(f'  subgraph {_name("step", step)}["{step}"]')
            lines += [f"    {_box(node)}" for node in nodes]
            lines.append("  end")
    outside = {
        edge.goto
        for node in flow.nodes
        for edge in edges(node)
        if edge.goto != END and not edge.goto.startswith(f"{flow.id}/")
    }
    lines += [f'  {_name("node", key)}[["{_quoted(key)}"]]' for key in sorted(outside)]
    lines.append("  finish([end])")
    for node in flow.nodes:
        lines += [f"  {_arrow(node, edge)}" for edge in edges(node)]
    return "\n".join(lines) + "\n"


def tree(library: Library, flow: Flow, width: int = 80, ascii_only: bool = False) -> str:
    """List the flow for a terminal: each question with where its answers lead."""
    lines = textwrap.wrap(f"{flow.id}: {flow.title}", width)
    step = ""
    for node in sorted(flow.nodes, key=lambda each: each.order):
        if node.step != step:
            step = node.step
            lines += ["", step]
        once = " (once a server)" if node.each else ""
        lines += _wrapped(f"{node.id}{once}: {node.ask}", "  ", "    ", width)
        last = len(list(edges(node))) - 1
        for index, edge in enumerate(edges(node)):
            first, rest = _branches(index == last, ascii_only)
            lines += _wrapped(_branch(node, edge, ascii_only), first, rest, width)
    return "\n".join(lines) + "\n"


def _branches(is_last: bool, ascii_only: bool) -> tuple[str, str]:
    if ascii_only:
        return ("    `- ", "       ") if is_last else ("    |- ", "    |  ")
    return ("    └─ ", "       ") if is_last else ("    ├─ ", "    │  ")


def _branch(node: Node, edge: Rule | Edge, ascii_only: bool) -> str:
    arrow = "->" if ascii_only else "→"
    goto = edge.goto.removeprefix(f"{node.flow}/")
    found = f": {', '.join(edge.findings)}" if isinstance(edge, Rule) and edge.findings else ""
    return f"{_reason(edge)}{found} {arrow} {goto}"


def _reason(edge: Rule | Edge) -> str:
    if isinstance(edge, Edge):
        return "unknown"
    return in_words(edge.when) if edge.when is not None else "otherwise"


def _wrapped(text: str, first: str, rest: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, len(first) + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _box(node: Node) -> str:
    shape = ('{{"', '"}}') if node.each else ('["', '"]')
    return f"{_name('node', node.key)}{shape[0]}{_quoted(node.ask)}{shape[1]}"


def _arrow(node: Node, edge: Rule | Edge) -> str:
    target = "finish" if edge.goto == END else _name("node", edge.goto)
    findings = edge.findings if isinstance(edge, Rule) else ()
    label = ", ".join(findings) if findings else textwrap.shorten(_reason(edge), _LABEL)
    line = "-.->" if isinstance(edge, Edge) else "==>" if findings else "-->"
    return f'{_name("node", node.key)} {line}|"{_quoted(label)}"| {target}'


def _name(kind: str, key: str) -> str:
    return f"{kind}_" + "".join(letter if letter.isalnum() else "_" for letter in key)


def _quoted(text: str) -> str:
    return "".join(_quotes(" ".join(text.split())))


def _quotes(text: str) -> Iterator[str]:
    for letter in text:
        yield {'"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "`": "#96;"}.get(
            letter, letter
        )
