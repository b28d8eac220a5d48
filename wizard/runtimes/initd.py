"""The adapter for init scripts (/etc/init.d): hosts and containers without systemd.

A script keeps no record but its pid file (LSB, "Init Script Actions": a dead process with a pid
file left is one that nobody stopped). Which address it is there for stands in its own variables
and in /etc/default, which it reads; the script is never executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import clean, decode
from wizard.probes import processes
from wizard.probes.sockets import Listener, Table
from wizard.runtimes import bare
from wizard.runtimes.facts import Owner
from wizard.runtimes.mentions import Aim, in_environment, in_text
from wizard.runtimes.systemd.candidates import is_system

_SCRIPTS, _SETTINGS = Path("/etc/init.d"), (Path("/etc/default"), Path("/etc/conf.d"))
_LARGEST = 64 * 1024
_MOST_SCRIPTS = 200
_ASSIGNMENT = re.compile(r"""(?m)^[ \t]*(?:export[ \t]+)?(\w+)=("[^"\n]*"|'[^'\n]*'|[^\s;]*)""")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_PID_FILE = re.compile(r"(?i)^(?:\w+_)?pid_?file$")
_NESTED = 4
_LONGEST_VALUE = 400
"""A variable that names itself would else grow without end."""


class Script(msgspec.Struct, frozen=True):
    """One init script with what it sets."""

    name: str
    path: str
    text: str
    settings: dict[str, str]
    """Its variables, with those of /etc/default; other variables in them are filled in."""

    @property
    def pid_files(self) -> list[str]:
        """Where its process's number is kept: as it says, else at the usual place."""
        said = [value for key, value in self.settings.items() if _PID_FILE.match(key)]
        return [each for each in said if each.startswith("/")] or [f"/run/{self.name}.pid"]

    def says(self, aim: Aim) -> str | None:
        """The words in which it names the address."""
        for stated in in_environment(self.settings):
            if stated.meets(aim):
                return stated.words
        filled = _filled(self.text, self.settings)
        line = in_text(filled, aim)
        return line[1] if line else None


def scripts(folder: Path = _SCRIPTS, settings: tuple[Path, ...] = _SETTINGS) -> Iterator[Script]:
    """The scripts that may be an application's."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in [each for each in names if not is_system(each)][:_MOST_SCRIPTS]:
        text = _text(folder / name)
        if text:
            found = {**_assignments(text)}
            for each in settings:
                found |= _assignments(_text(each / name))
            yield Script(name, str(folder / name), text, _resolved(found))


def should_own(aim: Aim, table: Table) -> Sighting | None:
    """The script that names an address on which nobody listens."""
    for script in scripts():
        words = script.says(aim)
        if words is not None:
            return sighting(script, f"{script.path} has {words}", aim, None, table)
    return None


def owning(pid: int, aim: Aim, listener: Listener, table: Table) -> Sighting | None:
    """The script that started the process that listens."""
    family = {pid, *bare.ancestors(pid)}
    for script in scripts():
        if kept_pid(script) in family:
            found_by = f"listens on {listener.where()}"
            return sighting(script, found_by, aim, listener, table, pid)
    return None


def kept_pid(script: Script) -> int | None:
    """The number in its pid file."""
    for path in script.pid_files:
        number = _text(Path(path)).strip()
        if number.isdigit():
            return int(number)
    return None


def sighting(
    script: Script,
    found_by: str,
    aim: Aim,
    listener: Listener | None,
    table: Table,
    pid: int | None = None,
) -> Sighting:
    """What is told of a script that owns an address, or that should."""
    kept = kept_pid(script)
    state, process = _state(script, kept)
    pid = pid or (kept if process else None)
    facts: dict[str, Any] = bare.facts(pid, aim, listener, table) if pid else {}
    facts |= {
        "runtime": "sysv",
        "found": True,
        "certain": True,
        "listening": listener is not None,
        "found_by": found_by,
        "name": script.name,
        "unit": script.name,
        "active": state,
        "sub": {"active": "running", "failed": "died"}.get(state, "dead"),
        "enabled": _enabled(script.name),
        "fragment": script.path,
        "restarts": 0,
        "looping": False,
        "gave_up": False,
        "last_pid": pid or kept,
        "kept_out": False if listener else None,
    }
    return Sighting(
        status="present",
        facts=Owner(**facts),
        reading=f"{script.name} is {state}, by its init script",
        raw=f"{script.path}\npid file: {' '.join(script.pid_files)}: {kept or 'none'}",
        command=f"service {script.name} status",
    )


def _state(script: Script, kept: int | None) -> tuple[str, processes.Process | None]:
    """active; inactive: stopped, or never started; failed: its process ended unasked."""
    if kept is None:
        return "inactive", None
    process = processes.process(kept)
    if process is None or process.state in ("zombie", "dead"):
        return "failed", None
    return "active", process


def _enabled(name: str) -> str:
    """By the links that update-rc.d and chkconfig make."""
    for level in "2345":
        for folder in (Path(f"/etc/rc{level}.d"), Path(f"/etc/rc.d/rc{level}.d")):
            try:
                if any(
                    re.fullmatch(rf"S\d\d{re.escape(name)}", each) for each in os.listdir(folder)
                ):
                    return "enabled"
            except OSError:
                continue
    return "disabled"


def _assignments(text: str) -> dict[str, str]:
    return {match[1]: match[2].strip("\"'") for match in _ASSIGNMENT.finditer(text)}


def _resolved(settings: dict[str, str]) -> dict[str, str]:
    for _ in range(_NESTED):
        settings = {key: _filled(value, settings) for key, value in settings.items()}
    return settings


def _filled(text: str, settings: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        known = settings.get(match[1] or match[2], match[0])
        return known if len(known) <= _LONGEST_VALUE else match[0]

    return _VARIABLE.sub(value, text)


def _text(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return clean(decode(file.read(_LARGEST)))
    except OSError:
        return ""
