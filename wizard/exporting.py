"""`wizard export`: a session to hand over, or its fixes as a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from wizard import file_output, output
from wizard.fixes.trial import text_of
from wizard.fixes.unmasked import UnmaskError, unmasked
from wizard.model.session import Session
from wizard.model.tokens import kept_in
from wizard.options import DOCUMENTS, Refused
from wizard.report import hidden, panels, script
from wizard.report.document.forms import written
from wizard.report.panels import Card
from wizard.sessions.handing_over import copy_with_stand_ins
from wizard.sessions.kept import Recorded, SessionError, recorded
from wizard.sessions.outline import Outline, outline

_FAILED = 4


def run(options: argparse.Namespace) -> int:
    """Write what was asked for; the exit status.

    Raises:
        Refused: there is no such session or card, or it cannot be written.
        JournalError: the session cannot be read.
    """
    if options.preview:
        return _preview(options)
    if options.mask_network:
        with copy_with_stand_ins(_found(options).path) as copy:
            return _written(argparse.Namespace(**{**vars(options), "session": str(copy)}))
    return _written(options)


def _found(options: argparse.Namespace) -> Recorded:
    try:
        return recorded(options.session, outline)
    except SessionError as problem:
        raise Refused(str(problem)) from problem


def _preview(options: argparse.Namespace) -> int:
    """Show what is hidden."""
    path = _found(options).path
    with Outline(path) as read:
        found = hidden.hidden(read.events, read.raw)
    output.page(hidden.render(found, kept_in(path.parent)))
    return 0


def _written(options: argparse.Namespace) -> int:
    if options.format == "tape":
        from wizard import taping

        return taping.export(options)
    try:
        return _document(options) if options.format in DOCUMENTS else _fix(options)
    except OSError as error:
        output.warn(f"Standard output takes no more: {error.strerror}. -o FILE writes a file.")
        return _FAILED


def _fix(options: argparse.Namespace) -> int:
    try:
        session = recorded(options.session).session
    except SessionError as problem:
        raise Refused(str(problem)) from problem
    chosen = _chosen(session, options.fix, diffs_only=options.format == "patch")
    if options.with_secrets:
        chosen = [_whole(card) for card in chosen]
    for card in chosen:
        if card.secret and not options.with_secrets:
            output.warn(card.secret)
    made = script.patch(chosen) if options.format == "patch" else script.commands(chosen)
    file_output.write([made], options.output, force=options.force)
    return 0


def _document(options: argparse.Namespace) -> int:
    """The whole session, written a piece at a time: it may be long."""
    try:
        found = recorded(options.session, outline)
    except SessionError as problem:
        raise Refused(str(problem)) from problem
    with Outline(found.path) as read:
        pieces = written(options.format, read.events, read.raw, options.look or "md")
        file_output.write(pieces, options.output, force=options.force)
    return 0


def _chosen(session: Session, numbers: Sequence[int], *, diffs_only: bool) -> list[Card]:
    cards = panels.cards(session)
    if not cards:
        raise Refused("This session has no fix: its walk named no cause.")
    fitting = [card for card in cards if card.kind == "diff" or not diffs_only]
    if not numbers:
        if not fitting:
            raise Refused("No fix of this session is a diff; --commands gives them as a script.")
        return fitting[:1]
    by_number = {card.number: card for card in cards}
    for number in numbers:
        if number not in by_number:
            raise Refused(f"There is no fix {number}: this session has {len(cards)}.")
        if diffs_only and by_number[number].kind != "diff":
            raise Refused(f"Fix {number} is no diff; --commands gives it as a script.")
    return [by_number[number] for number in dict.fromkeys(numbers)]


def _whole(card: Card) -> Card:
    """The card with the secrets of the live files; they go nowhere but where it is written."""
    try:
        whole = unmasked(card.text, text_of)
    except (UnmaskError, OSError) as problem:
        raise Refused(f"Fix {card.number} cannot be made with its secrets: {problem}.") from problem
    if whole != card.text:
        output.warn("This file holds secrets of this host: remove it once it is applied.")
    return card._replace(text=whole)
