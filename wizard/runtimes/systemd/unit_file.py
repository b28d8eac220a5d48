"""What a unit's files say beside the settings in force: commands that a later file replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wizard.runtimes import mentions
from wizard.runtimes.mentions import Stated
from wizard.runtimes.systemd.program_files import text_of
from wizard.runtimes.systemd.show import Unit, split

_CONTINUED = re.compile(r"\\\n\s*")
_PREFIXES = "-@:+!|"


def replaced_statements(unit: Unit) -> Iterable[Stated]:
    """Addresses in the ExecStart lines of the unit's own file that are not in force.

    A drop-in that sets another command, or an edit without `daemon-reload`, hides them from
    `systemctl show`, and yet they tell which address the unit is there for.
    """
    for path in (unit["FragmentPath"], *unit["DropInPaths"].split()):
        for command in _commands(text_of(path) or "") if path else ():
            if command in unit.commands:
                continue
            for one in mentions.in_command(command, unit.environment):
                words = f"{path} has ExecStart with {one.words}, which is not in force"
                yield Stated(words, one.port, one.path)


def _commands(text: str) -> Iterable[list[str]]:
    for line in _CONTINUED.sub(" ", text).splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "ExecStart" and value.strip():
            yield split(value.strip().lstrip(_PREFIXES))
