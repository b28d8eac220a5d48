"""PHP-FPM's settings, as its files have them, and its log, as its master wrote it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.model.route import Server
from wizard.runtimes.applications import php_fpm
from wizard.runtimes.applications.facts import Application
from wizard.runtimes.applications.program import Program

POOLS = """\
; Pools of this host
[www]
listen = /run/php/php8.2-fpm.sock
pm = dynamic
pm.max_children = 5

[shop]
user = shop
listen = 127.0.0.1:9000 ; the shop's
listen.backlog = 16
pm = static
pm.max_children = 20
request_terminate_timeout = 2m
php_admin_value[error_log] = /var/log/$pool.php.log
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    config = tmp_path / "php" / "8.2" / "fpm" / "php-fpm.conf"
    (config.parent / "pool.d").mkdir(parents=True)
    config.write_text("[global]\nerror_log = /var/log/php8.2-fpm.log\ninclude=pool.d/*.conf\n")
    (config.parent / "pool.d" / "all.conf").write_text(POOLS)
    return ["/usr/sbin/php-fpm8.2", "--nodaemonize", "--fpm-config", str(config)]


def settings(argv: list[str], server: Server) -> Application:
    program = Program(argv=argv, running=False)
    assert php_fpm.recognises(program)
    return php_fpm.read(program, server)


def test_the_pool_is_the_one_that_has_the_servers_address(command: list[str]) -> None:
    shop = settings(command, Server(name="127.0.0.1:9000", host="127.0.0.1", port=9000))
    assert (shop.pool, shop.workers_allowed, shop.request_seconds) == ("shop", 20, 120.0)
    assert (shop.version, shop.backlog, shop.protocol) == ("8.2", 16, "fastcgi")
    assert shop.log_files == ["/var/log/php8.2-fpm.log", "/var/log/shop.php.log"]
    assert str(shop.place).endswith("pool.d/all.conf:12")


def test_what_a_pool_does_not_say_is_the_default(command: list[str]) -> None:
    www = settings(command, Server(name="unix:...", path="/run/php/php8.2-fpm.sock"))
    assert (www.pool, www.workers_allowed, www.request_seconds, www.backlog) == ("www", 5, 0.0, 511)


def test_an_address_of_no_pool_has_no_limits(command: list[str]) -> None:
    other = settings(command, Server(name="127.0.0.1:9100", host="127.0.0.1", port=9100))
    assert (other.pool, other.workers_allowed, other.request_seconds) == (None, None, None)


def test_a_running_master_names_its_file_in_its_title(command: list[str]) -> None:
    title = f"php-fpm: master process ({command[-1]})"
    shop = settings([title], Server(name="127.0.0.1:9000", host="127.0.0.1", port=9000))
    assert shop.pool == "shop"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("WARNING: [pool www] server reached pm.max_children setting (5), consider raising it",
         "pool-exhausted"),
        ('WARNING: [pool www] child 61, script \'/srv/a.php\' (request: "GET /a.php") execution '
         "timed out (3.012345 sec), terminating", "request-terminated"),
        ("WARNING: [pool www] child 61 exited on signal 11 (SIGSEGV - core dumped) after 9.1 "
         "seconds from start", "worker-crashed"),
        ("WARNING: [pool www] child 61 exited on signal 15 (SIGTERM) after 9.1 seconds from start",
         None),
        ("WARNING: [pool www] seems busy (you may need to increase pm.start_servers, or "
         "pm.min/max_spare_servers), spawning 8 children", None),
    ],
)  # fmt: skip
def test_what_its_lines_mean(line: str, kind: str | None) -> None:
    assert next((name for name, phrase in php_fpm.EVENTS if phrase.search(line)), None) == kind


def test_its_lines_have_local_times() -> None:
    now = time.time() // 1
    line = time.strftime("[%d-%b-%Y %H:%M:%S] NOTICE: fpm is running", time.localtime(now))
    assert php_fpm.stamp(line) == now
    assert php_fpm.stamp("#0 {main}") is None
