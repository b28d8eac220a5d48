"""Writes to the terminal: pages to standard output, sentences to standard error.

A reader that went away (`wizard ... | head -3`) is no error, and a terminal that cannot show a
character gets one that it can.
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False  # `typing` and `collections` would cost 6 ms
if TYPE_CHECKING:
    from typing import TextIO


def page(text: str) -> None:
    """Print a report, or nothing more once nobody reads it.

    Raises:
        OSError: standard output takes nothing, as on a full disk.
    """
    _write(sys.stdout, text if text.endswith("\n") else f"{text}\n")


def line_begun(text: str) -> None:
    """Print a question whose answer is to stand on the same line."""
    _write(sys.stdout, text)


def warn(sentence: str) -> None:
    """Tell the person something beside the report, on standard error."""
    from wizard.model.text import clean

    _write(sys.stderr, f"wizard: {clean(sentence)}\n")


def progress(question: str) -> None:
    """Show on one line of the terminal what is being asked; an empty text clears the line."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return
    from wizard.model.text import one_line

    _write(sys.stderr, f"\r\x1b[K{one_line(question, 78)}")


def flush() -> None:
    """Hand over what is buffered, so that leaving loses nothing."""
    for stream in (sys.stdout, sys.stderr):
        _write(stream, "")


def columns() -> int:
    """The width to write for: 80, or less where the terminal is narrower."""
    if not _is_terminal():
        return 80
    import shutil

    return max(40, min(80, shutil.get_terminal_size().columns))


def is_bold() -> bool:
    """Headings may be bold: a terminal that can, and a person who has not said NO_COLOR."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return _is_terminal() and not plain


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed before the program began
        return
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        from wizard.report.ascii import ascii_only

        text = ascii_only(text)
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # Python flushes once more at exit; that has to go nowhere instead of failing again.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        # EIO: the terminal is gone, as when a connection drops. Nobody reads that either.
        if not isinstance(error, BrokenPipeError) and error.errno != errno.EIO:
            raise
