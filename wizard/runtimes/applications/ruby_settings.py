"""Settings files that are Ruby programs: plain calls are read, nothing is run."""

from __future__ import annotations

import re

from wizard.model.text import decode

_LIMIT = 256 * 1024


def calls_in(path: str, names: tuple[str, ...]) -> dict[str, list[int]]:
    """The whole numbers that each named setting is called with: `threads 5, 16`.

    `ENV.fetch("WEB_CONCURRENCY", 2)` and `{ 2 }` give their default.
    """
    try:
        with open(path, "rb") as file:
            text = decode(file.read(_LIMIT))
    except OSError:
        return {}
    found = {}
    for name in names:
        match = re.search(rf"(?m)^\s*{name}[ (]+(?P<given>[^#\n]+)", text)
        if match is None:
            continue
        given = re.sub(r"ENV\.fetch\([^,)]*\)\s*\{\s*(\d+)\s*\}", r"\1", match["given"])
        given = re.sub(r"(?:Integer\()?ENV\.fetch\([^,]*,\s*['\"]?(\d+)['\"]?\)\)?", r"\1", given)
        given = re.sub(r"ENV\[[^\]]*\]\s*\|\|\s*['\"]?(\d+)['\"]?", r"\1", given)
        numbers = [part.strip() for part in given.rstrip(" )").split(",")]
        if all(part.isdigit() for part in numbers):
            found[name] = [int(part) for part in numbers]
    return found
