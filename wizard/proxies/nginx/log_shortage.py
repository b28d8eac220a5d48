"""The newest line in which nginx itself lacked descriptors, connections or temporary files.

Such lines are rarely about the wizard's own small GET: uploads meet a full disk, and which request
meets an exhausted worker is chance.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any, Literal

from wizard.model.text import decode, shorten
from wizard.proxies.nginx.error_reader import Hit

Kind = Literal["descriptors", "connections", "request-body", "answer"]

# nginx numbers its temporary files, with ten digits.
_TEMPORARY = re.compile(r'\(\) "[^"]*/\d{10}" failed')


def shortage(hits: Iterable[Hit]) -> dict[str, Any]:
    """The fields of an ErrorLog that tell of it; none where there is no such line."""
    for hit in sorted(hits, key=lambda each: each.at, reverse=True):
        kind = _kind(hit)
        if kind is not None:
            return {
                "shortage": hit.meaning.failure,
                "shortage_kind": kind,
                "shortage_words": shorten(decode(hit.line.message), 160),
                "shortage_at": hit.at,
                "shortage_age": max(0.0, round(time.time() - hit.at, 1)),
            }
    return {}


def _kind(hit: Hit) -> Kind | None:
    said = decode(hit.line.message)
    match hit.meaning.failure:
        case "too-many-files":
            return "descriptors"
        case "no-connections":
            return "connections"
        case "disk-full" | "denied" if _TEMPORARY.search(said):
            return "answer" if "upstream" in said.rpartition(" while ")[2] else "request-body"
        case _:
            return None
