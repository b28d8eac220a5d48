"""What is read of the settings: how many at a time, for how long, how long idle."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.model.route import Place, Server
from wizard.runtimes.applications import gunicorn, java, node, puma, unicorn
from wizard.runtimes.applications.program import Program

SERVER = Server(name="127.0.0.1:8080", host="127.0.0.1", port=8080)


def program(folder: Path, *argv: str, **environment: str) -> Program:
    return Program(
        argv=list(argv), running=True, working_directory=str(folder), environment=environment
    )


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_gunicorn_closes_after_each_answer_unless_it_has_threads(tmp_path: Path) -> None:
    plain = gunicorn.read(program(tmp_path, "gunicorn", "shop:app"), SERVER)
    assert (plain.concurrency, plain.idle_seconds, plain.request_seconds) == (1, 0.0, 30.0)
    threads = gunicorn.read(program(tmp_path, "gunicorn", "--threads=8", "shop:app"), SERVER)
    assert (threads.concurrency, threads.idle_seconds) == (8, 2.0)


def test_gunicorns_command_line_wins_over_its_environment_and_its_file(tmp_path: Path) -> None:
    file = written(tmp_path, "gunicorn.conf.py", "timeout = 10\nkeepalive = 65\nworkers = 5\n")
    given = program(
        tmp_path, "gunicorn", "-t", "90", "shop:app", GUNICORN_CMD_ARGS="--timeout 20 --workers 7"
    )
    facts = gunicorn.read(given, SERVER)
    assert (facts.request_seconds, facts.workers_allowed) == (90.0, 7)
    assert facts.settings["keepalive"] == "65"
    assert facts.place == Place(str(file), 1)


def test_what_gunicorns_file_computes_is_unknown(tmp_path: Path) -> None:
    written(tmp_path, "gunicorn.conf.py", "timeout = 2 * 45\nerrorlog = 'log/error.log'\n")
    facts = gunicorn.read(program(tmp_path, "gunicorn", "shop:app"), SERVER)
    assert facts.request_seconds is None
    assert facts.log_files == [str(tmp_path / "log/error.log")]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("server.listen(3000);", 5.0),
        ("server.keepAliveTimeout = 65000;", 65.0),
        ("server.keepAliveTimeout = 61 * 1000", 61.0),
        ("http.createServer({ keepAliveTimeout: 30_000 }, app)", 30.0),
    ],
)
def test_nodes_idle_time_stands_in_its_script(tmp_path: Path, line: str, seconds: float) -> None:
    script = written(tmp_path, "server.js", f"const server = start();\n{line}\n")
    facts = node.read(program(tmp_path, "node", "-r", "dotenv/config", "server.js"), SERVER)
    assert facts.idle_seconds == seconds
    assert facts.place == Place(str(script), 1 if seconds == 5.0 else 2)


def test_the_idle_time_of_a_script_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    facts = node.read(program(tmp_path, "node", "gone.js"), SERVER)
    assert (facts.idle_seconds, facts.place) == (None, None)


def test_pumas_threads_and_workers(tmp_path: Path) -> None:
    written(
        tmp_path,
        "config/puma.rb",
        'threads_count = ENV.fetch("RAILS_MAX_THREADS") { 5 }\n'
        'threads ENV.fetch("MIN", 2), 16 # as many as the pool\n'
        'workers ENV.fetch("WEB_CONCURRENCY") { 3 }\n'
        "persistent_timeout 75\n",
    )
    facts = puma.read(program(tmp_path, "puma"), SERVER)
    assert (facts.workers_allowed, facts.concurrency, facts.idle_seconds) == (3, 16, 75.0)
    given = puma.read(program(tmp_path, "puma", "-w", "4", "-t", "1:8"), SERVER)
    assert (given.workers_allowed, given.concurrency) == (4, 8)


def test_a_unicorn_answers_one_request_a_worker(tmp_path: Path) -> None:
    written(tmp_path, "unicorn.rb", "worker_processes 6\ntimeout 30\n")
    facts = unicorn.read(program(tmp_path, "unicorn", "-c", "unicorn.rb"), SERVER)
    assert (facts.workers_allowed, facts.concurrency) == (6, 1)
    assert (facts.request_seconds, facts.idle_seconds) == (30.0, 0.0)


def test_the_connector_of_the_port_is_the_one_that_counts(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "conf/server.xml",
        '<Server>\n<!-- <Connector port="8080" maxThreads="9"/> -->\n'
        '<Connector port="8009" protocol="AJP/1.3" maxThreads="7"/>\n'
        '<Connector port="8080" protocol="HTTP/1.1"\n  maxThreads="50" keepAliveTimeout="75000"/>\n'
        "</Server>\n",
    )
    argv = ("java", f"-Dcatalina.base={tmp_path}", "org.apache.catalina.startup.Bootstrap", "start")
    facts = java.read(program(tmp_path, *argv), SERVER)
    assert (facts.concurrency, facts.idle_seconds, facts.place) == (50, 75.0, Place(str(path), 4))


def test_spring_boots_options_win_over_its_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "application.properties",
        "server.port=8080\nserver.tomcat.threads.max=50\nserver.tomcat.keep-alive-timeout=75s\n",
    )
    argv = ("java", "-jar", "shop.jar", "--server.tomcat.threads.max=20")
    facts = java.read(program(tmp_path, *argv), SERVER)
    assert (facts.concurrency, facts.idle_seconds, facts.place) == (20, 75.0, Place(str(path), 2))
