"""Secrets are masked before anything is written down or shown.

A secret becomes `[masked:password-1]`; the same secret gets the same token for as long as the
session lives (`tokens`), so that a reader still sees that two places agree. Only the secret goes:
names, users, hosts, ports, paths and variables stay, because they are what a diagnosis is made of.
What was met as a secret in one place is one wherever it stands as a word afterwards.

Masking what is masked changes nothing. What secrets look like stands in `secret_patterns`, where
they stand in `secret_rules`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from wizard.model.secret_patterns import (
    ASSIGNED,
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
    SPACED_WORDS,
    URL_CREDENTIALS,
    URL_TOKEN,
    URL_WORDS,
    USER_AND_PASSWORD,
    USER_WORDS,
    is_harmless,
    is_telling,
)
from wizard.model.secret_rules import KEYLIKE, MAP, MAP_ENTRY, MAP_WORDS, OVER_LINES, RULES, Rule
from wizard.model.tokens import TOKEN, Tokens, of_this_process

_ALL_WORDS = (
    *("-----begin ", *URL_WORDS, *NAME_WORDS, *USER_WORDS),
    *(*MYSQL_WORDS, *SCHEME_WORDS, *SHAPE_WORDS),
    *(word for rule in RULES for word in rule.words),
)
_SHORT = 200
"""What is no longer stands in many facts and events: an address, a state, a name."""

_WORD = re.compile(r"[^\s\"'<>=:;,&|()\[\]{}@?\\]{10,}")


class Masker:
    """Gives every secret its own token, the same one each time.

    The tokens are those of the process's session unless others are given, so that whatever this
    process writes agrees.
    """

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = of_this_process if tokens is None else tokens
        self._alone: set[str] = set()
        """Secrets that are told from other words by themselves."""

    def token(self, secret: str, kind: str = "secret", shape: str = "") -> str:
        """What stands in the secret's place."""
        if _stands_alone(secret):
            self._alone.add(secret)
        return str(self._tokens.of(secret, kind, shape))

    def mask(self, text: str) -> str:
        """The text with every secret replaced."""
        if len(text) <= _SHORT and _is_plain(text):
            return self._met(text)
        if "[masked:" in text:
            self._tokens.saw(max((int(each.group(2)) for each in TOKEN.finditer(text)), default=0))
        if "-----BEGIN " in text:
            text = self._private_keys(text)
        # A pattern costs a microsecond a character, a look for a word nearly nothing: so each
        # pattern sees only the lines that hold one of its words.
        lower = text.lower()
        text = self._over_lines(text, lower)
        steps = [
            (found, step)
            for words, step in self._steps()
            if (found := [word for word in words if word in lower])
        ]
        if steps:
            text = "".join(self._line(line, steps) for line in text.splitlines(keepends=True))
        return self._met(text)

    def _met(self, text: str) -> str:
        """The text without the secrets that were met elsewhere."""
        if not self._alone:
            return text
        return _WORD.sub(
            lambda m: self.token(m.group()) if m.group() in self._alone else m.group(), text
        )

    def _over_lines(self, text: str, lower: str) -> str:
        for rule in OVER_LINES:
            if any(word in lower for word in rule.words):
                text = self._by_rule(rule, text)
        if "map" in lower and "$" in text:
            text = MAP.sub(self._map, text)
        return text

    def _map(self, match: re.Match[str]) -> str:
        def entry(one: re.Match[str]) -> str:
            word = one.group(2)
            inner = word.strip("\"'")
            if inner in MAP_WORDS or is_harmless(inner):
                return one.group()
            return one.group(1) + word.replace(inner, self.token(inner, "secret", "key of a map"))

        start = match.start(1) - match.start()
        return match.group()[:start] + MAP_ENTRY.sub(entry, match.group(1))

    def _by_rule(self, rule: Rule, text: str) -> str:
        def masked(match: re.Match[str]) -> str:
            before, value = match.group(1), match.group(2)
            quote = value[0] if value[0] in "\"'" and value[-1:] == value[0] else ""
            inner = value[1:-1] if quote else value
            if not rule.holds(inner) or is_harmless(inner):
                return match.group()
            return f"{before}{quote}{self.token(inner, rule.kind, rule.shape)}{quote}"

        return rule.pattern.sub(masked, text)

    def _steps(self) -> Iterator[tuple[tuple[str, ...], Callable[[str], str]]]:
        yield URL_WORDS, self._urls
        yield NAME_WORDS, self._names
        yield USER_WORDS, lambda line: USER_AND_PASSWORD.sub(self._of_a_command, line)
        yield MYSQL_WORDS, lambda line: MYSQL.sub(self._of_a_command, line)
        yield SCHEME_WORDS, lambda line: SCHEME.sub(self._scheme, line)
        yield SHAPE_WORDS, lambda line: SHAPES.sub(self._shape, line)
        for rule in RULES:
            yield rule.words, functools.partial(self._by_rule, rule)

    def _line(self, line: str, steps: list[tuple[list[str], Callable[[str], str]]]) -> str:
        lower = line.lower()
        for words, step in steps:
            if any(word in lower for word in words):
                line = step(line)
        return line

    def _urls(self, line: str) -> str:
        line = URL_CREDENTIALS.sub(self._of_a_url, line)
        return URL_TOKEN.sub(self._token_of_a_url, line)

    def _names(self, line: str) -> str:
        lower = line.lower()
        if ASSIGNED.search(lower):
            line = self._by_rule(KEYLIKE, self._named(self._headers(line)))
        if "header" in lower:
            line = HEADER_SET.sub(self._value, line)
        if any(word in lower for word in SPACED_WORDS):
            line = SPACED.sub(self._value, line)
        return line

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
            self.mask(key) if isinstance(key, str) else key: self._whole(key, item)
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
        header, space, held = value.partition(" ")
        if space and "header" in name and is_telling(header):
            always = " always" if held.endswith(" always") else ""
            return f"{header} {self._whole(header, held.removesuffix(always))}{always}"
        start = f"{name} "
        masked = self.mask(start + value)
        return masked[len(start) :] if masked.startswith(start) else self.mask(value)

    def _whole(self, name: str, value: str) -> str:
        if "cookie" in name.lower():
            return self._cookies(value)
        if "authorization" in name.lower():
            return self._authorization(value)
        return self._unless_harmless(value, kind_of(name), "setting")

    def _unless_harmless(self, secret: str, kind: str, of: str) -> str:
        return secret if is_harmless(secret) else self.token(secret, kind, f"{kind} of a {of}")

    def _of_a_url(self, match: re.Match[str]) -> str:
        return match.group(1) + self._unless_harmless(match.group(2), "password", "URL")

    def _token_of_a_url(self, match: re.Match[str]) -> str:
        return match.group(1) + self._unless_harmless(match.group(2), "token", "URL")

    def _of_a_command(self, match: re.Match[str]) -> str:
        return match.group(1) + self._unless_harmless(match.group(2), "password", "command")

    def _shape(self, match: re.Match[str]) -> str:
        kind = "password-hash" if match.group()[0] in "${" else "token"
        return self.token(match.group(), kind, f"{kind} by its shape")

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
            masked = self._unless_harmless(inner, kind_of(before), "setting")
        return f"{before}{quote}{masked}{quote}"

    def _scheme(self, match: re.Match[str]) -> str:
        scheme, space, secret = match.groups()
        looks_random = any(c.isdigit() or c in "=+/" for c in secret)
        if "realm=" in secret.lower() or not (looks_random or len(secret) >= 24):
            return match.group()
        return f"{scheme}{space}{self._unless_harmless(secret, 'credential', 'header')}"

    def _authorization(self, value: str) -> str:
        scheme, space, secret = value.partition(" ")
        if space and scheme.rstrip("\\").isalpha() and secret.strip():
            return f"{scheme} {self._unless_harmless(secret, 'credential', 'header')}"
        return self._unless_harmless(value, "credential", "header")

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
                parts.append(f"{name}={self._unless_harmless(held, 'cookie', 'header')}")
        return ";".join(parts)

    def _keeping_space(self, text: str) -> str:
        inner = text.strip()
        if not inner:
            return text
        return text.replace(inner, self._unless_harmless(inner, "cookie", "header"))

    def _headers(self, text: str) -> str:
        def masked(match: re.Match[str], value: str) -> str:
            name = match.group(2).lower()
            if "cookie" in name:
                return self._cookies(value)
            if "authorization" in name:
                return self._authorization(value)
            return self._unless_harmless(value, kind_of(name), "header")

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
            kind = kind_of(match.group(1))
            return self._unless_harmless(value[:kept], kind, "setting") + value[kept:]

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
            if inner:
                body_text = body_text.replace(
                    inner, self._unless_harmless(inner, "key", "key file")
                )
            parts.append(body_text)
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


