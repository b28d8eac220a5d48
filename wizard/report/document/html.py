"""Blocks as one HTML file that needs nothing else: no script, no network, light and dark.

Everything is escaped, and a content security policy forbids all but the style that stands in the
file itself (by its hash), so that a planted `<script>` or `<style>` would do nothing even if it
came through. https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator

from wizard.report.document.blocks import (
    Block,
    Folded,
    Heading,
    Items,
    Line,
    Pairs,
    Paragraph,
    Span,
    Verbatim,
)

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --dim: #59636e; --page: #ffffff;
  --box: #f4f6f8; --edge: #d5dae0; --link: #0a58ca; --good: #116329; --bad: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ed; --dim: #9aa4af; --page: #15181c;
  --box: #1e2329; --edge: #343b44; --link: #78a9ff; --good: #6fdd8b; --bad: #ff8b96; } }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--text);
  background: var(--page); font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--edge); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
pre, code { font: .86rem/1.5 ui-monospace, monospace; }
pre { background: var(--box); border: 1px solid var(--edge); border-radius: 4px;
  padding: .6rem .8rem; overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .15rem 1.2rem .15rem 0; }
th { color: var(--dim); font-weight: normal; white-space: nowrap; }
a { color: var(--link); text-decoration: none; }
details { border-top: 1px solid var(--edge); padding: .4rem 0; }
summary { cursor: pointer; }
summary h3 { display: inline; }
.add { color: var(--good); } .del { color: var(--bad); }
@media print { body { max-width: none; margin: 0; font-size: 11pt; }
  pre { white-space: pre-wrap; } details::details-content { content-visibility: visible;
  block-size: auto; } }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def write(blocks: Iterable[Block], title: str, *, appendix: bool = True) -> Iterator[str]:
    """The document, a piece at a time. Without an appendix what is cited is no link."""
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    for block in blocks:
        yield from _block(block)
    yield "</main>\n</body>\n</html>\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{_heading(block)}\n"
        case Paragraph(inline):
            yield f"<p>{_line(inline)}</p>\n"
        case Items(lines, numbered):
            tag = "ol" if numbered else "ul"
            yield f"<{tag}>\n"
            for each in lines:
                yield f"<li>{_line(each)}</li>\n"
            yield f"</{tag}>\n"
        case Pairs(rows):
            yield "<table>\n"
            for name, value in rows:
                yield f"<tr><th>{html.escape(name)}</th><td>{_line(value)}</td></tr>\n"
            yield "</table>\n"
        case Verbatim(text, language):
            shown = _diff(text) if language == "diff" else html.escape(text.rstrip("\n"))
            yield f"<pre><code>{shown}</code></pre>\n"
        case Folded(title, inside):
            yield f"<details{_id(title.anchor)}>\n<summary>{_heading(title)}</summary>\n"
            for block_inside in inside:
                yield from _block(block_inside)
            yield "</details>\n"


def _heading(heading: Heading) -> str:
    return f"<h{heading.level}>{html.escape(heading.text)}</h{heading.level}>"


def _id(anchor: str) -> str:
    return f' id="{html.escape(anchor)}"' if anchor else ""


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    text = html.escape(span.text)
    match span.kind:
        case "cite":
            return f'<a href="#{text}">[{text}]</a>'
        case "strong":
            return f"<strong>{text}</strong>"
        case "code":
            return f"<code>{text}</code>"
    return text


def _diff(text: str) -> str:
    return "\n".join(_diff_line(line) for line in text.rstrip("\n").split("\n"))


def _diff_line(line: str) -> str:
    shown = html.escape(line)
    if line.startswith("+") and not line.startswith("+++"):
        return f'<span class="add">{shown}</span>'
    if line.startswith("-") and not line.startswith("---"):
        return f'<span class="del">{shown}</span>'
    return shown
