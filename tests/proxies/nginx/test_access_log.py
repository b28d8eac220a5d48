"""Access logs in the formats that nginx writes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.proxies.facts import AccessLog, Instance
from wizard.proxies.looks import access_log
from wizard.proxies.nginx.access_format import COMBINED, AccessClock, compiled

UPSTREAMS = (
    '$remote_addr "$request" $status us=$upstream_status ua=$upstream_addr '
    "rt=$request_time [$time_iso8601] $server_name"
)
AS_JSON = (
    'escape=json {"t":"$msec","r":"$request_uri","s":$status,"us":"$upstream_status",'
    '"ua":"$upstream_addr","agent":"$http_user_agent"}'
)
PROXY = Instance(kind="nginx", running=True)


def local(at: float) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at))


def combined(at: float, path: str, status: int, agent: str = "curl/8.1") -> str:
    return f'127.0.0.1 - - [{local(at)}] "GET {path} HTTP/1.1" {status} 157 "-" "{agent}"'


def seen(
    tmp_path: Path, lines: list[str], *, form: str = "", location: str = "/",
    asked_at: float | None = None, url: str | None = None, names: tuple[str, ...] = (),
) -> Sighting:  # fmt: skip
    path = tmp_path / "access.log"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("latin-1"))
    route = Route(
        found=True, location=location, access_logs=[str(path)], access_log_format=form,
        server_names=list(names),
    )  # fmt: skip
    return access_log(instance=PROXY, route=route, asked_at=asked_at, url=url)


def facts(found: Sighting) -> AccessLog:
    assert isinstance(found.facts, AccessLog), found
    return found.facts


def test_statuses_are_counted_by_minute(tmp_path: Path) -> None:
    now = time.time()
    lines = [combined(now - 1200, "/", 502), combined(now - 200, "/", 200)]
    lines += [
        combined(now - 70, "/", 502),
        combined(now - 2, "/x", 504),
        combined(now - 1, "/", 502),
    ]
    found = facts(seen(tmp_path, lines))
    assert found.statuses == {"200": 1, "502": 2, "504": 1}
    assert (found.count, found.count_5xx) == (4, 3)
    assert len(found.per_minute_5xx) == 15
    assert sum(found.per_minute_5xx) == 3
    assert sum(found.per_minute_5xx[-2:]) == 3
    assert found.last_ok_at == pytest.approx(now - 200, abs=1)
    assert found.has_upstream_status is False
    assert found.request_upstream_status is None


def test_only_the_routes_path_counts(tmp_path: Path) -> None:
    now = time.time()
    lines = [combined(now - 5, "/api/x", 502), combined(now - 4, "/", 502)]
    found = facts(seen(tmp_path, lines, location="/api/"))
    assert (found.count, found.matched_by) == (1, "path prefix")


def test_servers_are_told_apart_where_the_format_has_them(tmp_path: Path) -> None:
    now = time.time()
    iso = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now - 3))
    line = (
        f'127.0.0.1 "GET / HTTP/1.1" 200 us=502, 200 ua=10.0.0.1:80, 10.0.0.2:80 '
        f"rt=0.001 [{iso}] shop.example.com"
    )
    other = line.replace("shop.", "blog.")
    found = facts(seen(tmp_path, [line, other], form=UPSTREAMS, names=("shop.example.com",)))
    assert found.count == 1
    assert found.upstream_5xx == {"10.0.0.1:80": 1}
    assert found.matched_by == "virtual host and path prefix"


def test_the_wizards_own_request_is_found_in_json(tmp_path: Path) -> None:
    now = time.time()

    def line(status: int, agent: str, path: str = "/a?b=1") -> str:
        return (
            f'{{"t":"{now:.3f}","r":"{path}","s":{status},"us":"{status}",'
            f'"ua":"unix:/run/app.sock","agent":"{agent}"}}'
        )

    lines = [line(502, "gateway-wizard/0.1"), line(200, 'Mozilla \\"x\\" 5.0')]
    found = facts(
        seen(tmp_path, lines, form=AS_JSON, asked_at=now - 0.2, url="http://127.0.0.1/a?b=1")
    )
    assert found.request_seen is True
    assert (found.request_status, found.request_upstream_status) == (502, "502")
    assert found.request_upstream_addr == "unix:/run/app.sock"
    assert found.count == 2


def test_an_answer_that_reached_no_server_has_a_dash(tmp_path: Path) -> None:
    now = time.time()
    iso = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now))
    line = f'127.0.0.1 "GET / HTTP/1.1" 503 us=- ua=- rt=0.000 [{iso}] '
    found = facts(seen(tmp_path, [line], form=UPSTREAMS, asked_at=now - 1, url="http://127.0.0.1/"))
    assert found.request_upstream_status == "-"


def test_binary_lines_and_a_format_that_does_not_fit(tmp_path: Path) -> None:
    now = time.time()
    strange = ["\x16\x03\x01\x00\xff", "no such format", ""]
    assert facts(seen(tmp_path, [*strange, combined(now, "/", 502)])).count == 1
    assert seen(tmp_path, strange).status == "unparsed"
    assert seen(tmp_path, ["200"], form="$status").status == "unparsed"


def test_a_quiet_log_is_absent_and_a_missing_one_unreadable(tmp_path: Path) -> None:
    assert seen(tmp_path, []).status == "absent"
    route = Route(found=True, access_logs=[str(tmp_path / "none.log")])
    found = access_log(instance=PROXY, route=route)
    assert found.status == "unreadable"
    assert "missing" in found.reason


def test_the_predefined_format_reads_its_own_lines() -> None:
    form = compiled("combined")
    assert form == compiled("") == compiled(COMBINED)
    assert form is not None
    found = form.pattern.match(combined(0, "/a b", 404).encode())
    assert found is not None
    assert AccessClock().at(found["time_local"]) == 0
    assert found["request"] == b"GET /a b HTTP/1.1"


@pytest.mark.parametrize(
    "text", [b"1970-01-01T01:00:00+01:00", b"01/Jan/1970:02:00:00 +0200", b"1970-01-01T00:00:00Z"]
)
def test_every_time_carries_its_zone(text: bytes) -> None:
    assert AccessClock().at(text) == 0
