"""uWSGI's settings, as command lines and files have them, and what its lines mean."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.model.route import Server
from wizard.runtimes.applications import uwsgi
from wizard.runtimes.applications.facts import Application
from wizard.runtimes.applications.program import Program

AT_8001 = Server(name="127.0.0.1:8001", host="127.0.0.1", port=8001)


def settings(argv: list[str], server: Server = AT_8001, folder: str = "/") -> Application:
    program = Program(argv=argv, running=False, working_directory=folder)
    assert uwsgi.recognises(program)
    return uwsgi.read(program, server)


def test_settings_of_a_file_beside_the_program(tmp_path: Path) -> None:
    (tmp_path / "shop.ini").write_text(
        "[uwsgi]\nsocket = 127.0.0.1:8001\nworkers = 4\nharakiri = 30\nbuffer-size = 32768\n"
        "listen = 256\nlogto = /var/log/uwsgi.log\n[other]\nharakiri = 5\n"
    )
    found = settings(["/usr/bin/uwsgi-core", "--ini", "shop.ini"], folder=str(tmp_path))
    assert (found.protocol, found.workers_allowed, found.request_seconds) == ("uwsgi", 4, 30.0)
    assert (found.header_bytes, found.backlog) == (32768, 256)
    assert (found.log_files, found.place and found.place.file) == (
        ["/var/log/uwsgi.log"], str(tmp_path / "shop.ini"),
    )  # fmt: skip


def test_the_command_line_is_enough_and_the_rest_is_default() -> None:
    found = settings(["uwsgi", "-s", "127.0.0.1:8001", "-p", "2", "--harakiri=5", "--master"])
    assert (found.protocol, found.workers_allowed, found.request_seconds) == ("uwsgi", 2, 5.0)
    assert (found.header_bytes, found.backlog) == (4096, 100)


@pytest.mark.parametrize(
    ("words", "speaks"),
    [
        ("--socket :8001", "uwsgi"),
        ("--socket :8001 --protocol http", "http"),
        ("--http-socket 127.0.0.1:8001", "http"),
        ("--http :8001 --socket :9001", "http"),
        ("--socket :9001", None),
    ],
)
def test_what_is_spoken_is_said_by_the_option_of_the_socket(words: str, speaks: str | None) -> None:
    assert settings(["uwsgi", *words.split()]).protocol == speaks


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Sat Nov 21 14:46:28 2026 - *** HARAKIRI ON WORKER 1 (pid: 150, try: 1) ***",
         "request-terminated"),
        ("invalid request block size: 21573 (max 4096)...skip", "bad-request"),
        ("invalid request block size: 5142 (max 4096)...skip", "request-too-big"),
        ("-- unavailable modifier requested: 1 --", "bad-request"),
        ("[pid: 150|app: 0|req: 2/4]  () {16 vars in 152 bytes} [Sat Nov 21 14:46:24 2026] GET "
         "/raise => generated 0 bytes in 0 msecs (HTTP/1.1 500) 0 headers in 0 bytes (0 switches "
         "on core 0)", "uncaught-exception"),
        ("[pid: 150|app: 0|req: 1/1]  () {16 vars in 142 bytes} [Sat Nov 21 14:46:24 2026] GET / "
         "=> generated 3 bytes in 0 msecs (HTTP/1.1 200) 1 headers in 45 bytes", None),
        ("DAMN ! worker 1 (pid: 150) died, killed by signal 9 :( trying respawn ...",
         "worker-killed"),
        ("DAMN ! worker 1 (pid: 150) died, killed by signal 11 :( trying respawn ...",
         "worker-crashed"),
    ],
)  # fmt: skip
def test_what_its_lines_mean(line: str, kind: str | None) -> None:
    assert next((name for name, phrase in uwsgi.EVENTS if phrase.search(line)), None) == kind


def test_its_lines_have_local_times_in_two_places() -> None:
    now = time.time() // 1
    shown = time.ctime(now)
    assert uwsgi.stamp(f"{shown} - HARAKIRI !!! worker 1 status !!!") == now
    assert uwsgi.stamp(f"[pid: 150|app: 0|req: 1/1]  () {{16 vars}} [{shown}] GET /") == now
    assert uwsgi.stamp("Respawned uWSGI worker 1 (new pid: 153)") is None
