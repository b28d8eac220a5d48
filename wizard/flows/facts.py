"""The names by which flows speak of facts, and the types of what stands behind them."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args, get_origin

import msgspec

from wizard.flows.mistakes import did_you_mean
from wizard.model.command_line import CommandLine
from wizard.model.evidence import Status
from wizard.model.incident import Incident
from wizard.model.route import Server

LOOKED = "looked"
"""The pseudo-field of every look: the status of its evidence."""


class Probe(Protocol):
    """What the flows need to know of a probe."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def facts(self) -> type[msgspec.Struct]: ...

    def parameters(self) -> Mapping[str, inspect.Parameter]: ...


Catalogue = Mapping[str, Probe]


class Found(msgspec.Struct, frozen=True):
    """The facts `found`: what the walk has named so far."""

    causes: list[str] = []
    """Here: in this scope or for the whole route."""
    anywhere: list[str] = []
    """In any scope."""


@dataclass(frozen=True)
class FactType:
    """The type of a fact, as far as conditions care."""

    kind: Literal["text", "number", "truth", "list", "mapping", "struct", "any"]
    choices: tuple[Any, ...] = ()
    """The only values that it can have, if they are declared."""
    element: FactType | None = None
    """Of a list or a mapping."""
    struct: type[msgspec.Struct] | None = None
    is_command_line: bool = False

    def __str__(self) -> str:
        if self.kind == "struct" and self.struct is not None:
            return self.struct.__name__
        return {"truth": "true or false"}.get(self.kind, f"a {self.kind}")


ANY = FactType("any")
TEXT = FactType("text")
COMMAND_LINE = FactType("text", is_command_line=True)
STATUS = FactType("text", choices=get_args(Status))
BUILTINS: Mapping[str, type[msgspec.Struct]] = {
    "incident": Incident,
    "server": Server,
    "found": Found,
}


class UnknownFact(Exception):
    """A path leads to no fact."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


class Vocabulary:
    """All fact paths that a set of looks gives rise to."""

    def __init__(
        self, looks: Mapping[str, str], each: frozenset[str], catalogue: Catalogue
    ) -> None:
        """Take the looks' names with their probes' names, and the names of those asked a server."""
        self.looks = looks
        self.each = each | {"server"}
        self.catalogue = catalogue

    def type_of(self, path: str) -> FactType:
        """Find the type of the fact at `look.field[.field]*`, or of a whole look.

        Raises:
            UnknownFact: there is none.
        """
        head, *fields = path.split(".")
        struct = self._struct(head)
        if struct is None:
            return ANY
        if fields == [LOOKED] and head in self.looks:
            return STATUS
        found = FactType("struct", struct=struct)
        walked = head
        for field in fields:
            found = _field(found, field, walked, is_look=walked in self.looks)
            walked = f"{walked}.{field}"
        return found

    def is_of_server(self, path: str) -> bool:
        """Tell whether the fact depends on which server is asked about."""
        return path.partition(".")[0] in self.each

    def _struct(self, head: str) -> type[msgspec.Struct] | None:
        if head in BUILTINS:
            return BUILTINS[head]
        if head not in self.looks:
            raise UnknownFact(
                f"no look is named `{head}`", did_you_mean(head, [*self.looks, *BUILTINS])
            )
        probe = self.catalogue.get(self.looks[head])
        return probe.facts if probe is not None else None


def _field(owner: FactType, field: str, walked: str, is_look: bool) -> FactType:
    if owner.kind == "any":
        return ANY
    if owner.kind == "mapping":
        return owner.element or ANY
    if owner.kind == "list":
        raise UnknownFact(f"`{walked}` is a list; its elements have no names")
    if owner.struct is None:
        raise UnknownFact(f"`{walked}` is {owner} and has no field `{field}`")
    fields = fields_of(owner.struct)
    if field not in fields:
        known = [*fields, LOOKED] if is_look else list(fields)
        raise UnknownFact(f"`{walked}` has no fact `{field}`", did_you_mean(field, known))
    return fields[field]


@lru_cache(maxsize=256)
def fields_of(struct: type[msgspec.Struct]) -> Mapping[str, FactType]:
    """Read the fields of a facts type from its annotations."""
    return {
        name: _read(hint)
        for name, hint in typing.get_type_hints(struct, include_extras=True).items()
    }


def _read(hint: Any) -> FactType:
    if hint == CommandLine:
        return COMMAND_LINE
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [_read(each) for each in arguments if each is not type(None)]
        return kinds[0] if len(kinds) == 1 else ANY
    if origin is Literal:
        words = all(isinstance(each, str) for each in arguments)
        return FactType("text" if words else "any", choices=arguments)
    if origin in (list, tuple, set, frozenset):
        return FactType("list", element=_read(arguments[0]) if arguments else ANY)
    if origin is dict:
        return FactType("mapping", element=_read(arguments[1]))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return FactType("struct", struct=hint)
    simple: dict[Any, FactType] = {
        str: TEXT,
        bool: FactType("truth"),
        int: FactType("number"),
        float: FactType("number"),
    }
    return simple.get(hint, ANY)