def kind_of(name: str) -> str:
    """What kind of secret goes by this name."""
    lower = name.lower()
    return next((kind for words, kind in _KINDS if any(each in lower for each in words)), "secret")


_KINDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("pass", "pw"), "password"),
    (("cookie", "sess", "connect.sid"), "cookie"),
    (("authorization", "credential"), "credential"),
    (("token",), "token"),
    (("key",), "key"),
    (("sig",), "signature"),
)


@functools.lru_cache(maxsize=4096)
def _stands_alone(secret: str) -> bool:
    """Cannot be mistaken for another word, so it is a secret wherever it stands."""
    return (
        _WORD.fullmatch(secret) is not None
        and any(each.isdigit() for each in secret)
        and any(each.isalpha() for each in secret)
        and not is_harmless(secret)
    )


@functools.lru_cache(maxsize=4096)
def _is_plain(text: str) -> bool:
    """No word stands in it that a secret would need."""
    lower = text.lower()
    return not any(word in lower for word in _ALL_WORDS) and not any(
        rule.pattern.search(text) for rule in OVER_LINES
    )


def _is_text_pair(value: list[Any] | tuple[Any, ...]) -> bool:
    return isinstance(value[0], str) and isinstance(value[1], str)


_masker = Masker()


def mask(text: str) -> str:
    """The text with every secret replaced; the same secret has one token in this session."""
    return _masker.mask(text)


def mask_value(value: Any) -> Any:
    """The value with the secrets in its strings replaced; dicts, lists and tuples are walked."""
    return _masker.mask_value(value)
