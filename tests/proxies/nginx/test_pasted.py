"""Pasted lines of nginx's error log, and the pasted output of a real `nginx -t`."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from wizard.model.route import Route
from wizard.proxies import looks
from wizard.proxies.facts import Check, ErrorLog, Instance

INSTANCE = Instance(kind="nginx", running=True, config="/etc/nginx/nginx.conf")
ROUTE = Route(
    found=True,
    proxy="nginx",
    server_names=["shop.example.com"],
    location="/",
    action="proxy",
    passed_by="proxy_pass",
    servers=[],
    error_logs=["/var/log/nginx/error.log"],
    error_log_level="error",
)
URL = "http://shop.example.com/"


def line(at: float, message: str = "connect() failed (111: Connection refused)") -> str:
    stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(at))
    return (
        f"{stamp} [error] 84#84: *11 {message} while connecting to upstream, client: 127.0.0.1, "
        'server: shop.example.com, request: "GET / HTTP/1.1", '
        'upstream: "http://127.0.0.1:3100/", host: "shop.example.com"'
    )


def pasted(text: str, asked_at: float | None):  # type: ignore[no-untyped-def]
    assert looks.error_log.paste is not None
    return looks.error_log.paste.read(
        text=text, instance=INSTANCE, route=ROUTE, asked_at=asked_at, url=URL
    )


def test_pasted_lines_are_read_as_those_of_the_log() -> None:
    now = time.time()
    old, fresh = line(now - 7200), line(now)
    seen = pasted(f"{old}\n{fresh}\n", now - 0.5)
    facts = seen.facts
    assert isinstance(facts, ErrorLog)
    assert (facts.count, facts.failures, facts.request_seen) == (1, ["refused"], True)
    assert facts.request_upstream == "127.0.0.1:3100"
    assert facts.paths == ["pasted"]
    assert seen.reading.startswith("1 x refused (connect)")


def test_lines_with_the_tag_of_a_relay_are_read_too() -> None:
    now = time.time()
    seen = pasted(f"Nov 21 03:12:44 web1 nginx[84]: {line(now)}\n", now - 0.5)
    assert seen.facts.request_seen is True


def test_a_text_that_ends_before_the_request_says_nothing_of_it() -> None:
    now = time.time()
    facts = pasted(f"{line(now - 60)}\n", now).facts
    assert (facts.count, facts.request_seen, facts.request_failures) == (1, None, None)


def test_other_text_is_not_understood_and_says_what_to_paste() -> None:
    seen = pasted("tail: cannot open '/var/log/nginx/error.log': Permission denied\n", None)
    assert (seen.status, seen.facts) == ("unparsed", None)
    assert seen.remedy == "sudo tail -n 5000 /var/log/nginx/error.log"


@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="no nginx")
@pytest.mark.parametrize(
    ("body", "passes"), [("", True), ("proxi_pass http://x;", False), ("listen 1", False)]
)
def test_the_output_of_a_real_check_is_its_verdict(body: str, passes: bool, tmp_path: Path) -> None:
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n  {body}\n}}\n")
    said = subprocess.run(
        ["/usr/sbin/nginx", "-t", "-c", str(config), "-e", "stderr"], capture_output=True, text=True
    )
    assert looks.check.paste is not None
    facts = looks.check.paste.read(text=said.stderr, instance=INSTANCE).facts
    assert isinstance(facts, Check)
    assert facts.passes is passes
    if not passes:
        assert facts.place is not None
        assert facts.place.file == str(config)


def test_what_is_no_check_is_not_understood() -> None:
    assert looks.check.paste is not None
    seen = looks.check.paste.read(text="sudo: nginx: command not found\n", instance=INSTANCE)
    assert seen.status == "unparsed"
    assert seen.remedy == "sudo nginx -t -c /etc/nginx/nginx.conf"
