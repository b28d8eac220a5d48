"""The service units that start an nginx, read from their files: also those that do not run."""

from __future__ import annotations

import os
import re
import shlex

import msgspec

from wizard.model.text import decode

_OWN = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system")
_PACKAGED = ("/usr/lib/systemd/system", "/lib/systemd/system")
_LIMIT = 64 * 1024
_CONTINUED = re.compile(r"\\\n\s*")
_SHELLS = frozenset({"sh", "bash", "dash"})
_PREFIXES = "-@:+!|"


class NginxUnit(msgspec.Struct, frozen=True):
    """A unit and how it starts nginx."""

    name: str
    program: str
    config: str | None = None
    """The value of -c."""
    prefix: str | None = None
    """The value of -p."""


def nginx_units() -> list[NginxUnit]:
    """Units whose command is an nginx; of those that packages brought, the ones called so."""
    found: dict[str, NginxUnit | None] = {}
    for folder in (*_OWN, *_PACKAGED):
        for name in _service_files(folder):
            if name not in found and (folder in _OWN or "nginx" in name):
                found[name] = _unit(name, f"{folder}/{name}")
    return [unit for unit in found.values() if unit is not None]


def command_of(text: str) -> list[str]:
    """The words of the last ExecStart line that starts an nginx; empty where there is none."""
    command: list[str] = []
    for line in _CONTINUED.sub(" ", text).splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "ExecStart":
            command = _nginx_words(value.strip().lstrip(_PREFIXES))
    return command


def _service_files(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(name for name in names if name.endswith(".service") and "@." not in name)


def _unit(name: str, path: str) -> NginxUnit | None:
    texts = [_text(path)]
    for folder in (*_OWN, *_PACKAGED):
        drop_ins = f"{folder}/{name}.d"
        if os.path.isdir(drop_ins):
            files = sorted(file for file in os.listdir(drop_ins) if file.endswith(".conf"))
            texts += [_text(f"{drop_ins}/{file}") for file in files]
    words = command_of("\n".join(texts))
    if not words:
        return None
    return NginxUnit(name, words[0], _option(words, "c"), _option(words, "p"))


def _nginx_words(value: str) -> list[str]:
    words = _split(value)
    if len(words) > 2 and os.path.basename(words[0]) in _SHELLS and words[1].startswith("-"):
        words = _split(words[2])
    if words and words[0] == "exec":
        words = words[1:]
    return words if words and os.path.basename(words[0]) == "nginx" else []


def _option(words: list[str], letter: str) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == f"-{letter}":
            return following or None
        if word.startswith(f"-{letter}"):
            return word[2:]
    return None


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return decode(file.read(_LIMIT))
    except OSError:
        return ""
