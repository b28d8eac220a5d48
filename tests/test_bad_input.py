"""Whatever is typed and whatever is in the way: a sentence that helps, and never a traceback."""

from __future__ import annotations

import http.server
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wizard.lab.loopback import Stage, staged, why_impossible
from wizard.lab.scenario import USUAL_SITE, filled

from .program import PROJECT, Wizard, unusable, wizard_of_a_person

NAMED, USAGE, UNPROVEN, FAILED, INTERRUPTED = 1, 2, 3, 4, 130


@dataclass(frozen=True)
class Here:
    """The program as whoever runs the tests, with a home of its own."""

    home: Path

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "wizard", *words]

    def settings(self, **changed: str | None) -> dict[str, str]:
        usual = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8",
            "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "ignore", "TMPDIR": str(self.home),
        }  # fmt: skip
        return {key: value for key, value in {**usual, **changed}.items() if value is not None}

    def run(self, *words: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.argv(*words),
            env=self.settings(**changed),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        return spoken(done)


def spoken(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[str]:
    """What a program said as text, once it is seen that it is no traceback."""
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    (tmp_path / "home").mkdir()
    return Here(tmp_path / "home")


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A site whose nginx asks a port where nothing listens."""
    reason = why_impossible()
    if reason:
        unusable(reason)
    with staged() as stage:
        stage.configure(filled(stage, USUAL_SITE))
        stage.start_nginx()
        yield stage


@contextmanager
def answering_502() -> Iterator[str]:
    """A program that is no proxy and answers 502; its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(502)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def bad_gateway() -> Iterator[str]:
    with answering_502() as url:
        yield url


# ------------------------------------------------------------------------- what is typed


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["http://"], "'http://' names no host. Write for example: http://127.0.0.1/"),
        (["ftp://x"], "only http:// and https://. Write http://x"),
        (["http://a b/"], "' ' at character 9"),
        ([":::"], "no IPv6 address"),
        (["::1"], "Put it in brackets: http://[::1]/"),
        ([""], "The URL is empty"),
        (["http://x:99999/"], "'99999' in 'http://x:99999/' is no port"),
        (["http://x/", "--since", "soon"], "soon"),
        (["http://x/", "--status", "banana"], "'banana' is no HTTP status"),
        (["http://x/", "--flow", "anwser"], "did you mean `answer`"),
        (["http://x/", "--config", "/nonexistent"], "There is no file /nonexistent (--config)"),
        (["http://x/", "--log", "/etc"], "/etc is a folder, not a file (--log)"),
        (["http://x/", "--connect", "web1"], "'web1' is no IP address"),
        (["http://x/", "--nonsense"], "See: wizard"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(
    here: Here, typed: list[str], told: str
) -> None:
    done = here.run("diagnose", *typed)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_name_that_does_not_resolve_is_said_with_what_to_do(here: Here) -> None:
    done = here.run("diagnose", "http://no-such-host.invalid/")
    assert done.returncode == UNPROVEN
    assert "no-such-host.invalid does not resolve from here" in " ".join(done.stdout.split())
    assert "--connect" in done.stdout


# ------------------------------------------------------------------------- what is there


def test_a_502_of_a_program_that_is_no_proxy_is_told_as_such(here: Here, bad_gateway: str) -> None:
    done = here.run("diagnose", bad_gateway)
    assert done.returncode == UNPROVEN
    assert "answers 502" in done.stdout


def test_a_broken_config_beside_a_running_nginx_does_not_end_the_walk(
    here: Here, stage: Stage
) -> None:
    """What runs is older than the file; the port is still found out from the log."""
    stage.write("nginx.conf", stage.config.read_text().replace("proxy_pass", "} proxy_pass"))
    done = here.run("diagnose", stage.url)
    assert done.returncode in (NAMED, UNPROVEN)
    assert f"127.0.0.1:{stage.ports['app']}" in done.stdout


def test_a_broken_config_of_a_stopped_nginx_is_named_with_its_line(
    here: Here, stage: Stage
) -> None:
    stage.write("nginx.conf", stage.config.read_text().rstrip()[:-1])
    stage.stop("nginx")
    done = here.run("diagnose", "--config", str(stage.config), stage.url)
    assert done.returncode == NAMED
    assert 'unexpected end of file, expecting "}"' in " ".join(done.stdout.split())
    assert f"{stage.config}:" in done.stdout


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 4000)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 2**30)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("made", [binary, sparse, empty, gone, pipe, folder, endless, loop])
def test_a_log_that_is_none_costs_neither_the_walk_nor_the_time(
    here: Here, stage: Stage, made: Any
) -> None:
    made(stage.error_log)
    began = time.monotonic()
    done = here.run("diagnose", stage.url)
    assert time.monotonic() - began < 15
    assert done.returncode == NAMED
    assert f"127.0.0.1:{stage.ports['app']}" in done.stdout


