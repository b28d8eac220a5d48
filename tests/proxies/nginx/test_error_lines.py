"""Lines that a real nginx wrote, and lines that were made to mislead."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.proxies.facts import ErrorLog, Instance
from wizard.proxies.looks import error_log
from wizard.proxies.nginx import error_line, error_phrases
from wizard.proxies.nginx.log_route import normal_path

TLS = "SSL_do_handshake() failed (SSL: error:0A0004{}) while SSL handshaking to upstream"
RECORDED: list[tuple[str, str, tuple[object, ...] | None]] = [
    ("error", "connect() failed (110: Connection timed out) while connecting to upstream",
     ("connect", "timed-out", 110)),
    ("error", "connect() failed (113: No route to host) while connecting to upstream",
     ("connect", "no-route", 113)),
    ("error", "connect() to 127.0.0.61:80 failed (101: Network is unreachable) while connecting "
     "to upstream", ("connect", "unreachable", 101)),
    ("crit", "connect() to 127.0.0.62:80 failed (22: Invalid argument) while connecting to "
     "upstream", ("connect", "unreachable", 22)),
    ("crit", "connect() to 127.0.0.60:80 failed (13: Permission denied) while connecting to "
     "upstream", ("connect", "denied", 13)),
    ("crit", "connect() to 127.0.0.1:19001 failed (99: Cannot assign requested address) while "
     "connecting to upstream", ("connect", "bad-address", 99)),
    ("alert", "socket() failed (24: Too many open files) while connecting to upstream",
     ("connect", "too-many-files", 24)),
    ("crit", "accept4() failed (24: Too many open files)", ("internal", "too-many-files", 24)),
    ("alert", "256 worker_connections are not enough", ("internal", "no-connections", None)),
    ("alert", "4 worker_connections are not enough while connecting to upstream",
     ("internal", "no-connections", None)),
    ("warn", "10 worker_connections are not enough, reusing connections", None),
    ("error", "upstream timed out (110: Connection timed out) while sending request to upstream",
     ("send", "timed-out", 110)),
    ("error", "upstream timed out (110: Connection timed out) while SSL handshaking to upstream",
     ("tls", "timed-out", 110)),
    ("error", "upstream timed out (110: Connection timed out) while reading upstream",
     ("read-body", "timed-out", 110)),
    ("info", "upstream timed out (110: Connection timed out) while proxying upgraded connection",
     ("read-body", "timed-out", 110)),
    ("error", "writev() failed (32: Broken pipe) while sending request to upstream",
     ("send", "reset", 32)),
    ("crit", TLS.format("58:SSL routines::tlsv1 unrecognized name:SSL alert number 112"),
     ("tls", "tls-failed", None)),
    ("error", TLS.format("2E:SSL routines::tlsv1 alert protocol version:SSL alert number 70"),
     ("tls", "tls-failed", None)),
    ("error", TLS.format("86:SSL routines::certificate verify failed"),
     ("tls", "certificate-untrusted", None)),
    ("error", "SSL_do_handshake() failed (104: Connection reset by peer) while SSL handshaking to "
     "upstream", ("tls", "reset", 104)),
    ("error", "peer closed connection in SSL handshake (104: Connection reset by peer) while SSL "
     "handshaking to upstream", ("tls", "reset", 104)),
    ("error", "upstream SSL certificate verify error: (10:certificate has expired) while SSL "
     "handshaking to upstream", ("tls", "certificate-expired", None)),
    ("error", "upstream SSL certificate verify error: (9:certificate is not yet valid) while SSL "
     "handshaking to upstream", ("tls", "certificate-other", None)),
    ("error", "upstream sent too large http2 frame: 4740180 while reading response header from "
     "upstream", ("read-header", "no-valid-header", None)),
    ("error", 'upstream sent duplicate header line: "Content-Length: 5", previous value: '
     '"Content-Length: 4" while reading response header from upstream',
     ("read-header", "wrong-length", None)),
    ("error", 'upstream sent invalid "Content-Length" header: "-5" while reading response header '
     "from upstream", ("read-header", "wrong-length", None)),
    ("warn", 'upstream sent more data than specified in "Content-Length" header while reading '
     "upstream", ("read-body", "wrong-length", None)),
    ("error", "upstream sent invalid chunked response while reading upstream",
     ("read-body", "invalid-chunked", None)),
    ("error", "writev() failed (32: Broken pipe) while sending request to upstream",
     ("send", "reset", 32)),
    ("error", "upstream timed out (110: Connection timed out) while sending request to upstream",
     ("send", "timed-out", 110)),
    ("error", "a.internal could not be resolved (2: Server failure)",
     ("resolve", "not-resolved", 2)),
    ("error", "recv() failed (111: Connection refused) while resolving, resolver: 127.0.0.11:53",
     ("resolve", "not-resolved", 111)),
    ("crit", 'pwritev() "/t/pt/0000000001" failed (28: No space left on device) while reading '
     "upstream", ("internal", "disk-full", 28)),
    ("crit", 'open() "/t/cbt/0000000003" failed (13: Permission denied)',
     ("internal", "denied", 13)),
    ("error", 'open() "/srv/www/x.html" failed (13: Permission denied)',
     ("internal", "forbidden", 13)),
    ("error", "auth request unexpected status: 502 while sending to client",
     ("internal", "auth-failed", None)),
    ("crit", "bind(10.77.0.5) failed (99: Cannot assign requested address) while connecting to "
     "upstream", ("connect", "no-source-address", 99)),
    ("warn", "upstream server temporarily disabled while connecting to upstream",
     ("select", "disabled", None)),
    ("warn", "an upstream response is buffered to a temporary file /t/pt/0000000001 while reading "
     "upstream", None),
    ("warn", 'delaying request, excess: 0.9, by zone "rl"', None),
    ("error", 'limiting requests, dry run, excess: 0.995 by zone "rl"', None),
    ("error", 'FastCGI sent in stderr: "Primary script unknown" while reading response header '
     "from upstream", ("read-header", "not-found", None)),
    ("error", 'FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Error: Call to '
     'undefined function f() in /p.php:1" while reading response header from upstream',
     ("read-header", "app-error", None)),
    ("error", 'FastCGI sent in stderr: "PHP message: PHP Warning:  x" while reading response '
     "header from upstream", None),
    ("info", "epoll_wait() reported that client prematurely closed connection, so upstream "
     "connection is closed too while sending request to upstream",
     ("client", "client-closed", None)),
    ("alert", "worker process 489 exited on signal 7", ("internal", "worker-crashed", 7)),
    ("alert", "worker process 52 exited on signal 11 (core dumped)",
     ("internal", "worker-crashed", 11)),
    ("alert", "worker process 52 exited on signal 9", ("other", "other", None)),
    ("emerg", 'host not found in upstream "app.internal" in /etc/nginx/nginx.conf:9',
     ("start", "not-resolved", None)),
    ("emerg", "bind() to 0.0.0.0:80 failed (98: Address already in use)",
     ("start", "address-in-use", 98)),
    ("emerg", 'unknown directive "prox_pass" in /etc/nginx/nginx.conf:12',
     ("start", "other", None)),
    ("error", 'open() "/srv/upstream timed out (110: x) while connecting to upstream" failed '
     "(2: No such file or directory)", ("internal", "not-found", 2)),
]  # fmt: skip


@pytest.mark.parametrize(("level", "message", "wanted"), RECORDED)
def test_each_phrase_has_its_meaning(
    level: str, message: str, wanted: tuple[object, ...] | None
) -> None:
    said = error_phrases.meaning(message, level)
    assert (said and (said.phase, said.failure, said.errno)) == wanted


def stamp(at: float) -> str:
    return time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(at))


def line(
    message: str = "connect() failed (111: Connection refused) while connecting to upstream",
    *, at: float | None = None, level: str = "error", connection: int = 3,
    client: str = "127.0.0.1", server: str = "shop", request: str = "GET / HTTP/1.1",
    upstream: str = "http://127.0.0.1:3000/", host: str = "shop", more: str = "",
) -> str:  # fmt: skip
    text = f"{stamp(at or time.time())} [{level}] 7#7: *{connection} {message}, client: {client}"
    text += f', server: {server}, request: "{request}"'
    text += f', upstream: "{upstream}"' if upstream else ""
    return text + (f', host: "{host}"' if host else "") + more


def log(
    tmp_path: Path, *lines: str | bytes, level: str = "error", asked_at: float | None = None,
    url: str = "http://shop/",
) -> Sighting:  # fmt: skip
    path = tmp_path / "error.log"
    raw = [text.encode() if isinstance(text, str) else text for text in lines]
    path.write_bytes(b"".join(text + b"\n" for text in raw))
    server = Server(name="127.0.0.1:3000", host="127.0.0.1", port=3000)
    route = Route(
        found=True, location="/", server_names=["shop"], servers=[server], upstream="app",
        error_logs=[str(path)], error_log_level=level,
    )  # fmt: skip
    proxy = Instance(kind="nginx", running=True)
    return error_log(instance=proxy, route=route, asked_at=asked_at, url=url)


def facts(found: Sighting) -> ErrorLog:
    assert isinstance(found.facts, ErrorLog), found
    return found.facts


def test_raw_bytes_and_newlines_inside_an_entry_stay_in_it(tmp_path: Path) -> None:
    broken = (stamp(time.time()) + ' [error] 7#7: *4 broken header: "GET / HTTP/1.0').encode()
    found = facts(log(tmp_path, line(), broken, b"Host: \x1b[31m\xff", b'" x', line(connection=9)))
    assert found.count == 2
    assert found.last is not None
    entries = error_line.entries((tmp_path / "error.log").read_bytes())
    assert entries[1].endswith(b'Host: \x1b[31m\xff\n" x')
    assert all("\x1b" not in entry.message for entry in found.recent)


def test_a_foreign_line_in_the_log_does_not_hide_the_entry_before_it(tmp_path: Path) -> None:
    found = facts(log(tmp_path, line(), "Starting nginx.service", "", asked_at=time.time()))
    assert found.count == 1
    assert found.request_upstream == "127.0.0.1:3000"


def test_a_line_that_stands_in_two_logs_counts_once(tmp_path: Path) -> None:
    paths = [tmp_path / "a.log", tmp_path / "b.log"]
    for path in paths:
        path.write_text(line() + "\n")
    route = Route(
        found=True, location="/", server_names=["shop"], error_logs=[str(path) for path in paths]
    )
    found = facts(
        error_log(instance=Instance(kind="nginx", running=True), route=route, url="http://shop/")
    )
    assert found.count == 1
    assert found.paths == [str(path) for path in paths]


def test_a_request_cannot_pretend_to_be_about_another_upstream() -> None:
    evil = 'GET /", upstream: "http://9.9.9.9:1/ HTTP/1.1'
    parts = error_line.read(line(request=evil).encode())
    assert parts is not None
    assert parts.upstream == b"http://127.0.0.1:3000/"
    parts = error_line.read(line(request=evil, upstream="").encode())
    assert parts is not None
    assert (parts.upstream, parts.host) == (b"", b"shop")


def test_a_referrer_cannot_pretend_to_be_a_host() -> None:
    evil = ', referrer: "x", upstream: "http://9.9.9.9:1/", host: "other"'
    for upstream in ("http://127.0.0.1:3000/", ""):
        parts = error_line.read(line(upstream=upstream, more=evil).encode())
        assert parts is not None
        assert (parts.upstream.decode(), parts.host) == (upstream, b"shop")


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("http://127.0.0.1:3000/a:b", ("http", "127.0.0.1:3000")),
        ("https://[::1]:443/", ("https", "[::1]:443")),
        ("http://unix:/run/app.sock:/x", ("http", "unix:/run/app.sock")),
        ("fastcgi://unix:/run/php.sock:", ("fastcgi", "unix:/run/php.sock")),
        ("grpc://127.0.0.1:50051", ("grpc", "127.0.0.1:50051")),
        ("http://pool/", ("http", "pool")),
    ],
)
def test_upstreams_are_split(written: str, wanted: tuple[str, str]) -> None:
    assert error_line.split_upstream(written) == wanted


def test_lines_of_other_virtual_hosts_and_servers_are_not_counted(tmp_path: Path) -> None:
    other = {"server": "blog", "host": "blog", "upstream": "http://127.0.0.1:4000/"}
    found = facts(log(tmp_path, line(), line(**other), line(request="GET /x HTTP/1.1", **other)))
    assert (found.count, found.unmatched) == (1, 2)


def test_an_address_that_only_the_running_workers_know_is_seen(tmp_path: Path) -> None:
    found = facts(log(tmp_path, line(upstream="http://127.0.0.1:4000/")))
    assert found.upstreams == ["127.0.0.1:4000"]
    assert found.count == 1


def test_the_wizards_request_is_told_from_a_strangers(tmp_path: Path) -> None:
    now = time.time()
    mine = line(at=now, connection=8)
    strangers = [line(at=now, connection=9, client="203.0.113.9"),
                 line(at=now - 30, connection=2)]  # fmt: skip
    found = facts(log(tmp_path, *strangers, asked_at=now))
    assert found.request_seen is False
    found = facts(log(tmp_path, *strangers, mine, asked_at=now))
    assert found.request_seen is True
    assert found.request_line is not None
    assert "*8 " in found.request_line


def test_a_server_that_was_taken_out_is_no_failure_of_its_own(tmp_path: Path) -> None:
    disabled = line("upstream server temporarily disabled while connecting to upstream",
                    level="warn")  # fmt: skip
    found = facts(log(tmp_path, line(), disabled))
    assert (found.count, found.failures) == (1, ["refused"])
    assert found.disabled == ["127.0.0.1:3000"]


def test_a_failed_start_is_kept_apart(tmp_path: Path) -> None:
    start = f"{stamp(time.time())} [emerg] 9#9: bind() to 0.0.0.0:80 failed (98: Address in use)"
    found = facts(log(tmp_path, start))
    assert (found.count, found.failures, found.phases) == (0, [], ["start"])
    assert found.start_failure == "address-in-use"


def test_a_level_that_hides_failures_is_no_proof_of_health(tmp_path: Path) -> None:
    found = log(tmp_path, level="crit")
    assert found.status == "unreadable"
    assert facts(found).level_hides is True
    assert log(tmp_path, level="error").status == "absent"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("/dev/null", "nothing is logged"),
        ("/dev/stderr", "output of the process"),
        ("stderr", "output of the process"),
        ("syslog:server=10.0.0.1:514", "goes to syslog"),
        ("memory:32m", "memory"),
        ("/nowhere/error.log", "missing"),
    ],
)
def test_logs_that_cannot_be_read_say_why(written: str, words: str) -> None:
    proxy = Instance(kind="nginx", running=True)
    found = error_log(
        instance=proxy, route=Route(found=True, error_logs=[written]), asked_at=time.time()
    )
    assert found.status == "unreadable"
    assert words in found.reason
    assert facts(found).request_seen is None
    assert facts(found).count is None


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a?b=/../c", "/a"), ("/a%20b", "/a b"), ("//a///b", "/a/b"), ("/a/../b/./c", "/b/c"),
        ("/a/..", "/"), ("/../x", "/x"), ("http://h/x?y", "/x"), ("/a/.", "/a/"),
    ],
)  # fmt: skip
def test_paths_are_compared_as_nginx_sees_them(target: str, path: str) -> None:
    assert normal_path(target) == path


@pytest.mark.parametrize(
    ("level", "message", "kind"),
    [
        ("crit", 'pwritev() "/t/body/0000000001" failed (28: No space left on device)',
         "request-body"),
        ("crit", 'pwritev() "/t/proxy/1/00/0000000001" failed (28: No space left on device) while '
         "reading upstream", "answer"),
        ("crit", 'open() "/t/body/0000000003" failed (13: Permission denied)', "request-body"),
        ("alert", "socket() failed (24: Too many open files) while connecting to upstream",
         "descriptors"),
        ("alert", "24 worker_connections are not enough while connecting to upstream",
         "connections"),
        ("error", 'open() "/srv/www/x.html" failed (13: Permission denied)', None),
    ],
)  # fmt: skip
def test_what_the_proxy_itself_lacked(
    tmp_path: Path, level: str, message: str, kind: str | None
) -> None:
    found = facts(log(tmp_path, line(message, level=level)))
    assert found.shortage_kind == kind
    assert (found.shortage_words == message) is (kind is not None)
