"""The way of a request, drawn as a line of boxes; the hop that made the answer is marked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len

from wizard.report import panels
from wizard.report.panels import Hop
from wizard.report.words import status_of
from wizard.ui.page import Page, Piece, Tone, wrapped
from wizard.ui.view import View

_ARROW = " --> "
_LEAST_IN_A_BOX = 14
_MOST_IN_A_BOX = 32
_MOST_SERVERS = 3
_UNICODE, _ASCII = "╭╮╰╯─│", "++++-|"


def boxes(page: Page, view: View, *, ascii_marks: bool) -> None:
    """A box for each step of the request, side by side where they fit, else below one another."""
    every = panels.hops(view.session, view.library)
    levels = [list(hops) for _, hops in groupby(every, key=lambda hop: hop.level)]
    arrows = len(_ARROW) * (len(levels) - 1)
    room = (page.width - arrows) // len(levels) - 4
    if room < _LEAST_IN_A_BOX:
        _below(page, every, made(view))
        return
    contents = [_content(hops, min(room, _MOST_IN_A_BOX), made(view)) for hops in levels]
    widths = [max(cell_len(piece.text) for piece in lines) for lines in contents]
    height = max(len(lines) for lines in contents)
    for row in range(height + 2):
        pieces: list[Piece] = []
        for number, (hops, lines, width) in enumerate(zip(levels, contents, widths, strict=True)):
            if number:
                pieces.append(Piece(_ARROW if row == 1 else " " * len(_ARROW), "dim"))
            edge: Tone = "bad" if any(hop.made_it for hop in hops) else "dim"
            pieces += _slice(lines, row, height, width, edge, _ASCII if ascii_marks else _UNICODE)
        page.line(*pieces)


def proof(view: View) -> str:
    """How it is known who made the answer; empty while it is not."""
    return next((hop.proof for hop in panels.hops(view.session, view.library) if hop.made_it), "")


def maker(view: View) -> str:
    """Who made the answer; empty while that is not known."""
    return next((hop.name for hop in panels.hops(view.session, view.library) if hop.made_it), "")


def one_line(view: View) -> list[Piece]:
    """The same in one line: `client -> nginx (made the 502) -> 127.0.0.1:3000`."""
    pieces: list[Piece] = []
    level = 0
    for hop in panels.hops(view.session, view.library):
        if pieces:
            pieces.append(Piece(" -> " if hop.level != level else ", ", "dim"))
        level = hop.level
        pieces.append(Piece(hop.name, "strong" if hop.made_it else ""))
        if hop.made_it:
            pieces.append(Piece(f" ({made(view)})", "bad"))
    return pieces


def made(view: View) -> str:
    """`made the 502`."""
    front = next((e for e in view.session.evidence.values() if e.look == "front"), None)
    status = status_of(view.session) or (front.facts.get("status") if front else None)
    return f"made the {status}" if status else "made the answer"


def _content(hops: Sequence[Hop], width: int, words: str) -> list[Piece]:
    lines: list[Piece] = []
    for hop in hops[:_MOST_SERVERS]:
        lines += [Piece(line, "strong") for line in wrapped(hop.name, width)]
        lines += [Piece(line) for line in wrapped(hop.detail, width)]
        if hop.made_it:
            lines.append(Piece(f"^ {words}", "bad"))
    if len(hops) > _MOST_SERVERS:
        lines.append(Piece(f"and {len(hops) - _MOST_SERVERS} more", "dim"))
    return lines


def _slice(
    lines: Sequence[Piece], row: int, height: int, width: int, edge: Tone, corner: str
) -> list[Piece]:
    if row in (0, height + 1):
        left, right = (corner[0], corner[1]) if row == 0 else (corner[2], corner[3])
        return [Piece(left + corner[4] * (width + 2) + right, edge)]
    piece = lines[row - 1] if row <= len(lines) else Piece("")
    pad = " " * (width - cell_len(piece.text) + 1)
    return [Piece(f"{corner[5]} ", edge), piece, Piece(f"{pad}{corner[5]}", edge)]


def _below(page: Page, every: Sequence[Hop], words: str) -> None:
    for hop in every:
        page.line(
            Piece("--> " if hop.level else "    ", "dim"),
            Piece(hop.name, "strong"),
            Piece(f"  {hop.detail}"),
            Piece(f"  <- {words}" if hop.made_it else "", "bad"),
        )