@pytest.fixture(scope="module")
def person() -> Iterator[Wizard]:
    with wizard_of_a_person() as program:
        yield program


def test_without_rights_it_says_what_it_could_not_read(person: Wizard, stage: Stage) -> None:
    stage.config.chmod(0)
    stage.error_log.chmod(0)
    done = person.run("diagnose", stage.url, home=stage.folder)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == UNPROVEN
    text = " ".join(done.stdout.split())
    as_root = rf"(sudo |su -c ')nginx -T -c {re.escape(str(stage.config))}"
    assert re.search(f"{re.escape(str(stage.config))}: Permission denied {as_root}", text)
    assert "backend" not in text.partition("RULED OUT")[2].partition("Looked on")[0]


def test_a_command_that_hangs_is_left_behind(here: Here, stage: Stage, tmp_path: Path) -> None:
    """Each is given its time and no more, and what the others say still counts."""
    (tmp_path / "bin").mkdir()
    for name in ("systemctl", "ss", "journalctl", "dmesg", "iptables", "nft", "ps", "getent"):
        program = tmp_path / "bin" / name
        program.write_text("#!/bin/sh\nexec sleep 120\n")
        program.chmod(0o755)
    began = time.monotonic()
    done = here.run("diagnose", stage.url, PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    assert time.monotonic() - began < 45
    assert done.returncode in (NAMED, UNPROVEN)
    assert f"127.0.0.1:{stage.ports['app']}" in done.stdout


# ------------------------------------------------------------------------- the flows


def own_flows(here: Here) -> Path:
    path = here.home / ".config/gateway-wizard/flows"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "flow: mine\ntitle: t\nnodes:\n  - id: a\n    stepp: logs\n",
            "mine.yaml:5: node has no key",
        ),
        ("flow: [\n", "mine.yaml:2: not YAML"),
        ("\0\1\2", "mine.yaml:1: "),
    ],
)
def test_a_mistake_in_a_flow_is_told_by_file_and_line(here: Here, text: str, told: str) -> None:
    (own_flows(here) / "mine.yaml").write_text(text)
    done = here.run("diagnose", "http://127.0.0.1:9/")
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert told in done.stderr
    assert "wizard flow check" in done.stderr


def test_flows_that_may_not_be_read_are_not_passed_over(person: Wizard, stage: Stage) -> None:
    stage.write(".config/gateway-wizard/flows/mine.yaml", "")
    place = stage.folder / ".config/gateway-wizard/flows"
    place.chmod(0)
    done = person.run("diagnose", stage.url, home=stage.folder)
    assert done.returncode == FAILED
    assert f"{place}:1: cannot be read: permission denied" in done.stderr


# ------------------------------------------------------------------------- where it writes


