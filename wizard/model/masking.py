"""Secrets are masked before anything is written down or shown.

A secret becomes `[masked:1]`; the same secret gets the same number for as long as the process
lives, so that a reader still sees that two places agree. Only the secret goes: names, users,
hosts, ports, paths and variables stay, because they are what a diagnosis is made of.

Masking what is masked changes nothing. What secrets look like stands in `secret_patterns`.
"""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

from wizard.model.secret_patterns import (
    ATTRIBUTES,
    HEADER,
    HEADER_SET,
    KEY_BEGIN,
    KEY_BODY,
    KEY_LIMIT,
    MYSQL,
    MYSQL_WORDS,
    NAME_WORDS,
    NAMED,
    SCHEME,
    SCHEME_WORDS,
    SHAPE_WORDS,
    SHAPES,
    SPACED,
    URL_CREDENTIALS,
    URL_TOKEN,
    URL_WORDS,
    USER_AND_PASSWORD,
    USER_WORDS,
    is_harmless,
    is_telling,
)

_ALL_WORDS = (
    *("-----begin ", *URL_WORDS, *NAME_WORDS, *USER_WORDS),
    *(*MYSQL_WORDS, *SCHEME_WORDS, *SHAPE_WORDS),
)
_SHORT = 200
"""What is no longer stands in many facts and events: an address, a state, a name."""

_process_numbers: dict[str, int] = {}
_numbering = threading.Lock()


