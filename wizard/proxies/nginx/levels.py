"""How directives are inherited: from `main` through `http`, `server` and locations inwards."""

from __future__ import annotations

import msgspec

from wizard.model.route import Place, Setting
from wizard.proxies.nginx.config import Block, Configuration, Directive

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000}
_SIZES = {"k": 1024, "m": 1024**2, "g": 1024**3}


class Levels(msgspec.Struct, frozen=True):
    """The blocks around a point of the configuration, outermost first."""

    blocks: tuple[Block, ...]

    def inside(self, *directives: Directive) -> Levels:
        """The levels with further blocks on the inside."""
        return Levels((*self.blocks, *(directive.block for directive in directives)))

    def one(self, name: str) -> Directive | None:
        """The innermost directive of this name."""
        for block in reversed(self.blocks):
            found = block.one(name)
            if found is not None:
                return found
        return None

    def all(self, name: str) -> list[Directive]:
        """All of this name on the innermost level that has one: outer levels' are replaced."""
        for block in reversed(self.blocks):
            found = block.all(name)
            if found:
                return found
        return []

    def is_inherited(self, name: str) -> bool:
        """All of this name are written further out than the innermost level."""
        return not (self.blocks and self.blocks[-1].all(name))

    def value(self, name: str, default: str = "") -> str:
        """The first argument of the innermost, else the default."""
        found = self.one(name)
        return found.args[0] if found and found.args else default

    def is_on(self, name: str, default: bool = False) -> bool:
        """A flag's value."""
        return self.value(name, "on" if default else "off").lower() == "on"

    def seconds(self, name: str, default: float) -> float:
        """A time's value in seconds; the default where it is not a time."""
        found = seconds(self.value(name))
        return default if found is None else found

    def size(self, name: str, default: int) -> int:
        """A size's value in bytes; the default where it is not a size."""
        found = size(self.value(name))
        return default if found is None else found

    def setting(self, name: str, default: str | None = None) -> Setting | None:
        """The directive in effect as a setting; the default's where none is written."""
        found = self.one(name)
        if found is not None:
            return Setting(name=name, value=" ".join(found.args), place=found.place)
        return None if default is None else Setting(name=name, value=default)

    def place(self, name: str) -> Place | None:
        """Where the innermost directive of this name stands."""
        found = self.one(name)
        return found.place if found else None


def outermost(configuration: Configuration) -> Levels:
    """`main` and `http`."""
    http = configuration.http
    return Levels((configuration.main, http) if http else (configuration.main,))


def seconds(text: str) -> float | None:
    """`60`, `75s`, `1m30s`, `500ms` in seconds."""
    total, number = 0.0, ""
    rest = text.replace(" ", "")
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        if digits == 0:
            return None
        number, rest = rest[:digits], rest[digits:]
        unit = "ms" if rest.startswith("ms") else rest[:1]
        if unit and unit not in _UNITS:
            return None
        rest = rest[len(unit) :]
        total += int(number) * _UNITS.get(unit or "s", 1)
    return total if number else None


def size(text: str) -> int | None:
    """`4096`, `8k`, `1m` in bytes."""
    digits, unit = text[:-1], text[-1:].lower()
    if text.isdigit():
        return int(text)
    return int(digits) * _SIZES[unit] if digits.isdigit() and unit in _SIZES else None
