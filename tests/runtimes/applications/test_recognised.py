"""Each application server is known by the command line or the title of a real process."""

from __future__ import annotations

import shutil

import pytest

from tests.runtimes.applications.processes import called
from wizard.runtimes.applications import go, kinds
from wizard.runtimes.applications.program import Program


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("/usr/bin/python3", "/usr/bin/gunicorn", "-b", "127.0.0.1:8000", "shop:app"), "gunicorn"),
        (("gunicorn: master [shop]",), "gunicorn"),
        (("/usr/bin/node", "server.js"), "node"),
        (("node", "--max-old-space-size=512", "/srv/shop/server.js"), "node"),
        (("/usr/bin/ruby", "/usr/local/bin/puma", "-C", "config/puma.rb"), "puma"),
        (("bundle", "exec", "puma", "-p", "3000"), "puma"),
        (("puma 5.6.5 (tcp://0.0.0.0:3000) [shop]",), "puma"),
        (("unicorn master -c /srv/shop/config/unicorn.rb -E production -D",), "unicorn"),
        (("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "-Xmx1g", "-jar", "shop.jar"), "java"),
    ],
)
def test_a_server_is_known_by_what_it_calls_itself(argv: tuple[str, ...], kind: str) -> None:
    with called(*argv) as running:
        module = kinds.server_of(running)
    assert module is not None
    assert kind == module.KIND


@pytest.mark.parametrize(
    "argv",
    [
        ("/usr/bin/node", "/usr/bin/npm", "start"),
        ("/usr/bin/python3", "/srv/shop/app.py", "--port", "3000"),
        ("/usr/sbin/nginx", "-g", "daemon off;"),
    ],
)
def test_what_only_starts_an_application_is_none(argv: tuple[str, ...]) -> None:
    with called(*argv) as running:
        assert kinds.server_of(running) is None


def test_behind_a_title_the_units_command_has_the_options() -> None:
    command = "/usr/bin/gunicorn --timeout 90 --workers 3 shop:app"
    with called("gunicorn: master [shop:app]", command=command) as running:
        assert running.title == "gunicorn: master [shop:app]"
        assert running.option("--timeout", "-t") == "90"


def test_a_program_of_go_is_known_by_its_executable() -> None:
    path = shutil.which("docker") or shutil.which("containerd") or shutil.which("go")
    if path is None:
        pytest.skip("no program written in Go is installed here")
    assert go.recognises(Program(argv=[path], running=False))
    assert not go.recognises(Program(argv=["/bin/sh"], running=False))
    assert not go.recognises(Program(argv=["/no/such/program"], running=False))
