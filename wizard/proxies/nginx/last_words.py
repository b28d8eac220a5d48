"""What nginx said last: error lines of the unit's journal and of the main error log."""

from __future__ import annotations

import os
import re
from time import mktime, strptime

from wizard.model.text import decode, one_line
from wizard.probes.run import run
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.build import build
from wizard.proxies.nginx.config import configuration

_TAIL = 256 * 1024
_SEVERE = re.compile(r"\[(emerg|alert)\]")
_STAMPED = re.compile(r"^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(\w+)\] (\d+)#\d+: (.*)$")


def last_words(instance: Instance) -> str | None:
    """The last emergency that the unit's journal or the main error log holds."""
    lines = journal_lines(instance.unit, None) if instance.unit else None
    for line in reversed(lines or []):
        if _SEVERE.search(line):
            return one_line(line, 400)
    for _, _, line in reversed(log_emergencies(instance) or []):
        return one_line(line, 400)
    return None


def journal_lines(unit: str, since: float | None) -> list[str] | None:
    """What the unit wrote; None where the journal may not be read or there is none."""
    argv = ["journalctl", "-u", unit, "-n", "60", "-o", "cat", "--no-pager"]
    if since is not None:
        argv += ["--since", f"@{since:.0f}"]
    said = run(argv, timeout=2)
    if not said.ok or b"insufficient permissions" in said.err or b"No journal files" in said.err:
        return None
    return [line for line in decode(said.out).splitlines() if not line.startswith("-- ")]


def main_error_log(instance: Instance) -> str | None:
    """The error log of the outermost level, else the compiled-in one."""
    made = build(instance.executable) if instance.executable else None
    path = made.error_log if made else None
    if instance.config and os.path.exists(instance.config):
        directive = configuration(instance.config).main.one("error_log")
        if directive is not None and directive.args:
            path = os.path.join(instance.prefix or "/", directive.args[0])
    return path if path and path.startswith("/") else None


def log_emergencies(instance: Instance) -> list[tuple[float, int, str]] | None:
    """Time, process id and text of the emergencies at the end of the main error log.

    None where that log may not be read.
    """
    path = main_error_log(instance)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            text = decode(file.read(_TAIL))
    except OSError:
        return None
    found = []
    for line in text.splitlines():
        read = _STAMPED.match(line)
        if read and read.group(2) == "emerg":
            at = mktime(strptime(read.group(1), "%Y/%m/%d %H:%M:%S"))
            found.append((at, int(read.group(3)), read.group(4)))
    return found
