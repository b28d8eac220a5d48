"""Commands, written once for systemd and sudo, as they are typed on the host that is there.

What stands for what is knowledge (`flows/hosts.yaml`): patterns of words. A word of a pattern in
capitals stands for any one word of the command, `...` at its end for all further ones and `'...'`
for these as one quoted word. Words are put over as they were written, with their quotes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from wizard.fixes.shell_words import ShellError, Simple, simple_commands
from wizard.flows.model import Writing

_REST, _QUOTED_REST = "...", "'...'"
_HOLE = re.compile(r"[A-Z]{2,}")
_PLACE = re.compile(r"'\.\.\.'|\.\.\.|\b[A-Z]{2,}\b")
_RAISE = "sudo"
"""In front of a command that is otherwise matched as if it were not there."""

Change = tuple[int, int, str]


def written(text: str, writings: Sequence[Writing]) -> str | None:
    """The commands as this host takes them; None where one cannot be run there in any words.

    Empty where nothing has to be run there. A text that is no whole script stays as it is.
    """
    for writing in writings:
        try:
            new = _rewritten(text, writing)
        except ShellError:
            return text
        if new is None:
            return None
        text = new
    return text


def advised(template: str, writings: Sequence[Writing]) -> str | None:
    """Advice with the commands in it as this host takes them; its holes are not filled in yet.

    None where it is about a program that is not there.
    """
    for writing in writings:
        for pattern, instead in writing.instead.items():
            template = _in_prose(pattern, instead, writing).sub(_prose(instead), template)
        if any(re.search(rf"(?<![\w./-]){re.escape(each)}(?![\w-])", template)
               for each in writing.lacks):  # fmt: skip
            return None
    return template


def _rewritten(text: str, writing: Writing) -> str | None:
    commands = simple_commands(text)
    instead = [_instead(_words(text, each), writing) for each in commands]
    if None in instead:
        return None
    changes = list(_without(text, commands, [not each for each in instead]))
    gone = [(start, end) for start, end, _ in changes]
    for command, new in zip(commands, instead, strict=True):
        start, end = command.words[0].start, command.words[-1].end
        if any(begin <= start < close for begin, close in gone):
            continue
        if new != " ".join(_words(text, command)):
            changes.append((start, end, new or ""))
            continue
        for begin, close in (each for word in command.words for each in word.substitutions):
            inner = _rewritten(text[begin:close], writing)
            if not inner:
                return None
            changes.append((begin, close, inner))
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text.rstrip("\n") if gone else text


def _words(text: str, command: Simple) -> list[str]:
    return [text[word.start : word.end] for word in command.words]


def _without(text: str, commands: Sequence[Simple], dropped: Sequence[bool]) -> Iterator[Change]:
    """Takes commands out, with their `&&` or `;`; the whole line where one feeds a pipe."""
    for line in _lines(commands):
        kept = [number for number in line if not dropped[number]]
        if len(kept) == len(line):
            continue
        if not kept or any(commands[number].after.startswith("|") for number in line):
            start = text.rfind("\n", 0, commands[line[0]].words[0].start) + 1
            yield start, min(commands[line[-1]].end + 1, len(text)), ""
            continue
        for number in line:
            if dropped[number] and number < kept[-1]:
                start, end = (commands[each].words[0].start for each in (number, number + 1))
                yield start, end, ""
        if kept[-1] != line[-1]:
            end = commands[kept[-1]].end
            yield len(text[:end].rstrip(" ")), commands[line[-1]].end, ""


def _lines(commands: Sequence[Simple]) -> Iterator[list[int]]:
    line: list[int] = []
    for number, command in enumerate(commands):
        line.append(number)
        if command.after in ("\n", ""):
            yield line
            line = []
    if line:
        yield line


def _instead(words: list[str], writing: Writing) -> str | None:
    """The command in other words; empty where nothing takes its place, None where it cannot be."""
    for pattern, instead in writing.instead.items():
        met = _met(pattern.split(), words, writing.ending)
        if met is not None:
            return _put(instead, met)
    raised = words[0] == _RAISE and len(words) > 1 and not words[1].startswith("-")
    bare = words[1:] if raised else words
    if raised:
        for pattern, instead in writing.instead.items():
            met = _met(pattern.split(), bare, writing.ending)
            if met is not None:
                parts = _put(instead, met).split(" && ")
                return " && ".join(f"{_RAISE} {part}" for part in parts if part)
    return None if bare[0] in writing.lacks else " ".join(words)


def _met(pattern: list[str], words: list[str], ending: str) -> dict[str, str] | None:
    """What the pattern's holes stand for; None where it does not fit."""
    has_rest = pattern[-1] == _REST
    fixed = pattern[:-1] if has_rest else pattern
    if len(words) < len(fixed) or (len(words) > len(fixed) and not has_rest):
        return None
    met: dict[str, str] = {}
    for wanted, word in zip(fixed, words, strict=False):
        if _HOLE.fullmatch(wanted):
            met[wanted] = word.removesuffix(ending) if word != ending else word
        elif wanted != word:
            return None
    rest = words[len(fixed) :]
    if has_rest:
        met[_REST] = " ".join(rest)
        met[_QUOTED_REST] = shlex.quote(" ".join(rest))
    return met


def _put(instead: str, met: dict[str, str]) -> str:
    return _PLACE.sub(lambda match: met.get(match[0], match[0]), instead).rstrip(" ")


def _in_prose(pattern: str, instead: str, writing: Writing) -> re.Pattern[str]:
    """The pattern as it stands in a sentence; never fits where it cannot be put over there."""
    words = pattern.split()
    if _QUOTED_REST in instead or (not instead and _REST in words):
        return re.compile(r"(?!)")
    parts = [
        rf"(?P<{word}>\{{[^{{}}]*\}}|[\w@./-]*\w)(?:{re.escape(writing.ending)}(?!\w))?"
        if _HOLE.fullmatch(word)
        else re.escape(word)
        for word in words
        if word != _REST
    ]
    after = " (?=[a-z])" if _REST in words else r"(?![\w-])"
    return re.compile(rf"(?<![\w./-]){' '.join(parts)}{after}")


def _prose(instead: str) -> Callable[[re.Match[str]], str]:
    def put(match: re.Match[str]) -> str:
        met = match.groupdict()
        words = instead.removesuffix(_REST)
        return _PLACE.sub(lambda place: met.get(place[0]) or place[0], words)

    return put
