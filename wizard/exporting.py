"""`wizard export`: a session's fixes, or all of it, as a file to hand over."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from wizard import output
from wizard.fixes.trial import text_of
from wizard.fixes.unmasked import UnmaskError, unmasked
from wizard.model.session import Session
from wizard.options import Refused
from wizard.report import panels, script
from wizard.report.panels import Card
from wizard.sessions.kept import SessionError, recorded

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def run(options: argparse.Namespace) -> int:
    """Write what was asked for; the exit status.

    Raises:
        Refused: there is no such session or card, or it cannot be written.
        JournalError: the session cannot be read.
    """
    if options.format == "tape":
        from wizard import taping

        return taping.export(options)
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
    _write(made, options.output)
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


def _write(text: str, path: str | None) -> None:
    content = text.encode("utf-8", "surrogateescape")
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)  # as it is: a carriage return is part of a diff
        sys.stdout.buffer.flush()
        return
    try:
        file = os.open(path, _CREATE, 0o600)
    except FileExistsError:
        raise Refused(f"There is a file {path} already; it was left alone.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    with open(file, "wb") as opened:
        opened.write(content)