class Masker:
    """Gives every secret its own number, the same one each time.

    The numbers are those of the process unless others are given, so that whatever this process
    writes agrees.
    """

    def __init__(self, numbers: dict[str, int] | None = None) -> None:
        self._numbers = _process_numbers if numbers is None else numbers

    def token(self, secret: str) -> str:
        """What stands in the secret's place."""
        with _numbering:
            number = self._numbers.setdefault(secret, len(self._numbers) + 1)
        return f"[masked:{number}]"

    def mask(self, text: str) -> str:
        """The text with every secret replaced."""
        if len(text) <= _SHORT and _is_plain(text):
            return text
        if "-----BEGIN " in text:
            text = self._private_keys(text)
        # A pattern costs a microsecond a character, a look for a word nearly nothing: so each
        # pattern sees only the lines that hold one of its words.
        lower = text.lower()
        steps = [
            (found, step)
            for words, step in self._steps()
            if (found := [word for word in words if word in lower])
        ]
        if not steps:
            return text
        return "".join(self._line(line, steps) for line in text.splitlines(keepends=True))

    def _steps(self) -> Iterator[tuple[tuple[str, ...], Callable[[str], str]]]:
        yield URL_WORDS, self._urls
        yield NAME_WORDS, self._names
        yield USER_WORDS, lambda line: USER_AND_PASSWORD.sub(self._second_group, line)
        yield MYSQL_WORDS, lambda line: MYSQL.sub(self._second_group, line)
        yield SCHEME_WORDS, lambda line: SCHEME.sub(self._scheme, line)
        yield SHAPE_WORDS, lambda line: SHAPES.sub(lambda m: self.token(m.group()), line)

    def _line(self, line: str, steps: list[tuple[list[str], Callable[[str], str]]]) -> str:
        lower = line.lower()
        for words, step in steps:
            if any(word in lower for word in words):
                line = step(line)
        return line

    def _urls(self, line: str) -> str:
        line = URL_CREDENTIALS.sub(self._second_group, line)
        return URL_TOKEN.sub(self._second_group, line)

    def _names(self, line: str) -> str:
        line = HEADER_SET.sub(self._value, self._headers(line))
        return SPACED.sub(self._value, self._named(line))

    def mask_value(self, value: Any) -> Any:
        """The same value with the secrets in its strings replaced, however deep they lie."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return self._dict(value)
        if isinstance(value, list | tuple):
            if len(value) == 2 and _is_text_pair(value) and is_telling(value[0]):
                items = [value[0], self._whole(value[0], value[1])]
            else:
                items = [self.mask_value(item) for item in value]
            return tuple(items) if isinstance(value, tuple) else items
        return value

    def _dict(self, value: dict[Any, Any]) -> dict[Any, Any]:
        masked = {
            key: self._whole(key, item)
            if isinstance(key, str) and isinstance(item, str) and is_telling(key)
            else self.mask_value(item)
            for key, item in value.items()
        }
        name, held = value.get("name"), value.get("value")
        if isinstance(name, str) and isinstance(held, str):
            masked["value"] = self._setting(name, held)
        return masked

    def _setting(self, name: str, value: str) -> str:
        """The value of a directive that is kept apart from its name."""
        if is_telling(name):
            return self._whole(name, value)
        start = f"{name} "
        masked = self.mask(start + value)
        return masked[len(start) :] if masked.startswith(start) else self.mask(value)

    def _whole(self, name: str, value: str) -> str:
        if "cookie" in name.lower():
            return self._cookies(value)
        if "authorization" in name.lower():
            return self._authorization(value)
        return self._unless_harmless(value)

    def _unless_harmless(self, secret: str) -> str:
        return secret if is_harmless(secret) else self.token(secret)

    def _second_group(self, match: re.Match[str]) -> str:
        return match.group(1) + self._unless_harmless(match.group(2))

    def _value(self, match: re.Match[str]) -> str:
        """A directive's value, quoted or not; the scheme of an Authorization stays readable."""
        before, value = match.group(1), match.group(2)
        quote = value[0] if value[0] in "\"'" and value[-1:] == value[0] and len(value) > 1 else ""
        inner = value[len(quote) : len(value) - len(quote)]
        if "cookie" in before.lower():
            masked = self._cookies(inner)
        elif "authorization" in before.lower():
            masked = self._authorization(inner)
        else:
            masked = self._unless_harmless(inner)
        return f"{before}{quote}{masked}{quote}"

    def _scheme(self, match: re.Match[str]) -> str:
        scheme, space, secret = match.groups()
        looks_random = any(c.isdigit() or c in "=+/" for c in secret)
        if "realm=" in secret.lower() or not (looks_random or len(secret) >= 24):
            return match.group()
        return f"{scheme}{space}{self._unless_harmless(secret)}"

    def _authorization(self, value: str) -> str:
        scheme, space, secret = value.partition(" ")
        if space and scheme.rstrip("\\").isalpha() and secret.strip():
            return f"{scheme} {self._unless_harmless(secret)}"
        return self._unless_harmless(value)

    def _cookies(self, value: str) -> str:
        """Names and attributes stay; a cookie's value goes."""
        parts = []
        for part in value.split(";"):
            name, equals, held = part.partition("=")
            if not equals and _is_attribute(name):
                parts.append(part)
            elif not equals:
                parts.append(self._keeping_space(part))
            elif name.strip().lower() in ATTRIBUTES:
                parts.append(part)
            else:
                parts.append(f"{name}={self._unless_harmless(held)}")
        return ";".join(parts)

    def _keeping_space(self, text: str) -> str:
        inner = text.strip()
        return text.replace(inner, self._unless_harmless(inner)) if inner else text

    def _headers(self, text: str) -> str:
        def masked(match: re.Match[str], value: str) -> str:
            name = match.group(2).lower()
            if "cookie" in name:
                return self._cookies(value)
            if "authorization" in name:
                return self._authorization(value)
            return self._unless_harmless(value)

        def end_of(match: re.Match[str]) -> int:
            opened = match.group(1)
            quote = opened if opened and not match.group(3) else ""
            return _end_of_value(text, match.end(), quote, to_line_end=True)

        return _replace_values(text, HEADER, end_of, masked)

    def _named(self, text: str) -> str:
        def masked(match: re.Match[str], value: str) -> str:
            if match.group(1).lower() == "pwd" and value.startswith("/"):
                return value
            if is_harmless(value):
                return value
            kept = len(value.rstrip(")]}>.,"))
            return self._unless_harmless(value[:kept]) + value[kept:]

        def end_of(match: re.Match[str]) -> int:
            starts_line = _starts_line(text, match.start())
            to_line_end = starts_line and match.group(2).rstrip().endswith(":")
            return _end_of_value(
                text, match.end(), "", to_line_end=to_line_end, to_space=starts_line
            )

        return _replace_values(text, NAMED, end_of, masked)

    def _private_keys(self, text: str) -> str:
        parts, at = [], 0
        for begin in KEY_BEGIN.finditer(text):
            if begin.start() < at:
                continue
            end = text.find("-----END ", begin.end(), begin.end() + KEY_LIMIT)
            if end < 0:
                body = KEY_BODY.match(text, begin.end())
                end = body.end() if body else begin.end()
            body_text = text[begin.end() : end]
            inner = body_text.strip()
            parts.append(text[at : begin.end()])
            parts.append(
                body_text.replace(inner, self._unless_harmless(inner)) if inner else body_text
            )
            at = end
        return "".join(parts) + text[at:]


