"""Finding, checking and dating instances of a real nginx."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crossplane.lexer  # noqa: F401 - an ordinary user may not be allowed to read it later
import msgspec
import pytest

from tests.proxies.nginx.own_nginx import PROGRAM, free_ports, running, wait_for, written
from wizard.model.evidence import Sighting
from wizard.proxies.facts import Check, Instance, Instances, Loaded
from wizard.proxies.looks import check, find, loaded, route
from wizard.proxies.nginx.config import forget

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to see the owners of sockets")


def site(port: int) -> str:
    return f"server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }}"


def found(url: str, config: str | None = None) -> Instances:
    facts = find(url=url, config=config).facts
    assert isinstance(facts, Instances)
    return facts


def judged(instance: Instance) -> tuple[Check, Sighting]:
    seen = check(instance=instance)
    assert isinstance(seen.facts, Check)
    return seen.facts, seen


def dated(instance: Instance) -> Loaded:
    facts = loaded(instance=instance).facts
    assert isinstance(facts, Loaded)
    return facts


def in_folder(folder: Path) -> Instance:
    """An instance that does not run, with its files in the folder."""
    return Instance(
        kind="nginx", running=False, config=str(folder / "nginx.conf"), prefix=str(folder),
        executable=PROGRAM, version="1.22.1", user="root",
    )  # fmt: skip


@as_root
def test_of_two_masters_the_one_that_holds_the_port_is_chosen(tmp_path: Path) -> None:
    one, other = free_ports(2)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    with (
        running(tmp_path / "one", site(one), one, workers=2) as first,
        running(tmp_path / "other", site(other), other) as second,
    ):
        for own, port, workers in ((first, one, 2), (second, other, 1)):
            facts = found(f"http://127.0.0.1:{port}/")
            assert facts.instance is not None
            assert facts.instance.pid == own.process.pid
            assert facts.instance.config == str(own.config)
            assert facts.instance.prefix == str(own.folder)
            assert set(facts.instance.worker_pids) == own.workers()
            assert len(facts.instance.worker_pids) == workers
            assert facts.instance.listens == [f"127.0.0.1:{port}"]
            assert facts.instance.version
            assert abs((facts.instance.started or 0) - time.time()) < 30
            assert (facts.serves, facts.listens_now, facts.other_owner) == (True, True, False)
            assert facts.port_owner == "nginx"
            assert len(facts.instances) >= 2


@as_root
def test_a_port_that_another_program_holds_is_told(tmp_path: Path) -> None:
    port, taken = free_ports(2)
    script = (
        f"import socket; s=socket.create_server(('127.0.0.1',{taken})); print(flush=True); input()"
    )
    holder = subprocess.Popen(
        ["python3", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with running(tmp_path, site(port), port):
            facts = found(f"http://127.0.0.1:{taken}/")
            assert (facts.listens_now, facts.other_owner) == (True, True)
            assert facts.port_owner is not None
            assert facts.port_owner.startswith("python")
    finally:
        holder.communicate(b"\n")


def test_nothing_listens_where_the_configuration_says(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    written(tmp_path, site(port))
    facts = found(f"http://127.0.0.1:{port}/", config=str(tmp_path / "nginx.conf"))
    assert (facts.found, facts.running, facts.serves) == (True, False, True)
    assert facts.listens_now is False


def test_a_single_process_without_workers_is_an_instance(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(tmp_path, site(port), port, main="master_process off;", workers=0) as own:
        facts = found(f"http://127.0.0.1:{port}/")
        assert facts.instance is not None
        assert (facts.instance.pid, facts.instance.worker_pids) == (own.process.pid, [])
        assert dated(facts.instance).stale is False


def test_a_good_configuration_passes_its_check(tmp_path: Path) -> None:
    written(tmp_path, site(free_ports(1)[0]))
    facts, seen = judged(in_folder(tmp_path))
    assert (facts.passes, facts.syntax_ok, facts.by) == (True, True, "check")
    assert seen.command.startswith("nginx -t -c ")


def test_a_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    config = written(tmp_path, "server { listen 127.0.0.1:1; lisen 2; }")
    facts, _ = judged(in_folder(tmp_path))
    assert (facts.passes, facts.syntax_ok) == (False, False)
    assert facts.message is not None
    assert 'unknown directive "lisen"' in facts.message
    assert facts.place is not None
    assert facts.place.file == str(config)
    assert "lisen" in config.read_text().split("\n")[facts.place.line - 1]


def test_a_name_that_is_not_found_is_told_apart_from_a_mistake(tmp_path: Path) -> None:
    proxy = "location / { proxy_pass http://app.invalid:3000; }"
    written(tmp_path, f"server {{ listen 127.0.0.1:{free_ports(1)[0]}; {proxy} }}")
    facts, _ = judged(in_folder(tmp_path))
    assert (facts.passes, facts.unresolved) == (False, "app.invalid")
    written(tmp_path, "server { listen 127.0.0.1:1; lisen 2; }")
    assert judged(in_folder(tmp_path))[0].unresolved == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("location / { return 200;", "end of file"), ("} }", "unexpected"),
     ("location / { proxy_pass http://x\n proxy_buffering on; }", "proxy_pass")],
)  # fmt: skip
def test_the_parser_finds_it_where_nginx_cannot_be_run(
    tmp_path: Path, wrong: str, said: str
) -> None:
    written(tmp_path, f"server {{ listen 127.0.0.1:1; {wrong} }}")
    instance = Instance(
        kind="nginx", running=False, config=str(tmp_path / "nginx.conf"), executable="/no/nginx"
    )
    facts, _ = judged(instance)
    assert (facts.passes, facts.by) == (False, "parser")
    assert said in (facts.message or "")


def test_an_edit_after_the_load_is_stale_until_the_reload(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    (tmp_path / "sites").mkdir()
    extra = tmp_path / "sites" / "a.conf"
    extra.write_text("")
    http = f"{site(port)}\ninclude sites/*.conf;"
    with running(tmp_path, http, port) as own:
        instance = found(f"http://127.0.0.1:{port}/").instance
        assert instance is not None
        assert dated(instance).stale is False
        wait_for(lambda: time.time() - (instance.started or 0) > 0.2, "a moment to pass")
        extra.write_text("# changed\n")
        facts = dated(instance)
        assert (facts.stale, facts.changed_files) == (True, [str(extra)])
        own.reload()
        assert dated(instance).stale is False
        added = tmp_path / "sites" / "b.conf"
        wait_for(lambda: time.time() - (dated(instance).loaded or 0) > 0.2, "a moment to pass")
        added.write_text("")
        assert dated(instance).changed_files == [str(added)]
        own.reload()
        wait_for(lambda: time.time() - (dated(instance).loaded or 0) > 0.2, "a moment to pass")
        added.unlink()
        assert dated(instance).changed_files == [str(tmp_path / "sites")]


def test_a_refused_reload_is_told_with_its_error(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(tmp_path, site(port), port) as own:
        instance = found(f"http://127.0.0.1:{port}/").instance
        assert instance is not None
        wait_for(lambda: time.time() - (instance.started or 0) > 0.2, "a moment to pass")
        own.config.write_text(own.config.read_text() + "nonsense on;\n")
        facts = dated(instance)
        assert (facts.stale, facts.reload_failed) == (True, False)
        own.process.send_signal(1)
        log = own.folder / "error.log"
        wait_for(lambda: "nonsense" in log.read_text(), "the refusal")
        facts = dated(instance)
        assert (facts.stale, facts.reload_failed) == (True, True)
        assert "nonsense" in (facts.reload_error or "")


def test_a_route_without_listener_is_absent(tmp_path: Path) -> None:
    one, other = free_ports(2)
    written(tmp_path, site(one))
    seen = route(instance=in_folder(tmp_path), url=f"http://127.0.0.1:{other}/")
    assert (seen.status, seen.facts is not None) == ("absent", True)


def test_a_configuration_that_is_not_here_is_unreadable(tmp_path: Path) -> None:
    seen = route(instance=in_folder(tmp_path), url="http://127.0.0.1/")
    assert seen.status == "unreadable"
    assert seen.remedy


@as_root
def test_an_ordinary_user_is_told_less_and_nothing_else() -> None:
    """A hidden folder, a pid file and sockets of others: unknown, never false."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "hidden").mkdir(mode=0o700)
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/"
    try:
        with running(folder, f"{site(port)}\ninclude hidden/*.conf;", port):
            root = found(url)
            seen = as_nobody(lambda: [found(url)])[0]
            assert root.instance is not None
            instance = msgspec.convert(seen, Instances).instance
            assert instance is not None
            assert (instance.pid, instance.config) == (root.instance.pid, root.instance.config)
            assert seen["serves"] is True
            assert seen["other_owner"] is not True
            forget()
            verdict, age, way = as_nobody(
                lambda: [check(instance=instance).facts, loaded(instance=instance).facts,
                         route(instance=instance, url=url).facts]
            )  # fmt: skip
            assert (verdict["passes"], verdict["syntax_ok"]) == (None, True)
            assert age["stale"] is None
            assert "not allowed to list" in way["unsettled"][0]
    finally:
        shutil.rmtree(folder)


def as_nobody(look: Callable[[], list[Any]]) -> list[dict[str, Any]]:
    """What the look comes to in a process that gave up root."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.write(writing, msgspec.json.encode(look()))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer: list[dict[str, Any]] = msgspec.json.decode(pipe.read())
    os.waitpid(child, 0)
    return answer
