"""What a record hides: how many secrets of which kind, and where their tokens stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wizard.model.events import Event, Looked, Looking, builtins
from wizard.model.evidence import Evidence
from wizard.model.tokens import TOKEN, Token

_SEVERAL = {"password-hash": "password hashes", "e-mail": "e-mail addresses", "": "secrets"}
_ONE = {"password-hash": "password hash", "e-mail": "e-mail address", "": "secret"}
_MOST_PLACES = 6
RawText = Callable[[Evidence], str]


def _own(evidence: Evidence) -> str:
    return evidence.raw


class Hidden(NamedTuple):
    """A token and the places where it stands."""

    token: str
    kind: str
    number: int
    places: tuple[str, ...]
    """`e4 facts.environment.DATABASE_URL`, `noted text`; each once."""


def sentence(events: Iterable[Event], raw: RawText = _own) -> str:
    """`Hidden: 3 passwords, 1 cookie.`, each secret counted once."""
    counted = _counted(each.kind for each in hidden(list(events), raw))
    return f"Hidden: {counted or 'nothing, as nothing looked like a secret'}."


def hidden(events: Sequence[Event], raw: RawText = _own) -> list[Hidden]:
    """Every token in the order of its number, with where it stands."""
    found: dict[int, tuple[str, str, dict[str, None]]] = {}
    for event in events:
        if isinstance(event, Looking):
            continue
        for place, text in _texts(event, raw):
            for match in TOKEN.finditer(text):
                number = int(match.group(2))
                known = found.setdefault(number, (match.group(), match.group(1) or "", {}))
                known[2][place] = None
    return [
        Hidden(token, kind, number, tuple(places))
        for number, (token, kind, places) in sorted(found.items())
    ]


def render(found: Sequence[Hidden], known: Mapping[int, Token]) -> str:
    """For a person who is about to hand a session over; `known` is what its folder tells."""
    if not found:
        return "Nothing in this session looked like a secret; nothing is hidden."
    lines = [f"Hidden in every export: {_counted(each.kind for each in found)}.", ""]
    for each in found:
        token = known.get(each.number)
        shape = f"{token.shape}, {_characters(token.length)}" if token else _ONE.get(
            each.kind, each.kind
        )  # fmt: skip
        lines.append(f"{each.token}  {shape}")
        lines += [f"    {place}" for place in each.places[:_MOST_PLACES]]
        more = len(each.places) - _MOST_PLACES
        lines += [f"    and {more} more places"] if more > 0 else []
    return "\n".join(lines)


def _texts(event: Event, raw: RawText) -> Iterator[tuple[str, str]]:
    plain = builtins(event)
    if isinstance(event, Looked):
        yield from _in(plain["evidence"], event.evidence.id, "")
        if not event.evidence.raw:  # of an outline, which leaves it in the file
            yield f"{event.evidence.id} raw", raw(event.evidence)
    else:
        yield from _in(plain, plain["type"], "")


def _in(value: Any, subject: str, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield f"{subject} {path}".rstrip(), value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield f"{subject} {path} (a name in it)", key
            yield from _in(each, subject, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _in(each, subject, path)


def _counted(kinds: Iterable[str]) -> str:
    counts = Counter(kinds).most_common()
    return ", ".join(f"{count} {_noun(kind, count)}" for kind, count in counts)


def _noun(kind: str, count: int) -> str:
    return _ONE.get(kind, kind) if count == 1 else _SEVERAL.get(kind, f"{kind}s")


def _characters(number: int) -> str:
    return f"{number} character{'' if number == 1 else 's'}"
