"""The words of shell commands, by their places in the text, so that one can be rewritten in place.

Only as much of POSIX "Shell Command Language" (2.3 Token Recognition) as printed commands use:
quoting, substitutions, operators, redirections, comments and here-documents. What stands in quotes
is never looked into.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_OPERATOR = re.compile(r"&&|\|\||;;|\|&|[;&|()\n]")
_REDIRECTION = re.compile(r"\d*(?:&>>?|<<-?|>>|>\||[<>]&?)(?:(?<=&)[\d-])?")
_BLANK = " \t"
_KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "while", "until", "do", "time", "!", "{", "exec", "command"}
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


class ShellError(ValueError):
    """A quote, a substitution or a here-document is not closed."""


class Word(NamedTuple):
    """One word with its quotes as they are written."""

    start: int
    end: int
    substitutions: tuple[tuple[int, int], ...]
    """Where the commands inside of `$(...)` begin and end."""


class Simple(NamedTuple):
    """A command with its arguments, up to its first redirection."""

    words: tuple[Word, ...]
    """From the program's name on: keywords and assignments before it are left out."""
    end: int
    """Where it ends with its redirections: the place of what follows."""
    after: str
    """The operator after it: `&&`, `|`, `;`, a line end, ...; empty at the end of the text."""


class _Token(NamedTuple):
    kind: Literal["word", "operator", "redirection"]
    start: int
    end: int
    substitutions: tuple[tuple[int, int], ...] = ()


def simple_commands(text: str) -> list[Simple]:
    """The commands of a script in their order.

    Raises:
        ShellError: the text is no whole script.
    """
    found: list[Simple] = []
    words: list[Word] = []
    redirected = False
    for token in [*_tokens(text), None]:
        if token is not None and token.kind == "word":
            if not redirected:
                words.append(Word(token.start, token.end, token.substitutions))
        elif token is not None and token.kind == "redirection":
            redirected = True
        else:
            after = "" if token is None else text[token.start : token.end]
            program = _from_the_program(text, words)
            if program:
                end = len(text) if token is None else token.start
                found.append(Simple(tuple(program), end, after))
            words, redirected = [], False
    return found


def _from_the_program(text: str, words: list[Word]) -> list[Word]:
    for number, word in enumerate(words):
        written = text[word.start : word.end]
        if written not in _KEYWORDS and not _ASSIGNMENT.match(written):
            return words[number:]
    return []


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    waiting: list[str] = []
    """Delimiters of here-documents whose text begins after the line."""
    place = 0
    while place < len(text):
        letter = text[place]
        if letter in _BLANK or text.startswith("\\\n", place):
            place += 1 if letter in _BLANK else 2
        elif letter == "#":
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
        elif redirection := _REDIRECTION.match(text, place):
            found.append(_Token("redirection", place, redirection.end()))
            place = redirection.end()
            if "<<" in redirection[0] and text[place : place + 1] != "<":
                place = _after_blanks(text, place)
                end, _ = _word_end(text, place)
                waiting.append(text[place:end].strip("'\"\\"))
                place = end
        elif operator := _OPERATOR.match(text, place):
            found.append(_Token("operator", place, operator.end()))
            place = operator.end()
            if operator[0] == "\n":
                while waiting:
                    place = _after_document(text, place, waiting.pop(0))
        else:
            end, substitutions = _word_end(text, place)
            found.append(_Token("word", place, end, tuple(substitutions)))
            place = end
    if waiting:
        raise ShellError("a here-document has no text")
    return found


def _after_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANK:
        place += 1
    return place


def _after_document(text: str, place: int, delimiter: str) -> int:
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if text[place:end].lstrip("\t") == delimiter:
            return end
        place = end + 1
    raise ShellError(f"the here-document `{delimiter}` has no end")


def _word_end(text: str, place: int) -> tuple[int, list[tuple[int, int]]]:
    substitutions: list[tuple[int, int]] = []
    while place < len(text):
        letter = text[place]
        if letter in " \t\n;&|()<>":
            break
        place = _past(text, place, substitutions)
    return place, substitutions


def _past(text: str, place: int, substitutions: list[tuple[int, int]]) -> int:
    """The place behind one letter, or behind the quotes or the substitution that begins there."""
    letter = text[place]
    if letter == "\\":
        return min(place + 2, len(text))
    if letter == "'":
        return _find(text, "'", place + 1) + 1
    if letter == "`":
        return _find(text, "`", place + 1) + 1
    if letter == '"':
        return _past_double_quotes(text, place + 1, substitutions)
    if text.startswith("$(", place):
        end = _closing(text, place + 2, ")")
        substitutions.append((place + 2, end))
        return end + 1
    if text.startswith("${", place):
        return _closing(text, place + 2, "}") + 1
    return place + 1


def _past_double_quotes(text: str, place: int, substitutions: list[tuple[int, int]]) -> int:
    while place < len(text):
        if text[place] == '"':
            return place + 1
        place = place + 1 if text[place] == "'" else _past(text, place, substitutions)
    raise ShellError('a `"` is not closed')


def _closing(text: str, place: int, closer: str) -> int:
    opener = {")": "(", "}": "{"}[closer]
    depth = 1
    while place < len(text):
        if text[place] == closer:
            depth -= 1
            if not depth:
                return place
        elif text[place] == opener:
            depth += 1
        place = _past(text, place, [])
    raise ShellError(f"a `{closer}` is missing")


def _find(text: str, wanted: str, place: int) -> int:
    found = text.find(wanted, place)
    if found < 0:
        raise ShellError(f"a `{wanted}` is not closed")
    return found
