"""Frameworks are recognised by real files, and what nothing names stays unknown."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from wizard.model.route import Route
from wizard.runtimes.applications.facts import Application, Framework, Kind
from wizard.runtimes.applications.frameworks import framework
from wizard.runtimes.facts import Owner


def seen(
    folder: Path, command: str, kind: Kind | None = None, parameters: dict[str, str] | None = None
) -> Framework:
    """What a unit with this command in this folder was written with."""
    owner = Owner(unit="shop.service", command=command, working_directory=str(folder))
    route = Route(found=True, parameters=parameters or {})
    facts = framework(owner, Application(kind=kind), route).facts
    assert isinstance(facts, Framework)
    return facts


@pytest.mark.parametrize(
    ("code", "name", "called"),
    [
        ("from flask import Flask\nshop = Flask(__name__)\n", "flask", "shop"),
        ("import fastapi\n\napi: fastapi.FastAPI = fastapi.FastAPI()\n", "fastapi", "api"),
        ("from starlette.applications import Starlette\napp = Starlette()\n", "starlette", "app"),
        ("def app(environ, start_response):\n    return []\n", "wsgi", "app"),
        ("from bottle import Bottle\napp = Bottle()\n", None, None),
        ("# import flask\n", None, None),
    ],
)
def test_python_by_what_the_loaded_module_imports(
    tmp_path: Path, code: str, name: str | None, called: str | None
) -> None:
    (tmp_path / "web.py").write_text(code)
    found = seen(tmp_path, "/usr/bin/gunicorn -b 127.0.0.1:8000 web:app", "gunicorn")
    assert (found.name, found.called) == (name, called)
    assert found.file == (str(tmp_path / "web.py") if name else None)


def test_a_django_project_by_its_wsgi_module(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "wsgi.py").write_text(
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
        "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
    )
    assert seen(tmp_path, "gunicorn shop.wsgi", "gunicorn").name == "django"
    (tmp_path / "manage.py").write_text('os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"\n')
    assert seen(tmp_path, "python3 manage.py runserver 8000").name == "django"


def test_a_factory_by_the_requirements_beside_it(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "__init__.py").write_text("from .make import create_app\n")
    (tmp_path / "requirements.txt").write_text("gunicorn==21.2\nFlask>=2\n")
    found = seen(tmp_path, "gunicorn 'web:create_app()'", "gunicorn")
    assert (found.name, found.called) == ("flask", "app")


@pytest.mark.parametrize(
    ("code", "name", "called"),
    [
        ("const express = require('express');\nconst shop = express();\n", "express", "shop"),
        ("import Fastify from 'fastify'\n", "fastify", "app"),
        ("const http = require('node:http');\nhttp.createServer(f);\n", "node:http", None),
        ("console.log('nothing')\n", None, None),
    ],
)
def test_node_by_what_the_script_imports(
    tmp_path: Path, code: str, name: str | None, called: str | None
) -> None:
    (tmp_path / "server.js").write_text(code)
    found = seen(tmp_path, "/usr/bin/node server.js", "node")
    assert (found.name, found.called) == (name, called)


def test_node_by_its_package(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "main.js").write_text("require('./bootstrap')\n")
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"koa": "^2"}}))
    assert seen(tmp_path, "node dist/main.js", "node").name == "koa"


def test_php_by_composer_above_the_document_root(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    root = {"DOCUMENT_ROOT": str(tmp_path / "public")}
    assert seen(tmp_path, "php-fpm8.2", "php-fpm", root).name == "php"
    (tmp_path / "composer.json").write_text('{"require": {"laravel/framework": "^11"}}')
    found = seen(tmp_path, "php-fpm8.2", "php-fpm", root)
    assert (found.name, found.file) == ("laravel", str(tmp_path / "public"))


def test_ruby_by_its_gemfile(tmp_path: Path) -> None:
    (tmp_path / "config.ru").write_text("run App\n")
    assert seen(tmp_path, "puma -p 3000", "puma").name == "rack"
    (tmp_path / "Gemfile").write_text('source "https://rubygems.org"\ngem "rails", "~> 7.1"\n')
    assert seen(tmp_path, "puma -p 3000", "puma").name == "rails"


def test_spring_boot_by_its_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.jar", "w") as jar:
        jar.writestr("BOOT-INF/classpath.idx", "")
    assert seen(tmp_path, "java -jar shop.jar", "java").name == "spring-boot"
    with zipfile.ZipFile(tmp_path / "other.jar", "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "")
    assert seen(tmp_path, "java -jar other.jar", "java").name is None


@pytest.mark.parametrize("name", ["package.json", "composer.json", "server.js", "shop.jar"])
def test_a_damaged_file_names_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b'\xff\xfe["\0' * 50)
    assert seen(tmp_path, "node server.js", "node").name is None
    assert seen(tmp_path, "java -jar shop.jar", "java").name is None
    assert seen(tmp_path, "", "php-fpm", {"DOCUMENT_ROOT": str(tmp_path)}).name == "php"


def test_what_the_application_has_already_is_seen(tmp_path: Path) -> None:
    (tmp_path / "server.js").write_text(
        "require('http').createServer((q, a) => a.end(q.url === '/healthz' ? 'ok' : 'shop'))\n"
        "process.on('SIGTERM', () => process.exit(0))\n"
    )
    found = seen(tmp_path, "node server.js", "node")
    assert (found.has_health, found.minds_stop) == (True, True)
    (tmp_path / "server.js").write_text("require('http').createServer(healthy)\n")
    found = seen(tmp_path, "node server.js", "node")
    assert (found.has_health, found.minds_stop) == (False, False)
