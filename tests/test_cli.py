"""The program as it is typed: exit statuses, what goes where, leaving at once, no traceback."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sample import events
from wizard import __version__, cli
from wizard.engine.journal import read
from wizard.model.events import Concluded, Started

PROJECT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "wizard"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own home: nothing of the person who runs the tests is read or written."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return tmp_path


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses: bound, so that nobody else gets it, and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


def wizard(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    usual: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "cwd": "/"}
    return subprocess.run([*COMMAND, *arguments], **{**usual, **how})


def sessions(home: Path) -> list[Path]:
    return sorted((home / ".local/state/gateway-wizard/sessions").glob("*"))


def test_the_version_is_printed() -> None:
    for word in ("--version", "-V"):
        done = wizard(word)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"wizard {__version__}\n", "")


def test_help_names_every_command_and_option() -> None:
    assert set(re.findall(r"^    ([a-z]+)  ", wizard("--help").stdout, re.MULTILINE)) == {
        *("walk", "diagnose", "verify", "sessions", "resume", "export", "replay", "demo", "flow")
    }
    readme = (PROJECT / "README.md").read_text()
    options = re.findall(r"^  (--[a-z]+)", wizard("diagnose", "--help").stdout, re.MULTILINE)
    assert len(options) >= 10
    for option in options:
        assert f"`{option}" in readme


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["diagnose", "ftp://x"], "ftp:// cannot be asked, only http:// and https://"),
        (["http://a b/"], "' ' at character 9, where none may be"),
        (["/x"], "Write the whole URL, for example: http://127.0.0.1/x"),
        (["diagnoze", "x"], "no command 'diagnoze'; did you mean 'diagnose'?"),
        (["learn"], "'learn' is not part of this release"),
        (["diagnose", "http://a/", "--sinse", "1h"], "Unrecognized arguments: --sinse 1h"),
        (["diagnose", "http://a/", "--since"], "expected one argument"),
        (["diagnose", "http://a/", "--since", "soon"], "'soon' is no time. Write one of: 15m"),
        (["diagnose", "http://a/", "--since", "1m", "--until", "1h"], "nothing lies between them"),
        (["diagnose", "http://a/", "--since", "@99999999999"], "--since lies in the future"),
        (["diagnose", "http://a/", "--status", "99"], "a number from 100 to 599"),
        (["diagnose", "http://a/", "--proxy", "ngnix"], "'ngnix' is not known. There are: nginx"),
        (["diagnose", "http://a/", "--json", "--short"], "not allowed with argument"),
        (["diagnose", "http://127.0.0.1:1/", "--flow", "anser"], "did you mean `answer`?"),
        (["replay"], "required: TAPE"),
        (["--plain", "http://a/", "--json"], "--json prints a report and --plain walks with you"),
        (["--step", "http://a/"], "it needs a terminal, or --plain"),
    ],
)
def test_wrong_usage_is_one_line_on_standard_error_and_status_2(
    arguments: list[str], says: str, home: Path
) -> None:
    done = wizard(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert not sessions(home)


def test_a_refused_port_is_unproven_and_the_session_is_kept(home: Path, closed_port: int) -> None:
    done = wizard("diagnose", "--json", f"http://127.0.0.1:{closed_port}/x")
    report = json.loads(done.stdout)
    assert done.returncode == 3, done.stderr
    assert report["verdicts"] == []
    assert report["incident"]["url"] == f"http://127.0.0.1:{closed_port}/x"
    assert report["evidence"]
    (folder,) = sessions(home)
    assert report["session"] == folder.name
    kept = read(folder / "journal.jsonl")
    assert isinstance(kept[0], Started)
    assert isinstance(kept[-1], Concluded)
    assert done.stderr == ""


def test_a_url_alone_is_diagnosed_and_printed_for_a_person(home: Path, closed_port: int) -> None:
    done = wizard(f"127.0.0.1:{closed_port}")
    assert done.returncode == 3
    assert done.stdout.startswith(f"http://127.0.0.1:{closed_port}/ gives no answer.\n")
    assert f"Kept in ~/.local/state/gateway-wizard/sessions/{sessions(home)[0].name}" in done.stdout


def test_a_kept_session_replays_to_the_same_verdict_and_leaves_nothing(
    home: Path, closed_port: int
) -> None:
    first = wizard("diagnose", "--json", f"127.0.0.1:{closed_port}")
    (folder,) = sessions(home)
    for tape in (folder, folder / "journal.jsonl"):
        again = wizard("replay", str(tape), "--json")
        assert again.returncode == first.returncode
        then, now = json.loads(first.stdout), json.loads(again.stdout)
        for key in ("outcome", "summary", "verdicts", "findings", "path", "untested"):
            assert now[key] == then[key], key
    assert sessions(home) == [folder]


@pytest.mark.parametrize("content", [b"", b"nonsense\nmore\n", b"\x1f\x8bnonsense", None])
def test_what_is_no_tape_is_one_line_and_status_4(content: bytes | None, tmp_path: Path) -> None:
    tape = tmp_path / "x.tape"
    if content is not None:
        tape.write_bytes(content)
    done = wizard("replay", str(tape))
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.startswith("wizard: The tape cannot be read. ")
    assert done.stderr.count("\n") == 1


def test_a_password_in_the_url_is_neither_sent_nor_written(home: Path, closed_port: int) -> None:
    done = wizard("diagnose", f"http://ops:hunter2@127.0.0.1:{closed_port}/?token=hunter3")
    assert "Left the user name and password out of the URL" in done.stderr
    journal = (sessions(home)[0] / "journal.jsonl").read_text()
    for text in (journal, done.stdout, done.stderr):
        assert "hunter" not in text


def test_ctrl_c_leaves_at_once_and_says_where_the_session_is(
    home: Path, silent_server: socket.socket
) -> None:
    host, port = silent_server.getsockname()
    running = subprocess.Popen(
        [*COMMAND, "diagnose", f"http://{host}:{port}/"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    connection, _ = silent_server.accept()
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    connection.close()
    assert time.monotonic() - began < 3
    assert running.returncode == 130
    assert out == ""
    assert err == f"wizard: Stopped. The session so far is in {sessions(home)[0]}\n"


def test_a_reader_that_goes_away_is_no_error(closed_port: int) -> None:
    done = wizard("diagnose", f"127.0.0.1:{closed_port}", stdout=_unread_pipe(), stderr=-1,
                  capture_output=False)  # fmt: skip
    assert done.returncode == 3
    assert done.stderr == ""


def _unread_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def test_a_report_that_cannot_be_written_is_told(home: Path, closed_port: int) -> None:
    with Path("/dev/full").open("w") as full:
        done = wizard("diagnose", f"127.0.0.1:{closed_port}", stdout=full, stderr=-1,
                      capture_output=False)  # fmt: skip
    assert done.returncode == 4
    assert done.stderr == (
        "wizard: The report could not be written: No space left on device. "
        f"The session so far is in {sessions(home)[0]}\n"
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(closed: str, closed_port: int) -> None:
    line = f'exec "$0" -m wizard diagnose 127.0.0.1:{closed_port} {closed}'
    done = subprocess.run(["sh", "-c", line, sys.executable], capture_output=True, timeout=60)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


def test_on_a_terminal_the_questions_pass_by_on_one_line_that_is_cleared(closed_port: int) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [*COMMAND, "diagnose", f"127.0.0.1:{closed_port}"])
    seen = _everything(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    before, cleared, page = seen.rpartition("\r\x1b[K")
    assert before.startswith("\r\x1b[K")
    assert cleared
    assert "\n" not in before
    assert page.startswith(f"\x1b[1mhttp://127.0.0.1:{closed_port}/ gives no answer.\x1b[0m")


def _everything(terminal: int) -> str:
    seen = b""
    try:
        while chunk := os.read(terminal, 4096):
            seen += chunk
    except OSError:  # how Linux says that the other side of a terminal is closed
        os.close(terminal)
    return seen.decode()


def test_without_utf_8_the_page_is_ascii(closed_port: int) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = wizard("diagnose", f"127.0.0.1:{closed_port}/ü", env=environment)
    assert done.stdout.isascii()
    assert done.returncode == 3


def test_a_home_that_cannot_be_written_is_told_once(
    home: Path, closed_port: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    in_the_way = tmp_path_factory.mktemp("x") / "file"
    in_the_way.touch()
    environment = {**os.environ, "XDG_STATE_HOME": str(in_the_way), "TMPDIR": str(home)}
    done = wizard("diagnose", f"127.0.0.1:{closed_port}", env=environment)
    assert done.returncode == 3
    assert done.stderr.count("cannot be written to your state folder") == 1
    (folder,) = home.glob("gateway-wizard-*")
    assert f"Kept in ~/{folder.name}" in done.stdout


def test_a_bug_is_status_4_with_the_traceback_in_a_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, tell: object = None, **__: object) -> None:
        raise RuntimeError("no such thing; password=hunter2")

    monkeypatch.setattr("wizard.unattended.diagnose", broken)
    assert cli.main(["http://127.0.0.1:1/", "--json"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert "The wizard itself failed (RuntimeError: no such thing" in err
    assert "That says nothing about the site." in err
    assert "Traceback (most" not in err
    (crash,) = sessions(home)[0].glob("crash.txt")
    assert str(crash) in err
    assert "in broken" in crash.read_text()
    assert "hunter2" not in crash.read_text() + err


def test_flows_with_mistakes_are_told_with_their_lines(home: Path) -> None:
    flows = home / ".config/gateway-wizard/flows/flows"
    flows.mkdir(parents=True)
    (flows / "own.yaml").write_text("flow: own\nnodez: []\n")
    done = wizard("diagnose", "http://127.0.0.1:1/")
    assert done.returncode == 4
    assert "own.yaml:2" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_three_forms_of_a_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The engine is given what the sample session tells; all forms are of the same session."""

    def told(incident: object, look: object, library: object, catalogue: object, tell: Any,
             **_: object) -> None:  # fmt: skip
        for event in events():
            tell(event)

    monkeypatch.setattr("wizard.unattended.diagnose", told)
    begins = {"--text": "http://shop", "--json": "{", "--short": "http://shop"}
    for form, begin in begins.items():
        assert cli.main(["diagnose", "http://shop.example.com/", form]) == 1
        out = capsys.readouterr().out
        assert out.startswith(begin)
        assert "wrong" in out
        assert "\x1b" not in out


def test_the_demo_shows_a_confirmed_cause_anywhere_and_leaves_nothing(home: Path) -> None:
    done = wizard("demo", "--json")
    assert done.returncode == 0, done.stderr
    (verdict,) = json.loads(done.stdout)["verdicts"]
    assert verdict["confidence"] == "confirmed"
    assert len(verdict["chain"]) >= 3
    assert not sessions(home)


def test_python_m_wizard_and_the_script_are_the_same_program() -> None:
    scripts = (PROJECT / "pyproject.toml").read_text()
    assert 'wizard = "wizard.cli:program"' in scripts
    assert "program()" in (PROJECT / "wizard/__main__.py").read_text()


def test_the_version_stands_in_the_changelog() -> None:
    assert f"## [{__version__}]" in (PROJECT / "CHANGELOG.md").read_text()


def test_a_tape_may_be_gzipped(tmp_path: Path, closed_port: int, home: Path) -> None:
    wizard("diagnose", f"127.0.0.1:{closed_port}")
    tape = tmp_path / "x.tape"
    tape.write_bytes(gzip.compress((sessions(home)[0] / "journal.jsonl").read_bytes()))
    assert wizard("replay", str(tape)).returncode == 3
