"""The JSON Schema of the YAML for editors, out of the loader's own table and the probes."""

from __future__ import annotations

import inspect
import json
from typing import Any

from wizard.flows.conditions import OPERATORS
from wizard.flows.facts import Catalogue, Probe
from wizard.flows.shape import CAUSE, EDGE, EXTENSION, FLOW, HOST, LOOK, PREVENTION, Key, Shape

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_FIELD = r"^[A-Za-z_]\w*((\.[\w-]+)+( *\| *(" + "|".join(OPERATORS[1:]) + r"))?| *\| *known)$"


def schema(catalogue: Catalogue) -> Schema:
    """Describe the kinds of file in one schema."""
    kinds: dict[str, Schema] = {
        "looks": _file({"looks": {"type": "object", "additionalProperties": _look(catalogue)}}),
        "causes": _file({"causes": {"type": "object", "additionalProperties": _mapping(CAUSE)}}),
        "hosts": _file({"hosts": {"type": "object", "additionalProperties": _mapping(HOST)}}),
        "preventions": _file(
            {"preventions": {"type": "object", "additionalProperties": _mapping(PREVENTION)}}
        ),
        "flow": _mapping(FLOW),
        "extends": _mapping(EXTENSION),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Gateway Wizard knowledge",
        "type": "object",
        # One branch a kind, chosen by its key: an editor then reports what is wrong in that kind,
        # and not that none of the kinds fits.
        "allOf": [
            {"if": {"required": [kind]}, "then": described} for kind, described in kinds.items()
        ],
        "anyOf": [{"required": [kind]} for kind in kinds],
        "definitions": {"condition": _condition(), "edge": _mapping(EDGE)},
    }


def as_text(catalogue: Catalogue) -> str:
    """Give the schema as it stands in its file."""
    return json.dumps(schema(catalogue), indent=1, ensure_ascii=False) + "\n"


def _file(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _mapping(shape: Shape) -> Schema:
    return {
        "type": "object",
        "properties": {
            name: {"description": key.about, **_key(key)} for name, key in shape.items()
        },
        "required": [name for name, key in shape.items() if key.required],
        "additionalProperties": False,
    }


def _key(key: Key) -> Schema:
    if key.kind == "entries":
        entries: Schema = {"type": "array", "items": _mapping(key.of or {})}
        return {**entries, "minItems": 1} if key.many else entries
    if key.kind == "choice":
        return {"enum": list(key.choices)}
    texts: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    kinds: dict[str, Schema] = {
        "text": _TEXT,
        "template": _TEXT,
        "texts": texts,
        "templates": texts,
        "names": {"anyOf": [*texts["anyOf"], {"type": "null"}]},
        "numbers": {"anyOf": [{"type": "integer"}, _list_of({"type": "integer"})]},
        "flag": {"type": "boolean"},
        "condition": {"$ref": "#/definitions/condition"},
        "parameters": {"type": "object"},
        "notes": {"type": "object", "additionalProperties": _TEXT},
        "over": _file({"server": _TEXT}),
        "scope": {"enum": ["server"]},
        "edge": {"anyOf": [_TEXT, {"$ref": "#/definitions/edge"}]},
    }
    return kinds[key.kind]


def _list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _condition() -> Schema:
    condition: Schema = {"$ref": "#/definitions/condition"}
    several = {"type": "array", "items": condition, "minItems": 1}
    right = {"anyOf": [_SCALAR, _list_of(_SCALAR), _file({"fact": _TEXT})]}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {"any": several, "all": several, "not": condition},
        "patternProperties": {_FIELD: right},
        "additionalProperties": False,
    }


def _look(catalogue: Catalogue) -> Schema:
    """Describe a look; each probe with its own parameters."""
    look = _mapping(LOOK)
    look["properties"]["use"] = {
        "description": LOOK["use"].about,
        "enum": sorted(catalogue),
    }
    look["allOf"] = [
        {
            "if": {"properties": {"use": {"const": name}}},
            "then": {"properties": {"with": _parameters(catalogue[name])}},
        }
        for name in sorted(catalogue)
    ]
    return look


def _parameters(probe: Probe) -> Schema:
    known = probe.parameters()
    return {
        "type": "object",
        "properties": {
            name: {"description": str(parameter.annotation)} for name, parameter in known.items()
        },
        "required": [
            name
            for name, parameter in known.items()
            if parameter.default is inspect.Parameter.empty
        ],
        "additionalProperties": False,
    }
