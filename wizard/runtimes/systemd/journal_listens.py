"""What programs wrote about where they listen, in the journals of their units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from wizard.model.text import one_line
from wizard.probes.run import run
from wizard.runtimes.mentions import Aim

_SAYS = re.compile(
    r"(?i)listening|running (?:on|at)|started (?:on|at|server)|serving|bound to|ready on|server at"
)
_LINES = 200


def last_said(aim: Aim, units: Sequence[str]) -> dict[str, str]:
    """Units whose newest line about listening names the aim, with that line."""
    newest: dict[str, str] = {}
    for unit, message in _lines(units):
        newest.setdefault(unit, message)
    return {unit: one_line(said, 120) for unit, said in newest.items() if _names(aim, said)}


def ever_said(aim: Aim, units: Sequence[str]) -> dict[str, str]:
    """Units that wrote at some time that they listen on the aim, with the newest such line."""
    found: dict[str, str] = {}
    for unit, message in _lines(units):
        if _names(aim, message):
            found.setdefault(unit, one_line(message, 120))
    return found


def _lines(units: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Unit and message of the lines about listening, newest first."""
    if not units:
        return
    argv = ["journalctl", "--no-pager", "-q", "-r", "-n", str(_LINES), "-o", "json"]
    argv += [
        "--output-fields=MESSAGE,_SYSTEMD_UNIT",
        "-g",
        "listening|running (on|at)|serving|bound to",
    ]
    argv += [word for unit in units[:40] for word in ("-u", unit)]
    said = run(argv, timeout=1.5)
    for line in said.out.splitlines():
        try:
            entry = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        unit, message = entry.get("_SYSTEMD_UNIT"), entry.get("MESSAGE")
        if isinstance(message, str) and isinstance(unit, str) and _SAYS.search(message):
            yield unit, message


def _names(aim: Aim, message: str) -> bool:
    if aim.path is not None:
        return re.search(rf"{re.escape(aim.path)}(?!\w)", message) is not None
    return re.search(rf":{aim.port}(?!\d)|port {aim.port}(?!\d)", message) is not None