def _replace_values(
    text: str,
    pattern: re.Pattern[str],
    end_of: Callable[[re.Match[str]], int],
    masked: Callable[[re.Match[str], str], str],
) -> str:
    parts, at = [], 0
    for match in pattern.finditer(text):
        start = match.end()
        if match.start() < at:
            continue
        if text[start : start + 1] == "\\" and text[start + 1 : start + 2] in ("'", '"'):
            start += 1
        if text[start : start + 1] in ("'", '"'):
            start += 1
        end = end_of(match)
        value = text[start:end]
        if value:
            parts += [text[at:start], masked(match, value)]
            at = end
    return "".join(parts) + text[at:]


_TO_DELIMITER = re.compile(r"[^\s\"',;&|<>\\]*(?:\\(?![nrt\"'])[^\s\"',;&|<>\\]*)*")
_TO_SPACE = re.compile(r"[^\s\"']*")


def _end_of_value(
    text: str, start: int, quote: str, *, to_line_end: bool = False, to_space: bool = False
) -> int:
    """Where the value that starts here ends: at its closing quote, or at what cannot be in it."""
    if text[start : start + 1] == "\\" and text[start + 1 : start + 2] in ("'", '"'):
        closing = text.find("\\" + text[start + 1], start + 2)
        return closing if closing >= 0 else _line_end(text, start)
    if text[start : start + 1] in ("'", '"'):
        quote, start = text[start], start + 1
    if quote:
        closing = text.find(quote, start)
        while closing > start and text[closing - 1] == "\\":
            closing = text.find(quote, closing + 1)
        line_end = _line_end(text, start)
        return closing if 0 <= closing <= line_end else line_end
    if to_line_end:
        return _prose_end(text, start)
    match = (_TO_SPACE if to_space else _TO_DELIMITER).match(text, start)
    return match.end() if match else start


def _prose_end(text: str, start: int) -> int:
    """Where the line ends, less a comment and the space before it."""
    end = _line_end(text, start)
    for stop in ("\\r", "\\n", " #"):
        found = text.find(stop, start, end)
        end = found if found >= 0 else end
    return start + len(text[start:end].rstrip())


def _line_end(text: str, start: int) -> int:
    newline = text.find("\n", start)
    return newline if newline >= 0 else len(text)


def _starts_line(text: str, at: int) -> bool:
    """The name that ends here is the first word of its line, or follows `export` or `-e`."""
    lowest = max(0, at - 64)
    while at > lowest and (text[at - 1].isalnum() or text[at - 1] in "_.-"):
        at -= 1
    before = text[text.rfind("\n", lowest, at) + 1 if "\n" in text[lowest:at] else lowest : at]
    return before.strip(" \t\"'").lower() in ("", "export", "-e", "--env", "environment=")


def _is_attribute(name: str) -> bool:
    return name.strip().lower() in {"", "httponly", "secure", "partitioned"}


@functools.lru_cache(maxsize=4096)
def _is_plain(text: str) -> bool:
    """No word stands in it that a secret would need."""
    lower = text.lower()
    return not any(word in lower for word in _ALL_WORDS)


def _is_text_pair(value: list[Any] | tuple[Any, ...]) -> bool:
    return isinstance(value[0], str) and isinstance(value[1], str)


_masker = Masker()


def mask(text: str) -> str:
    """The text with every secret replaced; the same secret has one number in this process."""
    return _masker.mask(text)


def mask_value(value: Any) -> Any:
    """The value with the secrets in its strings replaced; dicts, lists and tuples are walked."""
    return _masker.mask_value(value)
