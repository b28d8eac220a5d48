"""Which framework the application was written with, by its own files: never run, only read.

What counts, in this order: what the file imports that the application server was told to load, then
what the project says it needs (requirements.txt, package.json, composer.json, Gemfile). What none
of them names stays unknown.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.model.text import clean, decode
from wizard.runtimes.applications import program
from wizard.runtimes.applications.facts import Application, Framework, FrameworkName
from wizard.runtimes.applications.program import Program
from wizard.runtimes.facts import Owner

_LIMIT = 256 * 1024
_LARGEST_ARCHIVE = 400 * 1024 * 1024
_MOST_FOLDERS_UP = 3
_USUAL = "app"
"""What an application is called where its file does not show it."""

_PYTHON: tuple[FrameworkName, ...] = ("fastapi", "starlette", "flask", "django")
_NODE: tuple[FrameworkName, ...] = ("express", "fastify", "koa")
_PHP: Mapping[str, FrameworkName] = {
    "laravel/framework": "laravel", "symfony/framework-bundle": "symfony",
}  # fmt: skip
_RUBY: tuple[FrameworkName, ...] = ("rails", "sinatra")

_PYTHON_IMPORT = re.compile(r"^\s*(?:from|import)\s+(fastapi|starlette|flask|django)\b", re.M)
_NODE_IMPORT = re.compile(
    r"""(?:require\(\s*|from\s+|import\s+)['"](?:node:)?(express|fastify|koa|https?)['"]"""
)
_CALLED = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:Flask|FastAPI|Starlette)\(", re.M)
_ROUTED = re.compile(r"^(?:const|let|var)\s+(\w+)\s*=\s*(?:express|fastify|require\([^)]*\))\(",
                     re.M)  # fmt: skip
_TARGET = re.compile(r"([A-Za-z_][\w.]*)(?::([A-Za-z_]\w*))?")
_HEALTH = re.compile(r"""["'/](?:health|healthz|healthcheck|livez|readyz)/?["']""")
_OPTIONS_WITH_A_PATH = ("--chdir", "--app-dir", "--pythonpath")


class _Found(NamedTuple):
    name: FrameworkName
    by: str
    file: str | None = None
    called: str | None = None


def framework(owner: Owner, app: Application, route: Route) -> Sighting:
    """The framework of the application behind the address."""
    running = program.of(owner)
    readers = {
        "gunicorn": _python, "uwsgi": _python, "node": _node, "puma": _ruby, "unicorn": _ruby,
        "java": _java, "go": _go,
    }  # fmt: skip
    if app.kind == "php-fpm":
        found = _php(route)
    else:
        reader = readers.get(app.kind or "", _python)
        members = list(program.each_member(running))
        found = next((seen for one in members if (seen := reader(one)) is not None), None)
    facts = Framework() if found is None else _facts(found)
    reading = f"{found.name}: {facts.found_by}" if found else "none of the known frameworks"
    command = f"ls -l {owner.working_directory}" if owner.working_directory else ""
    return Sighting(
        status="present" if found else "absent", facts=facts, reading=reading, command=command
    )


def _facts(found: _Found) -> Framework:
    path = found.file or ""
    text = _text(path) or ""
    pages = [f"{path}/healthz.php"] if found.name in ("php", "laravel", "symfony") else []
    return Framework(
        name=found.name,
        found_by=clean(found.by),
        file=found.file,
        called=found.called,
        has_health=any(map(os.path.exists, pages)) or _HEALTH.search(text) is not None,
        minds_stop="SIGTERM" in text,
    )


def _python(one: Program) -> _Found | None:
    """By the module that the server was told to load: `gunicorn shop:app`, `manage.py`."""
    module = next(_python_modules(one), None)
    if module is None:
        return None
    path, called = module
    text = _text(path)
    folder = os.path.dirname(path)
    named = _PYTHON_IMPORT.search(text or "")
    if text is not None and named:
        name = _one_of(named[1], _PYTHON)
        made = _CALLED.search(text)
        if name and made:
            called = made[1]
        if name:
            return _Found(name, f"{path} imports {name}", path, called or _USUAL)
    if os.path.basename(path) in ("manage.py", "wsgi.py", "asgi.py") and _is_django(path):
        return _Found("django", f"{path} is of a Django project", path, called)
    for place in _upwards(folder):
        needed = _needed_by_python(place)
        if needed is not None:
            name, by = needed
            return _Found(name, f"{by} names {name}", path, called or _USUAL)
    plain = text is not None and called is not None
    if text is not None and plain and re.search(rf"^def {re.escape(called or '')}\(", text, re.M):
        return _Found("wsgi", f"{path} defines {called}()", path, called)
    return None


def _python_modules(one: Program) -> Iterator[tuple[str, str | None]]:
    """Files that exist, with the name of the application in them."""
    bases = [one.absolute(value) for name in _OPTIONS_WITH_A_PATH if (value := one.option(name))]
    bases.append(one.absolute("."))
    words = [word for word in one.argv[1:] if not word.startswith("-")]
    named = one.option("--module", "-w", "--wsgi-file", "--file")
    for word in ([named] if named else []) + words[::-1]:
        if word.endswith(".py"):
            path = one.absolute(word)
            if os.path.isfile(path):
                yield path, one.option("--callable") or "application"
            continue
        target, bracket, _ = word.partition("(")
        match = _TARGET.fullmatch(target)
        if match is None:
            continue
        called = None if bracket else match[2] or "application"
        inside = match[1].replace(".", "/")
        for base in bases:
            for path in (f"{base}/{inside}.py", f"{base}/{inside}/__init__.py"):
                if os.path.isfile(path):
                    yield os.path.normpath(path), called


def _is_django(path: str) -> bool:
    return "DJANGO_SETTINGS_MODULE" in (_text(path) or "")


def _needed_by_python(folder: str) -> tuple[FrameworkName, str] | None:
    for name in ("requirements.txt", "pyproject.toml", "Pipfile"):
        path = os.path.join(folder, name)
        text = _text(path)
        for each in _PYTHON if text else ():
            if re.search(rf"(?im)^[\s\"']*{each}\b", text or ""):
                return each, path
    return None


def _node(one: Program) -> _Found | None:
    """By the script's own imports, then by the project's package.json."""
    script = next((word for word in one.argv[1:] if not word.startswith("-")), None)
    if script is None:
        return None
    path = one.absolute(script)
    path = next((each for each in (path, f"{path}.js", f"{path}/index.js") if os.path.isfile(each)),
                path)  # fmt: skip
    text = _text(path)
    made = _ROUTED.search(text or "")
    called = made[1] if made else _USUAL
    imported = [match[1] for match in _NODE_IMPORT.finditer(text or "")]
    for each in _NODE:
        if each in imported:
            return _Found(each, f"{path} imports {each}", path, called)
    for folder in _upwards(os.path.dirname(path)):
        needed = _required(os.path.join(folder, "package.json"), "dependencies")
        for each in _NODE:
            if each in needed:
                return _Found(each, f"{folder}/package.json names {each}", path, called)
    if {"http", "https"} & {*imported}:
        return _Found("node:http", f"{path} imports http", path)
    return None


def _php(route: Route) -> _Found | None:
    """By the script that the proxy names, and composer.json above it."""
    script = route.parameters.get("SCRIPT_FILENAME")
    root = route.parameters.get("DOCUMENT_ROOT") or (os.path.dirname(script) if script else None)
    if not root or not os.path.isabs(root):
        return None
    for folder in _upwards(root):
        path = os.path.join(folder, "composer.json")
        needed = _required(path, "require")
        for package, name in _PHP.items():
            if package in needed:
                return _Found(name, f"{path} requires {package}", root)
    if os.path.isdir(root):
        return _Found("php", f"PHP files under {root}, no known framework", root)
    return None


def _ruby(one: Program) -> _Found | None:
    folder = one.absolute(".")
    path = os.path.join(folder, "Gemfile")
    text = _text(path) or ""
    for each in _RUBY:
        if re.search(rf"""(?m)^\s*gem\s*\(?['"]{each}['"]""", text):
            return _Found(each, f"{path} names {each}", folder)
    rackup = os.path.join(folder, "config.ru")
    return _Found("rack", f"{rackup} is there", rackup) if os.path.isfile(rackup) else None


def _java(one: Program) -> _Found | None:
    """By the names in the archive that is run: Spring Boot keeps its classes under BOOT-INF."""
    archive = one.option("-jar")
    path = one.absolute(archive) if archive else None
    try:
        if path is None or os.path.getsize(path) > _LARGEST_ARCHIVE:
            return None
        with zipfile.ZipFile(path) as jar:
            boot = any(name.startswith("BOOT-INF/") for name in jar.namelist())
    except (OSError, zipfile.BadZipFile):
        return None
    return _Found("spring-boot", f"{path} has BOOT-INF/", path) if boot else None


def _go(one: Program) -> _Found | None:
    path = one.argv[0] if one.argv else None
    return _Found("go", f"{path} was linked by Go", path) if path else None


def _required(path: str, key: str) -> dict[str, object]:
    try:
        needed = json.loads(_text(path) or "{}").get(key)
    except (ValueError, AttributeError, RecursionError):
        return {}
    return needed if isinstance(needed, dict) else {}


def _one_of(name: str, known: Sequence[FrameworkName]) -> FrameworkName | None:
    return next((each for each in known if each == name), None)


def _upwards(folder: str) -> Iterator[str]:
    """The folder and those above it, as far as a project may reach."""
    for _ in range(_MOST_FOLDERS_UP):
        if folder in ("", "/"):
            return
        yield folder
        folder = os.path.dirname(folder)


def _text(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return decode(file.read(_LIMIT))
    except OSError:
        return None
