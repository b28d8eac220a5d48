"""Which unit should listen, judged from units and real files around them."""

from __future__ import annotations

from pathlib import Path

from wizard.runtimes.mentions import Aim
from wizard.runtimes.systemd.expected import SCRIPT, expected
from wizard.runtimes.systemd.show import Unit

AIM = Aim(port=3000)


def unit(name: str, command: str, active: str = "failed", **properties: str) -> Unit:
    start = f"{{ path={command.split()[0]} ; argv[]={command} ; ignore_errors=no ; pid=0 }}"
    return Unit(
        {
            "Id": name, "LoadState": "loaded", "ActiveState": active, "ExecStart": start,
            **properties,
        }
    )  # fmt: skip


def found(*units: Unit, aim: Aim = AIM) -> list[tuple[str, str]]:
    return [(tie.unit.name, tie.found_by) for tie in expected(aim, units)]


def test_arguments_name_the_unit() -> None:
    shop, blog = unit("shop.service", "/x --port 3000"), unit("blog.service", "/x --port 4000")
    assert found(blog, shop) == [("shop.service", "ExecStart has --port 3000")]


def test_an_environment_file_names_the_unit(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# PORT=1\nPORT=3000\n")
    shop = unit("shop.service", "/x", EnvironmentFiles=f"{tmp_path}/env (ignore_errors=no)")
    assert found(shop) == [("shop.service", f"EnvironmentFile {tmp_path}/env has PORT=3000")]


def test_a_variable_in_the_command_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("BIND=127.0.0.1:3000\n")
    files = f"{tmp_path}/env (ignore_errors=yes)"
    shop = unit("shop.service", "/usr/bin/gunicorn --bind ${BIND} app", EnvironmentFiles=files)
    assert found(shop) == [
        (
            "shop.service",
            f"ExecStart has --bind 127.0.0.1:3000, from EnvironmentFile {tmp_path}/env",
        )
    ]


def test_a_socket_unit_stands_for_its_service() -> None:
    shop = unit("shop.service", "/x")
    socket = Unit(
        {
            "Id": "shop.socket", "LoadState": "loaded", "Triggers": "shop.service",
            "Listen": "127.0.0.1:3000 (Stream)",
        }
    )  # fmt: skip
    assert found(shop, socket) == [("shop.service", "socket unit shop.socket")]


def test_settings_in_the_working_directory_name_the_unit(tmp_path: Path) -> None:
    (tmp_path / "app.ini").write_text("[server]\nport = 3000\n")
    shop = unit("shop.service", "/usr/bin/python3 app.py", WorkingDirectory=str(tmp_path))
    assert found(shop) == [("shop.service", f"{tmp_path}/app.ini line 2 has port = 3000")]


def test_a_wrapper_script_is_the_command_itself(tmp_path: Path) -> None:
    (tmp_path / "start").write_text("#!/bin/sh\nexec node server.js --port 3000\n")
    (tie,) = expected(AIM, [unit("shop.service", f"{tmp_path}/start")])
    assert tie.certain


def test_the_default_of_a_script_is_a_guess(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("app.listen(process.env.PORT || 3000)\n")
    (tie,) = expected(AIM, [unit("shop.service", f"/usr/bin/node {tmp_path}/app.js")])
    assert (tie.level, tie.certain) == (SCRIPT, False)


def test_the_default_of_a_script_means_nothing_where_arguments_say_otherwise(
    tmp_path: Path,
) -> None:
    (tmp_path / "app.js").write_text("app.listen(process.env.PORT || 3000)\n")
    blog = unit("blog.service", f"/usr/bin/node {tmp_path}/app.js --port 4000", "active")
    assert found(blog) == []


def test_the_default_of_a_script_means_nothing_where_settings_say_otherwise(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("app.listen(config.port || 3000)\n")
    (tmp_path / "config.json").write_text('{\n"port": 5000\n}')
    assert found(unit("shop.service", f"/usr/bin/node {tmp_path}/app.js")) == []


def test_folders_of_packages_are_not_searched(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/index.js").write_text("listen(3000)")
    assert found(unit("shop.service", "/usr/bin/node x", WorkingDirectory=str(tmp_path))) == []


def test_a_failed_unit_comes_before_one_that_runs() -> None:
    old = unit("old.service", "/x --port 3000", "active")
    new = unit("new.service", "/x --port 3000", "failed")
    assert [name for name, _ in found(old, new)] == ["new.service", "old.service"]


def test_a_runtime_directory_ties_a_unit_to_a_socket_path() -> None:
    shop = unit("shop.service", "/usr/bin/x", RuntimeDirectory="shop")
    assert found(shop, aim=Aim(path="/run/shop/app.sock")) == [
        ("shop.service", "RuntimeDirectory is shop")
    ]


def test_pools_of_php_are_read(tmp_path: Path) -> None:
    (tmp_path / "pool.d").mkdir()
    (tmp_path / "pool.d/www.conf").write_text("[www]\nlisten = /run/php/php8.2-fpm.sock\n")
    command = f"/usr/sbin/php-fpm8.2 --nodaemonize --fpm-config {tmp_path}/php-fpm.conf"
    (tie,) = found(unit("php8.2-fpm.service", command), aim=Aim(path="/run/php/php8.2-fpm.sock"))
    assert tie[1].startswith(f"{tmp_path}/pool.d/www.conf line 2 has listen")


def test_a_unit_without_a_file_is_nobody() -> None:
    gone = unit("shop.service", "/x --port 3000", LoadState="not-found")
    assert found(gone) == []
