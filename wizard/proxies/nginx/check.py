"""`nginx -t`: the program's own verdict on its files.

What it touches: it opens (and creates, when missing) the log and pid files that the configuration
names, makes missing temporary folders, and binds the ports for a moment when they are free. That
is what a person's `nginx -t` does too; `-e stderr` keeps it out of the compiled-in error log.
"""

from __future__ import annotations

import os
import re
import shlex

from wizard.model.route import Place
from wizard.model.text import clean, decode
from wizard.probes.run import Completed, run
from wizard.proxies.facts import Check, Instance
from wizard.proxies.nginx.build import version_numbers
from wizard.proxies.nginx.config import configuration

_LIMIT = 12.0
_LINE = re.compile(r"^(?:nginx:|\d{4}/\d\d/\d\d \S+) ?\[(\w+)\] (?:\d+#\d+: )?(.*)$")
_PLACE = re.compile(r" in (\S+):(\d+)$")
_UNRESOLVED = re.compile(r'host not found in (?:upstream )?"([^":]+)')
_ONLY_ROOT = re.compile(r"\(13: Permission denied\)|Permission denied:|Operation not permitted")


def check_command(instance: Instance) -> list[str]:
    """`nginx -t`, with the options that this instance was started with."""
    argv = ["nginx", "-t"]
    if instance.config is not None:
        argv += ["-c", instance.config]
    if instance.prefix is not None:
        argv += ["-p", instance.prefix.rstrip("/") + "/"]
    return argv


def check(instance: Instance) -> tuple[Check, str]:
    """The check's verdict and text; the parser's where the program cannot be run."""
    argv = check_command(instance)
    if version_numbers(instance.version) >= (1, 19, 5):
        argv += ["-e", "stderr"]
    try:
        said = run(argv, timeout=_LIMIT, path=instance.executable)
    except ValueError:
        said = Completed(tuple(argv), None, missing=True)
    if said.exit_status is None:
        return _parsed(instance, timed_out=said.timed_out), decode(said.err)
    text = decode(said.err + said.out)
    return understood(text, said.ok), text


def understood(text: str, ok: bool) -> Check:
    """Read the output of `nginx -t`."""
    syntax_ok = True if ok or "syntax is ok" in text else None
    warnings: list[str] = []
    message: str | None = None
    for line in text.splitlines():
        read = _LINE.match(line.strip())
        if read is None:
            continue
        level, said = read.groups()
        if level in ("emerg", "crit", "error"):
            message = message or said
        elif level == "warn" or (level == "alert" and not ok):
            warnings.append(said)
    if ok:
        return Check(passes=True, syntax_ok=True, warnings=warnings, unresolved="", by="check")
    place = _place(message)
    denied = message is not None and _ONLY_ROOT.search(message) is not None
    if denied and os.geteuid() != 0:
        # The check stopped at a file that only root may read: no verdict on the rest.
        return Check(
            passes=None, syntax_ok=syntax_ok, message=message, place=place, warnings=warnings,
            by="check",
        )  # fmt: skip
    wrong = False if syntax_ok is None and place is not None else syntax_ok
    unresolved = _UNRESOLVED.search(message or "")
    return Check(
        passes=False, syntax_ok=wrong, message=message, place=place, warnings=warnings,
        unresolved=clean(unresolved.group(1)) if unresolved else "", by="check",
    )  # fmt: skip


def _place(message: str | None) -> Place | None:
    found = _PLACE.search(message or "")
    return Place(found.group(1), int(found.group(2))) if found else None


def _parsed(instance: Instance, timed_out: bool) -> Check:
    """The parser's verdict, which can find a mistake but not vouch that there is none."""
    if instance.config is None:
        return Check()
    troubles = [each for each in configuration(instance.config).troubles if not each.unreadable]
    if troubles:
        first = troubles[0]
        place = Place(clean(first.file), first.line) if first.line else None
        return Check(
            passes=False, syntax_ok=False, message=clean(first.message), place=place, by="parser"
        )
    mistake = None if timed_out else _first_mistake(instance.config)
    if mistake is not None:
        return Check(
            passes=False, syntax_ok=False, message=clean(mistake[0]), place=mistake[1],
            by="parser",
        )  # fmt: skip
    return Check(by="parser")


def _first_mistake(path: str) -> tuple[str, Place | None] | None:
    """The first wrong context or argument that crossplane knows of."""
    import crossplane

    payload = crossplane.parse(path, onerror=lambda error: error)
    for error in payload["errors"]:
        found = error["callback"]
        if isinstance(found, OSError):
            continue
        place = Place(clean(error["file"]), error["line"]) if error["line"] else None
        return getattr(found, "strerror", None) or str(found), place
    return None


def shown(argv: list[str]) -> str:
    """The command as a person types it."""
    return shlex.join(argv)
