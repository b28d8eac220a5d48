"""The panels: the route, its servers, the log around the moment, and what happened when."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import NamedTuple

from rich.cells import cell_len

from wizard.report import panels
from wizard.report.panels import Matrix
from wizard.ui.page import Page, Piece
from wizard.ui.view import View

_WIDE = 100
"""Columns from which on the servers stand in a table."""
_MANY = 4
"""Servers above which they stand in a table however narrow it is."""


class Panel(NamedTuple):
    """One panel."""

    name: str
    what: str
    write: Callable[[Page, View, bool], None]


def route(page: Page, view: View, ascii_marks: bool) -> None:
    """Listener, server, location, upstream, servers, each with file and line."""
    rows = panels.route(view.session)
    if not rows:
        page.sentence("The route is not known (yet).", "dim")
        return
    evidence = next(
        (each.id for each in view.session.evidence.values() if each.look == "route"), ""
    )
    label_width = max(cell_len(row.label) for row in rows)
    place_width = min(max(cell_len(row.place) for row in rows), page.width // 2)
    value_width = page.width - label_width - place_width - 4
    for number, row in enumerate(rows):
        if not row.place:
            page.fact(row.label, row.value, label_width=label_width, key=f"{evidence} {number}")
            continue
        page.columns(
            [Piece(row.label, "dim"), Piece(row.value, "strong"), Piece(row.place, "code")],
            [label_width, value_width, place_width],
            key=f"{evidence} {number}",
        )


def servers(page: Page, view: View, ascii_marks: bool) -> None:
    """Every server, and how far a request to it comes."""
    matrix = panels.matrix(view.session)
    if not matrix.rows:
        page.sentence("No server of the route is known (yet).", "dim")
        return
    if page.width >= _WIDE or len(matrix.rows) > _MANY:
        _table(page, matrix)
        return
    for number, row in enumerate(matrix.rows):
        if number:
            page.gap()
        mark = Piece("! ", "bad") if row.troubled else Piece("+ ", "good")
        page.line(mark, Piece(row.name, "strong"), key=f"{row.evidence[0]} {number}")
        for name, cell, evidence in zip(matrix.header[1:], row[1:5], row.evidence, strict=True):
            page.columns(
                ["", Piece(name, "dim"), Piece(evidence, "dim"), cell],
                [1, 8, 3, page.width - 16],
                key=f"{evidence} {name} {number}" if evidence else "",
            )


def _table(page: Page, matrix: Matrix) -> None:
    """A row for each server; what is cut stands whole in the evidence behind it."""
    every = [matrix.header, *((row.name, *row[1:5]) for row in matrix.rows)]
    need = [max(cell_len(cells[column]) for cells in every) for column in range(5)]
    room = page.width - 8 - need[0] - need[2]
    share = [need[0], 0, need[2], 0, 0]
    left = room
    for place, column in enumerate(sorted((1, 3, 4), key=lambda each: need[each])):
        share[column] = min(need[column], left // (3 - place))
        left -= share[column]
    header = [Piece(each, "dim") for each in matrix.header]
    page.columns([Piece(""), *header], [1, *share])
    for number, row in enumerate(matrix.rows):
        mark = Piece("!", "bad") if row.troubled else Piece("+", "good")
        evidence = next((each for each in row.evidence if each), "")
        cells = [Piece(row.name, "strong"), *(Piece(cell) for cell in row[1:5])]
        page.columns([mark, *cells], [1, *share], key=f"{evidence} {number}")


def log(page: Page, view: View, ascii_marks: bool) -> None:
    """The proxy's error log, with the lines that matter marked."""
    lines = panels.log(view.session)
    if not lines:
        page.sentence("No line of the proxy's error log was read (yet).", "dim")
        return
    for number, line in enumerate(lines):
        mark = "> " if line.matters else "  "
        page.sentence(
            line.text,
            "strong" if line.matters else "dim",
            first=mark,
            key=f"{line.evidence} {number}",
        )
    page.gap()
    page.sentence("> marks the lines about the request that the wizard made itself", "dim")


def timeline(page: Page, view: View, ascii_marks: bool) -> None:
    """What happened when, and how many requests failed in each minute."""
    counts = panels.errors_per_minute(view.session)
    if counts:
        page.line(
            Piece("failures a minute, oldest first: ", "dim"),
            Piece(f"{sum(counts)} in {len(counts)} min, at most {max(counts)}", "strong"),
        )
        page.line(Piece(f"|{panels.spark(counts, ascii_only=ascii_marks)}|", "warn"))
        page.gap()
    moments = panels.timeline(view.session)
    if not moments:
        page.sentence("Nothing with a time is known (yet).", "dim")
    day = ""
    for number, moment in enumerate(moments):
        when = datetime.datetime.fromtimestamp(moment.at)
        if day != (day := when.strftime("%Y-%m-%d")):
            page.line(Piece(day, "heading"))
        page.sentence(
            moment.text,
            first=f"{when:%H:%M:%S}  {moment.evidence:<4} ",
            key=f"{moment.evidence} {number}",
        )


PANELS = (
    Panel("Route", "How the proxy treats this URL, with file and line", route),
    Panel("Servers", "Every server of the route: name, connect, TLS, HTTP, owner", servers),
    Panel("Log", "The proxy's error log, with the lines that matter", log),
    Panel("Timeline", "What happened when, and the failures a minute", timeline),
)
