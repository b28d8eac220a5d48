"""Rows of text: nothing acts, nothing is lost unseen, nothing is wider than the screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wizard.ui.page import Page, Piece, folded, shortened, wrapped


def written(page: Page) -> list[str]:
    return [row.text for row in page.rows]


def test_a_line_that_is_too_long_is_cut_with_a_mark() -> None:
    page = Page(10)
    page.line("0123456789abc")
    assert written(page) == ["012345678…"]


def test_the_mark_of_a_cut_is_ascii_where_nothing_else_can_be_drawn() -> None:
    page = Page(10, ascii_marks=True)
    page.columns(["0123456789abc"], [10])
    assert written(page)[0].isascii()
    assert written(page)[0].startswith("012345678~")


def test_a_sentence_wraps_and_aligns_with_its_beginning() -> None:
    page = Page(14)
    page.sentence("one two three four", first=" - ")
    assert written(page) == [" - one two", "   three four"]


def test_a_command_goes_on_in_the_next_row_and_loses_nothing() -> None:
    page = Page(20)
    page.verbatim("sudo iptables -D INPUT -p tcp -m tcp --dport 3000 -j DROP")
    joined = "".join(row.pieces[-1].text for row in page.rows)
    assert joined == "sudo iptables -D INPUT -p tcp -m tcp --dport 3000 -j DROP"


def test_wide_characters_count_as_two_cells() -> None:
    assert shortened("日本語日本語", 7) == "日本語…"
    assert all(cell_len(part) <= 5 for part in folded("日本語日本語", 5))


@given(st.text(), st.integers(8, 100))
def test_no_row_is_wider_than_the_page(text: str, width: int) -> None:
    page = Page(width)
    page.line(Piece(text))
    page.sentence(text)
    page.verbatim(text)
    page.fact("label", text, label_width=8)
    page.columns([text, text], [width // 2, width - width // 2 - 2])
    page.beside(Piece("+ "), text, [Piece(text)], name_width=max(4, width // 3))
    assert all(cell_len(row.text) <= page.width for row in page.rows)


@given(st.text())
def test_no_row_holds_anything_that_acts(text: str) -> None:
    page = Page(40)
    page.line(text)
    page.verbatim(text)
    shown = "".join(written(page))
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert "\u202e" not in shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])), st.integers(4, 40))
def test_wrapping_loses_no_character(text: str, width: int) -> None:
    assert "".join(wrapped(text, width)).replace(" ", "") == text.replace(" ", "")
