"""The trial on a copy, with the real nginx: what it says, and that the live files stay alone."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.proxies.nginx.test_instances import as_nobody, as_root
from wizard.fixes.edits import replace_in, set_in
from wizard.fixes.patch import unified
from wizard.fixes.trial import Trial, text_of, tried
from wizard.probes.run import program_path
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.build import build

pytestmark = pytest.mark.skipif(program_path("nginx") is None, reason="nginx is not installed")

MAIN = """\
user {user};
worker_processes 1;
pid {folder}/live.pid;
error_log {folder}/logs/error.log;
events {{}}
http {{
    access_log {folder}/logs/access.log;
    include sites/*.conf;
    include {folder}/extra.conf;
    server {{
        listen 443 ssl;
        ssl_certificate tls/site.pem;
        ssl_certificate_key tls/site.key;
    }}
}}
"""
SITE = """\
server {
    listen 80;
    listen unix:/run/wizard-trial-never-made.sock;
    location / {
        proxy_pass http://127.0.0.1:3000;
    }
}
"""


@pytest.fixture
def live() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "sites").mkdir()
        (folder / "tls").mkdir()
        user = "www-data" if os.geteuid() == 0 else ""
        main = MAIN.format(folder=folder, user=user)
        (folder / "nginx.conf").write_text(main if user else main.partition("\n")[2])
        (folder / "sites/shop.conf").write_text(SITE)
        (folder / "extra.conf").write_text("map $http_upgrade $wanted { default close; }\n")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "9", "-subj", "/CN=x", "-keyout", folder / "tls/site.key",
             "-out", folder / "tls/site.pem"], check=True, capture_output=True,
        )  # fmt: skip
        yield folder


def instance(folder: Path) -> Instance:
    path = program_path("nginx")
    assert path is not None
    made = build(path)
    return Instance(
        kind="nginx", running=True, config=f"{folder}/nginx.conf", prefix=str(folder),
        executable=path, version=made.version if made else None,
    )  # fmt: skip


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def test_a_good_edit_passes_and_the_live_files_stay_alone(live: Path) -> None:
    site = str(live / "sites/shop.conf")
    edited = set_in(
        replace_in(SITE, 5, "127.0.0.1:3000", "127.0.0.1:3001"), 4, "proxy_read_timeout", "90s"
    )
    before = state(live)
    assert tried(instance(live), {site: edited}) == Trial(True)
    assert state(live) == before
    assert not Path("/run/wizard-trial-never-made.sock").exists()


def test_a_bad_edit_is_told_with_the_live_files_name(live: Path) -> None:
    site = str(live / "sites/shop.conf")
    told = tried(instance(live), {site: set_in(SITE, 4, "proxy_read_timeout", "soon")})
    assert told.passes is False
    assert told.message == f'"proxy_read_timeout" directive invalid value in {site}:6'


def test_a_file_that_is_a_link_is_edited_where_it_lies(live: Path) -> None:
    (live / "available").mkdir()
    (live / "sites/shop.conf").rename(live / "available/shop")
    (live / "sites/shop.conf").symlink_to("../available/shop")
    told = tried(instance(live), {str(live / "available/shop"): SITE.replace("3000", "70000")})
    assert told.passes is False
    assert "invalid port" in told.message


def test_a_fault_that_was_there_before_is_no_verdict_on_the_edit(live: Path) -> None:
    (live / "extra.conf").write_text("maap $a $b {}\n")
    told = tried(instance(live), {str(live / "sites/shop.conf"): SITE.replace("3000", "3001")})
    assert told.passes is None
    assert "with and without the change" in told.message


def test_an_edit_that_mends_the_fault_passes(live: Path) -> None:
    (live / "extra.conf").write_text("maap $a $b {}\n")
    assert tried(instance(live), {str(live / "extra.conf"): ""}).passes is True


@as_root
def test_an_ordinary_user_is_told_what_could_not_be_read(live: Path) -> None:
    """A privileged port is no reason, a private key is."""
    (live / "tls/site.key").chmod(0o600)
    site, edited = str(live / "sites/shop.conf"), SITE.replace("3000", "3001")
    [told] = as_nobody(lambda: [msgspec.to_builtins(tried(instance(live), {site: edited}))])  # type: ignore[misc]
    assert told["passes"] is None  # type: ignore[index]
    assert "site.key" in told["message"]  # type: ignore[index]
    (live / "tls/site.key").chmod(0o644)
    [told] = as_nobody(lambda: [msgspec.to_builtins(tried(instance(live), {site: edited}))])  # type: ignore[misc]
    assert told["passes"] is True, told  # type: ignore[index]


def test_bytes_that_are_no_utf_8_survive(live: Path) -> None:
    path = live / "sites/shop.conf"
    path.write_bytes(b"# caf\xe9\r\n" + SITE.encode())
    edited = replace_in(text_of(str(path)), 6, "127.0.0.1:3000", "127.0.0.1:3001")
    assert tried(instance(live), {str(path): edited}).passes is True
    assert edited.encode("utf-8", "surrogateescape").startswith(b"# caf\xe9\r\n")


@pytest.mark.parametrize("text", [SITE, SITE.rstrip("\n"), SITE.replace("\n", "\r\n")])
def test_patch_takes_the_diff(tmp_path: Path, text: str) -> None:
    (tmp_path / "etc").mkdir()
    file = tmp_path / "etc/site.conf"
    file.write_bytes(text.encode())
    edited = set_in(
        replace_in(text, 5, "127.0.0.1:3000", "[::1]:3000"), 4, "proxy_buffering", "off"
    )
    diff = unified("/etc/site.conf", text, edited)
    for argv in (
        ["patch", "-p0", "--binary", "-d", str(tmp_path)],
        ["patch", "-R", "-p0", "--binary", "-d", str(tmp_path)],
    ):
        if program_path("patch") is None and not Path("/usr/bin/patch").exists():
            pytest.skip("patch is not installed")
        subprocess.run(argv, input=diff.encode(), check=True, capture_output=True)
        wanted = text if "-R" in argv else edited
        assert file.read_bytes() == wanted.encode()


def test_git_takes_the_diff(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    file = tmp_path / "etc/site.conf"
    file.write_text(SITE)
    edited = SITE.replace("3000", "3001")
    diff = unified("/etc/site.conf", SITE, edited)
    subprocess.run(["git", "apply", "-p0"], input=diff.encode(), cwd=tmp_path, check=True)
    assert file.read_text() == edited
