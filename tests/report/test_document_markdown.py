"""Markdown that is made of what strangers wrote: nothing in it is markup but what we wrote."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.report.documents import full, hostile
from wizard.model.events import Event
from wizard.model.text import clean
from wizard.report.document.forms import written

READER = MarkdownIt("gfm-like", {"html": True})
OURS = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "fence"),
    *("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"),
    *("list_item_open", "list_item_close"),
}
OURS_INLINE = {"text", "code_inline", "strong_open", "strong_close"}
REFERENCE = re.compile(
    r"(?<!\w)[@#!%$&~^]\w|(?<!\w)GH-\d|(?<!\w):\w+:|\bwww\.|://|\b[0-9a-f]{7,40}\b", re.I
)
"""What a tracker makes a link or a picture of by itself, outside of code."""

HOSTILE = (
    "```", "~~~", "`" * 300, "``` html\n<script>", "\n```\n# out\n```", "# heading", "### x ###",
    "[a](http://evil)", "![a](http://evil/x.png)", "[a]: http://evil", "[a][b]", "[^1]: foot",
    "[^1]", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- -->", "&lt;b&gt;",
    "a | b | c", "| --- | --- |", "\n---\n", "===", "=", "-", "---", "***", "* item", "- item",
    "+ item", "1. item", "1) item", "12345678.", "> quote", ">", "*em*", "**strong**", "_em_",
    "__x__", "~~gone~~", "snake_case_name", "@root", "@org/team", "#12", "org/repo#12", "GH-12",
    "!34", "%2", "$7", "&3", "~bug", ":smile:", ":+1:", "http://evil.example", "www.evil.example",
    "evil.example", "a@evil.example", "<http://evil>", "mailto:a@b.example", "javascript:alert(1)",
    "0123456789abcdef0123456789abcdef01234567", "\\", "\\`", "a\\|b", "    code", "\tcode",
    "line\nline", "\r\n\r\n# x", "a  \nb", "- [ ] task", "[ ] task", "[x] done", "$x$", "$$y$$",
    "```math", "\u202eabc", "\u2028# x", "\x1b[31mred", "(c) ... --", "</details>", "",
    "*" * 500, "[" * 500, "`a`b``c```d", "{{ template }}", "{:.css}", "x^2^ H~2~O", "\x00",
    "1\\. x", "\\- x", "**a", "a**", "_ a", "`", "``", "` `", "\ud800", "пример.рф", "e3] x",
)  # fmt: skip


def markdown(events: list[Event], form: str = "md") -> str:
    return "".join(written(form, events))  # type: ignore[arg-type]


def shape(tokens: list[Token]) -> list[str]:
    """The elements, without what stands in them and without spans of code in a line."""
    return [each.type + each.tag for each in tokens]


def check(text: str) -> None:
    for form in ("md", "postmortem"):
        tokens = READER.parse(markdown(hostile(text), form))
        assert {each.type for each in tokens} <= OURS
        inline = [child for each in tokens for child in each.children or ()]
        assert {each.type for each in inline} <= OURS_INLINE, text
        prose = " ".join(each.content for each in inline if each.type == "text")
        assert not REFERENCE.search(prose), REFERENCE.search(prose)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str) -> None:
    check(text)
    check(f"before {text} after")


@settings(max_examples=150, deadline=None)
@given(
    some.one_of(
        some.lists(some.sampled_from(HOSTILE), max_size=4).map("".join),
        some.text(max_size=40),
        some.text(alphabet="`*_[]()<>|~#@&:!-+=.1 \n\\ab/", max_size=40),
    )
)
def test_whatever_is_written_stays_text(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", ["# x", "[a](b)", "- x", "```", "<b>", "| a |", "1. x", "**a"])
def test_hostile_text_adds_no_element(text: str) -> None:
    """Blocks of plain words and of hostile ones are the same blocks."""
    plain = shape(READER.parse(markdown(hostile("word"))))
    assert shape(READER.parse(markdown(hostile(text)))) == plain


def test_verbatim_text_is_there_byte_for_byte() -> None:
    text = "```` four\n~~~\n| a | <b> &amp; \\ \u202e\n\tx"
    fences = [each for each in READER.parse(markdown(hostile(text))) if each.type == "fence"]
    raw = [each.content for each in fences if each.info == "text"]
    assert raw
    assert {each.rstrip("\n") for each in raw} == {clean(text)}


def test_what_is_ordinary_reads_as_it_was_said() -> None:
    made = markdown(full())
    assert "# `http://shop.example.com/` answers 502 Bad Gateway\n" in made
    assert "- **Host**: web1\n" in made
    assert "deploy at 03:12, says ops" in made