@pytest.mark.parametrize("home", [None, "", "/nonexistent", "/proc", "relative"])
def test_a_home_that_cannot_be_written_stops_nothing(
    here: Here, bad_gateway: str, home: str | None, tmp_path: Path
) -> None:
    """XDG_STATE_HOME keeps the test away from the home of whoever runs it."""
    state = "/proc" if home == "/proc" else str(tmp_path / "state")
    done = here.run("diagnose", bad_gateway, HOME=home, XDG_STATE_HOME=state)
    assert done.returncode == UNPROVEN
    assert "answers 502" in done.stdout
    assert not Path("/nonexistent").exists()
    assert done.stderr.startswith(
        "wizard: The session cannot be written" if state == "/proc" else ""
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_full_disk_under_the_journal_is_said_once(here: Here, bad_gateway: str) -> None:
    state = here.home / ".local/state"
    state.mkdir(parents=True)
    script = f'mount -t tmpfs -o size=8k small {state} && exec "$@"'
    done = spoken(
        subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", *here.argv("diagnose", bad_gateway)],
            env=here.settings(),
            cwd=here.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
    )
    assert done.returncode == UNPROVEN
    assert "answers 502" in done.stdout
    assert done.stderr.count("The session cannot be written") == 1
    assert "No space left on device" in done.stderr


def test_a_report_that_cannot_be_printed_is_not_lost(here: Here, bad_gateway: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            here.argv("diagnose", bad_gateway), env=here.settings(), cwd=here.home,
            stdout=full, stderr=subprocess.PIPE, timeout=60,
        )  # fmt: skip
    told = done.stderr.decode()
    assert done.returncode == FAILED
    assert "Traceback" not in told
    assert "No space left on device" in told
    assert str(here.home / ".local/state/gateway-wizard/sessions") in told


@pytest.mark.parametrize("form", ["--text", "--json", "--short"])
def test_a_reader_that_leaves_early_is_no_error(here: Here, bad_gateway: str, form: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as nobody_reads:
        done = subprocess.run(
            here.argv("diagnose", form, bad_gateway), env=here.settings(), cwd=here.home,
            stdout=nobody_reads, stderr=subprocess.PIPE, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (UNPROVEN, b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(here: Here, bad_gateway: str, closed: str) -> None:
    done = spoken(
        subprocess.run(
            ["sh", "-c", f'"$@" {closed}', "sh", *here.argv("diagnose", bad_gateway)],
            env=here.settings(),
            cwd=here.home,
            capture_output=True,
            timeout=60,
        )
    )
    assert done.returncode == UNPROVEN


# ------------------------------------------------------------------------- terminals


def test_ctrl_c_says_where_the_session_lies(here: Here) -> None:
    """Half way: the site takes the request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        program = subprocess.Popen(
            here.argv("diagnose", url), env=here.settings(), cwd=here.home,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            connection.recv(1024)
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=10)
    assert program.returncode == INTERRUPTED
    assert out == b""
    told = err.decode()
    assert "Traceback" not in told
    assert told.startswith("wizard: Stopped. The session so far is in ")
    session = Path(told.strip().rpartition(" ")[2])
    assert (session / "journal.jsonl").stat().st_size > 0


def test_in_the_c_locale_only_ascii_is_printed(here: Here, stage: Stage) -> None:
    for form in ("--text", "--short", "--json"):
        done = here.run("diagnose", form, stage.url, LANG="C", LC_ALL="C", PYTHONUTF8="0",
                        PYTHONCOERCECLOCALE="0")  # fmt: skip
        assert done.stdout.isascii(), form
        assert done.returncode == NAMED


def test_no_line_of_the_page_is_wider_than_80(here: Here, stage: Stage) -> None:
    """But for commands, which have to be copied whole."""
    done = here.run("diagnose", "--text", stage.url, COLUMNS="80")
    wide = [line for line in done.stdout.splitlines() if len(line) > 80]
    assert [line for line in wide if not is_command(line)] == []


def is_command(line: str) -> bool:
    programs = ("curl", "grep", "nginx", "ps", "ss", "sudo", "sudoedit", "systemctl", "tail")
    return line.startswith("    ") and line.split()[0] in programs


def on_a_terminal(argv: list[str], settings: Mapping[str, str]) -> tuple[int, str]:
    """Runs a program on a terminal of 80x24 of its own."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    program = subprocess.Popen(
        argv, env=settings, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # EIO: the program has closed it
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    return program.wait(20), said.decode()


@pytest.mark.parametrize(("terminal", "escapes"), [("xterm-256color", True), ("dumb", False)])
def test_escapes_are_sent_only_where_they_are_understood(
    here: Here, bad_gateway: str, terminal: str, escapes: bool
) -> None:
    argv = here.argv("diagnose", bad_gateway)
    status, said = on_a_terminal(argv, here.settings(TERM=terminal))
    assert status == UNPROVEN
    assert ("\x1b" in said) == escapes


def test_no_terminal_at_all_is_needed(here: Here, bad_gateway: str) -> None:
    argv = ["setsid", "--wait", *here.argv("diagnose", bad_gateway)]
    done = spoken(
        subprocess.run(
            argv, env=here.settings(TERM=None), cwd=here.home, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=60,
        )
    )  # fmt: skip
    assert done.returncode == UNPROVEN
    assert "\x1b" not in done.stdout
