from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flows.small import CATALOGUE, CAUSES, FLOW, LOOKS
from tests.flows.test_loading import EXTENSION
from wizard.engine.catalogue import probes
from wizard.flows import sources
from wizard.flows.schema import as_text, schema

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def fits(value: Any, described: dict[str, Any], root: dict[str, Any]) -> bool:
    """JSON Schema, as far as ours uses it."""
    if "$ref" in described:
        return fits(value, root["definitions"][described["$ref"].rpartition("/")[2]], root)
    return all(RULES[word](value, said, described, root) for word, said in described.items())


def has_type(value: Any, said: Any, *_: Any) -> bool:
    names = said if isinstance(said, list) else [said]
    is_bool = isinstance(value, bool)
    return any(isinstance(value, TYPES[n]) and (not is_bool or n == "boolean") for n in names)


def members(value: Any, described: dict[str, Any], root: dict[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    for name, each in value.items():
        rules = [described.get("properties", {}).get(name)] + [
            rule
            for pattern, rule in described.get("patternProperties", {}).items()
            if re.search(pattern, name)
        ]
        rules = [rule for rule in rules if rule is not None]
        if not rules:
            other = described.get("additionalProperties", True)
            rules = [other] if isinstance(other, dict) else []
            if other is False:
                return False
        if not all(fits(each, rule, root) for rule in rules):
            return False
    return True


RULES: dict[str, Any] = {
    "type": has_type,
    "enum": lambda v, s, d, r: v in s,
    "const": lambda v, s, d, r: v == s,
    "required": lambda v, s, d, r: not isinstance(v, dict) or set(s) <= set(v),
    "anyOf": lambda v, s, d, r: any(fits(v, each, r) for each in s),
    "allOf": lambda v, s, d, r: all(fits(v, each, r) for each in s),
    "if": lambda v, s, d, r: not fits(v, s, r) or fits(v, d["then"], r),
    "then": lambda v, s, d, r: True,
    "items": lambda v, s, d, r: not isinstance(v, list) or all(fits(e, s, r) for e in v),
    "minItems": lambda v, s, d, r: not isinstance(v, list) or len(v) >= s,
    "minProperties": lambda v, s, d, r: not isinstance(v, dict) or len(v) >= s,
    "properties": lambda v, s, d, r: members(v, d, r),
    "patternProperties": lambda v, s, d, r: members(v, d, r),
    "additionalProperties": lambda v, s, d, r: members(v, d, r),
    **dict.fromkeys(("$schema", "title", "definitions", "description"), lambda *_: True),
}


def accepted(text: str, described: dict[str, Any]) -> bool:
    return fits(yaml.safe_load(text), described, described)


@pytest.mark.parametrize("text", [LOOKS, CAUSES, FLOW, EXTENSION])
def test_the_schema_accepts_what_the_loader_accepts(text: str) -> None:
    assert accepted(text, schema(CATALOGUE))


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (LOOKS, "use: http.front", "use: http.fromt"),
        (LOOKS, '{url: "{incident.url}"}', "{}"),
        (LOOKS, '{url: "{incident.url}"}', "{url: x, tims: 3}"),
        (LOOKS, "each: server", "each: backend"),
        (CAUSES, "kind: symptom", "kind: symptoms"),
        (CAUSES, "title: Nothing listens", "titel: Nothing listens"),
        (CAUSES, "statuses: [502]", "statuses: [bad]"),
        (FLOW, "step: whose", "step: who"),
        (FLOW, "    ask: Who wrote the answer?\n", ""),
        (FLOW, "front.status|gte", "front.status|get"),
        (FLOW, "front.status|gte", "status"),
        (FLOW, "{front.status|gte: 500}", "{}"),
        (FLOW, "{front.status|gte: 500}", "{any: {front.ok: true}}"),
        (FLOW, "unknown: end", "unknown: [end]"),
        (FLOW, "flow: gateway", "flw: gateway"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(text: str, old: str, new: str) -> None:
    assert old in text
    assert not accepted(text.replace(old, new, 1), schema(CATALOGUE))


def test_the_schema_in_the_repository_is_the_one_that_is_generated() -> None:
    """After a change: `wizard flow schema > flows/schema.json`."""
    kept = sources.packaged() / "schema.json"
    assert kept.read_text() == as_text(probes())


@pytest.mark.parametrize(
    "path", sorted(sources.packaged().glob("*/*.yaml")), ids=lambda path: str(path.name)
)
def test_the_schema_accepts_every_file_of_the_repository(path: Path) -> None:
    assert accepted(path.read_text(), schema(probes()))
