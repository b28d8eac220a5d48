"""Asking servers that answer, fail, hang and speak something else."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.probes.loopback import (
    answering,
    at,
    certificate,
    closing,
    full_queue,
    greeting,
    over_tls,
    resetting,
    route,
    serving,
    silent,
    unix,
    unused_port,
)
from wizard.model.route import Route, Server
from wizard.probes.first_bytes import spoken
from wizard.probes.http import Asked, Front, ask, front

OK = (
    b"HTTP/1.1 200 OK\r\nServer: app/1\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
    b"hello"
)


def fastcgi_answer(stdout: bytes, stderr: bytes = b"") -> bytes:
    """Records of an answer: what went wrong, header and body, the end of the request."""
    records = [(7, stderr)] * bool(stderr) + [(6, stdout)] * bool(stdout) + [(3, bytes(8))]
    return b"".join(
        bytes((1, kind, 0, 1, *len(content).to_bytes(2, "big"), 0, 0)) + content
        for kind, content in records
    )


def asked(server: Server, way: Route | None = None, limit: float = 0.4) -> Asked:
    sighting = ask(server=server, route=way or route(), limit=limit)
    assert isinstance(sighting.facts, Asked)
    assert sighting.command.startswith("curl ")
    assert sighting.reading
    return sighting.facts


def fronted(url: str, **parameters: Any) -> Front:
    sighting = front(url=url, **parameters)
    assert isinstance(sighting.facts, Front)
    assert sighting.reading
    return sighting.facts


class TestAskingAServer:
    def test_it_answers(self) -> None:
        with serving(answering(OK)) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.status, facts.speaks) == ("answered", 200, "http")
        assert (facts.server, facts.content_type) == ("app/1", "text/plain")
        assert facts.header_bytes == OK.index(b"hello")
        assert (facts.body_bytes, facts.body_start, facts.body_complete) == (5, "hello", True)
        assert facts.www_authenticate is False
        assert facts.address == f"127.0.0.1:{running.port}"

    def test_it_gets_what_the_proxy_would_send(self) -> None:
        seen: list[bytes] = []
        way = route(upstream_uri="/a b?c=é", host_header="shop.example", http_version="1.1")
        with serving(answering(OK, seen)) as running:
            asked(running.server(), way)
        lines = seen[0].split(b"\r\n")
        assert lines[0] == b"GET /a%20b?c=%C3%A9 HTTP/1.1"
        assert b"Host: shop.example" in lines
        assert b"Connection: close" in lines

    def test_http_1_0_and_the_address_as_host_are_the_default(self) -> None:
        seen: list[bytes] = []
        with serving(answering(OK, seen)) as running:
            asked(running.server(), route(host_header="$unknown"))
            host = f"Host: 127.0.0.1:{running.port}".encode()
        assert seen[0].startswith(b"GET / HTTP/1.0\r\n")
        assert host in seen[0]

    @pytest.mark.parametrize("uri", ["/x\r\nEvil: 1", "/x HTTP/1.1\r\n\r\nGET /y"])
    def test_nothing_can_be_smuggled_into_the_request(self, uri: str) -> None:
        seen: list[bytes] = []
        with serving(answering(OK, seen)) as running:
            asked(running.server(), route(upstream_uri=uri, host_header="a\r\nEvil: 2"))
        assert b"\nEvil" not in seen[0]
        assert seen[0].count(b"\r\n\r\n") == 1

    def test_a_refused_connection(self) -> None:
        facts = asked(at(unused_port()))
        assert (facts.outcome, facts.speaks) == ("refused", None)
        assert facts.reason == "Connection refused (111)"

    def test_a_connection_that_is_not_accepted(self) -> None:
        way = route(connect_timeout=0.2)
        with full_queue() as listener:
            facts = asked(at(listener.getsockname()[1]), way)
        assert facts.outcome == "timed-out-connecting"

    def test_no_answer_within_the_limit(self) -> None:
        with serving(silent) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.waited, facts.speaks) == ("timed-out", 0.4, "nothing")
        assert facts.seconds == pytest.approx(0.4, abs=0.1)

    def test_it_waits_no_longer_than_the_proxy_would(self) -> None:
        with serving(silent) as running:
            facts = asked(running.server(), route(read_timeout=0.1), limit=5)
        assert (facts.outcome, facts.waited) == ("timed-out", 0.1)

    def test_a_header_that_begins_and_does_not_end(self) -> None:
        with serving(greeting(b"HTTP/1.1 200 OK\r\nServer: app")) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.status, facts.speaks) == ("timed-out", None, "http")

    def test_closed_before_an_answer(self) -> None:
        with serving(closing) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.speaks) == ("closed", "nothing")

    def test_reset_before_an_answer(self) -> None:
        with serving(resetting) as running:
            assert asked(running.server()).outcome == "reset"

    def test_at_most_four_connections(self) -> None:
        count = 0

        def counting(connection: socket.socket) -> None:
            nonlocal count
            count += 1
            closing(connection)

        with serving(counting) as running:
            asked(running.server())
        assert count <= 4

    def test_the_size_of_a_big_header_is_told(self) -> None:
        header = b"HTTP/1.0 200 OK\r\nSet-Cookie: " + b"x" * 20_000 + b"\r\n\r\n"
        with serving(answering(header)) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.header_bytes) == ("answered", len(header))

    def test_a_header_without_end(self) -> None:
        with serving(answering(b"HTTP/1.0 200 OK\r\nX: " + b"x" * 300_000)) as running:
            assert asked(running.server(), limit=5).outcome == "too-big"

    def test_a_body_that_breaks_off(self) -> None:
        with serving(answering(OK[:-2])) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.body_bytes, facts.body_complete) == ("answered", 3, False)

    def test_chunks_are_put_together(self) -> None:
        answer = (
            b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        with serving(answering(answer)) as running:
            facts = asked(running.server())
        assert (facts.status, facts.body_start, facts.body_complete) == (500, "abcde", True)

    def test_control_characters_of_the_server_do_nothing(self) -> None:
        answer = b"HTTP/1.0 200 OK\r\nServer: \x1b[2Jx\r\n\r\n\x1b]0;evil\x07"
        with serving(answering(answer)) as running:
            sighting = ask(server=running.server(), route=route())
        assert isinstance(sighting.facts, Asked)
        assert "\x1b" not in repr(sighting.facts).replace("\\x1b", "")
        assert "\x1b" not in sighting.raw

    def test_a_unix_socket(self, tmp_path: Path) -> None:
        path = tmp_path / "app.sock"
        assert asked(unix(path)).outcome == "no-file"
        path.touch()
        assert asked(unix(path)).outcome == "not-a-socket"
        path.unlink()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        with serving(answering(OK), listener=listener):
            facts = asked(unix(path))
        assert (facts.outcome, facts.address) == ("answered", f"unix:{path}")
        assert asked(unix(path)).outcome == "refused"

    def test_a_name_is_tried_address_by_address(self) -> None:
        with serving(answering(OK)) as running:
            facts = asked(running.server(host="localhost"))
        assert (facts.outcome, facts.address) == ("answered", f"127.0.0.1:{running.port}")

    def test_a_name_that_does_not_resolve(self) -> None:
        server = Server(name="nowhere.invalid:80", host="nowhere.invalid", port=80, is_name=True)
        assert asked(server).outcome == "name-failed"


class TestWhatIsSpokenThere:
    @pytest.mark.parametrize(
        ("banner", "speaks"),
        [
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", "ssh"),
            (b"220 mail.example ESMTP Postfix\r\n", "smtp"),
            (b"220 ProFTPD Server (ftp)\r\n", "ftp"),
            (b"-ERR unknown command 'GET'\r\n", "redis"),
            (b"J\0\0\0\x0a8.0.36\0" + b"x" * 60, "mysql"),
            (b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64", "http2"),
            (b"E\0\0\0\x8dSFATAL\0VFATAL\0", "postgres"),
            (b"hello there\n", "unknown"),
        ],
    )
    def test_another_protocol_is_recognised_by_its_first_bytes(
        self, banner: bytes, speaks: str
    ) -> None:
        with serving(greeting(banner)) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.speaks) == ("not-http", speaks)
        assert facts.first_bytes

    def test_nothing(self) -> None:
        assert spoken(b"") == "nothing"

    def test_tls_behind_a_plain_route(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "localhost").context()
        with serving(over_tls(context, answering(OK))) as running:
            facts = asked(running.server())
        assert facts.outcome in ("not-http", "closed", "reset")
        assert (facts.speaks, facts.tls_status) == ("tls", 200)

    def test_a_tls_server_that_answers_plain_http_with_400(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "localhost").context()
        said = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
        with serving(answering(said), over_tls(context, answering(OK))) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.status) == ("answered", 400)
        assert (facts.speaks, facts.tls_status) == ("tls", 200)

    def test_an_ordinary_400_is_not_asked_again(self) -> None:
        with serving(answering(b"HTTP/1.0 400 Bad Request\r\n\r\nno"), resetting) as running:
            facts = asked(running.server())
        assert (facts.status, facts.speaks, facts.tls_status) == (400, "http", None)

    def test_plain_http_behind_a_tls_route(self) -> None:
        with serving(answering(OK)) as running:
            facts = asked(running.server("https"))
        assert (facts.outcome, facts.speaks, facts.plain_status) == ("tls-failed", "http", 200)

    def test_fastcgi_behind_a_plain_route(self) -> None:
        def records(connection: socket.socket) -> None:
            if connection.recv(65536)[:2] == b"\x01\x01":
                connection.sendall(fastcgi_answer(b"Status: 404 Not Found\r\n\r\n"))

        with serving(records) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.speaks, facts.other_status) == ("closed", "fastcgi", 404)

    def test_uwsgi_behind_a_plain_route(self) -> None:
        def wsgi(connection: socket.socket) -> None:
            if connection.recv(65536)[:1] == b"\0":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")

        with serving(wsgi) as running:
            facts = asked(running.server())
        assert (facts.outcome, facts.speaks, facts.other_status) == ("closed", "uwsgi", 200)

    def test_http_behind_a_fastcgi_route(self) -> None:
        with serving(closing, answering(OK)) as running:
            facts = asked(running.server("fastcgi"))
        assert (facts.outcome, facts.speaks, facts.plain_status) == ("closed", "http", 200)

    def test_a_400_to_fastcgi_of_a_server_that_speaks_http(self) -> None:
        with serving(answering(b"HTTP/1.1 400 Bad\r\n\r\n"), answering(OK)) as running:
            facts = asked(running.server("fastcgi"))
        assert (facts.outcome, facts.speaks, facts.plain_status) == ("not-http", "http", 200)

    def test_a_fastcgi_server(self) -> None:
        seen: list[bytes] = []
        answer = fastcgi_answer(
            b"Status: 500\r\nContent-Type: text/html\r\n\r\n", b"PHP Fatal error"
        )
        way = route(parameters={"SCRIPT_FILENAME": "/srv/a.php", "REQUEST_METHOD": "POST"})
        with serving(answering(answer, seen)) as running:
            facts = asked(running.server("fastcgi"), way)
        assert (facts.outcome, facts.status, facts.speaks) == ("answered", 500, "fastcgi")
        assert (facts.script, facts.error_stream) == ("/srv/a.php", "PHP Fatal error")
        assert b"\x0f\nSCRIPT_FILENAME/srv/a.php" in seen[0]
        assert b"\x0e\x03REQUEST_METHODGET" in seen[0]

    def test_a_fastcgi_server_that_ends_without_a_header(self) -> None:
        with serving(answering(fastcgi_answer(b""))) as running:
            facts = asked(running.server("fastcgi"))
        assert (facts.outcome, facts.speaks) == ("closed", "fastcgi")

    def test_a_uwsgi_server(self) -> None:
        seen: list[bytes] = []
        with serving(answering(OK, seen)) as running:
            facts = asked(running.server("uwsgi"), route(upstream_uri="/x?y=1"))
        assert (facts.outcome, facts.status, facts.speaks) == ("answered", 200, "uwsgi")
        assert int.from_bytes(seen[0][1:3], "little") == len(seen[0]) - 4
        assert b"\x09\0PATH_INFO\x02\0/x" in seen[0]

    def test_http_behind_a_uwsgi_route(self) -> None:
        refusing = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with serving(refusing, answering(OK)) as running:
            facts = asked(running.server("uwsgi"))
        assert (facts.outcome, facts.speaks, facts.plain_status) == ("answered", "http", 200)

    def test_a_tls_server_answers_over_tls(self, tmp_path: Path) -> None:
        names: list[str | None] = []
        context = certificate(tmp_path, "shop.example").context()
        context.sni_callback = lambda _socket, name, _context: names.append(name)
        with serving(over_tls(context, answering(OK))) as running:
            without = asked(running.server("https"), route(tls_name="shop.example"))
            given = asked(running.server("https"), route(tls_name="shop.example:443", tls_sni=True))
        assert (without.status, given.status) == (200, 200)
        assert names == [None, "shop.example"]


class TestFramingOfAnAnswer:
    def framed(self, fields: bytes, body: bytes = b"abc") -> Asked:
        answer = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + body
        with serving(answering(answer)) as running:
            return asked(running.server(), route(http_version="1.1"))

    def test_one_length_is_well(self) -> None:
        facts = self.framed(b"Content-Length: 3")
        assert (facts.body_end, facts.length_invalid, facts.content_lengths) == (
            "complete", False, ["3"],
        )  # fmt: skip

    def test_two_lengths(self) -> None:
        facts = self.framed(b"Content-Length: 3\r\nContent-Length: 4")
        assert (facts.length_invalid, facts.content_lengths) == (True, ["3", "4"])

    def test_a_length_that_is_no_number(self) -> None:
        assert self.framed(b"Content-Length: -3").length_invalid is True

    def test_a_length_beside_chunks(self) -> None:
        coded = b"3\r\nabc\r\n0\r\n\r\n"
        facts = self.framed(b"Content-Length: 3\r\nTransfer-Encoding: chunked", coded)
        assert (facts.length_and_coding, facts.coding_twice) == (True, False)
        assert (facts.body_end, facts.body_size, facts.body_start) == ("complete", 3, "abc")

    def test_chunked_twice(self) -> None:
        coded = b"3\r\nabc\r\n0\r\n\r\n"
        facts = self.framed(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", coded)
        assert (facts.coding_twice, facts.coding_unknown) == (True, False)

    def test_another_coding(self) -> None:
        assert self.framed(b"Transfer-Encoding: gzip, chunked").coding_unknown is True

    @pytest.mark.parametrize(
        ("body", "end", "size"),
        [
            (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "complete", 5),
            (b"3\r\nabc\r\n", "closed", 3),
            (b"9\r\nabc", "closed", 3),
            (b"3\r\nabcd\r\n0\r\n\r\n", "bad-chunk", 3),
            (b"<h1>no chunk</h1>\r\n", "bad-chunk", 0),
        ],
    )
    def test_chunks(self, body: bytes, end: str, size: int) -> None:
        facts = self.framed(b"Transfer-Encoding: chunked", body)
        assert (facts.body_end, facts.body_size) == (end, size)

    def test_chunks_in_pieces(self) -> None:
        def piecemeal(connection: socket.socket) -> None:
            connection.recv(65536)
            sent = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            for byte in sent + b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n":
                connection.sendall(bytes([byte]))
                time.sleep(0.001)
            silent(connection)

        with serving(piecemeal) as running:
            facts = asked(running.server(), route(http_version="1.1"))
        assert (facts.body_end, facts.body_start) == ("complete", "abcd")

    def test_a_body_that_stalls(self) -> None:
        begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
        with serving(greeting(begun)) as running:
            facts = asked(running.server())
        assert (facts.body_end, facts.body_complete, facts.body_size) == ("stalled", None, 3)

    def test_a_stream_of_events_is_not_waited_for(self) -> None:
        begun = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
        with serving(greeting(begun)) as running:
            facts = asked(running.server())
        assert (facts.body_end, facts.body_complete) == ("unread", None)

    def test_the_servers_clock(self) -> None:
        facts = self.framed(b"Content-Length: 3\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT")
        assert facts.server_time == 784887151
        assert facts.clock_ahead is not None
        assert facts.clock_ahead < -900_000_000
        assert (facts.clock_words or "").endswith(" days behind")

    @pytest.mark.parametrize("date", [b"", b"Date: yesterday\r\n"])
    def test_no_clock_to_read(self, date: bytes) -> None:
        assert self.framed(date + b"Content-Length: 3").clock_ahead is None


class TestTheFront:
    def test_what_the_client_gets(self) -> None:
        answer = (
            b"HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nVia: 1.1 edge\r\nCF-Ray: 1\r\n"
            b"Retry-After: 5\r\nLocation: /x\r\nContent-Length: 3\r\n\r\nbad"
        )
        seen: list[bytes] = []
        with serving(answering(answer, seen)) as running:
            before = time.time()
            facts = fronted(f"http://127.0.0.1:{running.port}/a?b=c")
        assert (facts.outcome, facts.status, facts.http_version) == ("answered", 502, "1.1")
        assert facts.via == ["via: 1.1 edge", "cf-ray: 1"]
        assert (facts.server, facts.retry_after, facts.location) == ("nginx", "5", "/x")
        assert (facts.body_start, facts.body_complete) == ("bad", True)
        assert facts.peer == f"127.0.0.1:{running.port}"
        assert facts.started is not None
        assert before <= facts.started <= time.time()
        assert b"GET /a?b=c HTTP/1.1\r\n" in seen[0]
        assert b"User-Agent: gateway-wizard/" in seen[0]

    def test_several_times_on_new_connections(self) -> None:
        bad = OK.replace(b"200 OK", b"503 No")
        with serving(answering(OK), answering(bad), closing, answering(OK)) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/", times=4)
        assert facts.statuses == [200, 503, 0, 200]
        assert (facts.asked, facts.failing, facts.status) == (4, 2, 503)

    @pytest.mark.parametrize(
        ("handler", "outcome"),
        [
            (closing, "closed"),
            (resetting, "reset"),
            (silent, "timed-out"),
            (greeting(b"what do you want?\r\n\r\n"), "not-http"),
        ],
    )
    def test_no_answer_is_told_apart(self, handler: Any, outcome: str) -> None:
        with serving(handler) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/", timeout=0.4)
        assert (facts.outcome, facts.status, facts.statuses) == (outcome, None, [0])

    def test_refused(self) -> None:
        assert fronted(f"http://127.0.0.1:{unused_port()}/").outcome == "refused"

    def test_a_name_that_does_not_resolve(self) -> None:
        assert fronted("http://nowhere.invalid/").outcome == "name-failed"

    def test_an_unverified_certificate_is_no_failure(self, tmp_path: Path) -> None:
        context = certificate(tmp_path, "elsewhere", days=-1).context()
        with serving(over_tls(context, answering(OK))) as running:
            assert fronted(f"https://127.0.0.1:{running.port}/").status == 200

    def test_a_failed_handshake(self) -> None:
        with serving(answering(OK)) as running:
            facts = fronted(f"https://127.0.0.1:{running.port}/")
        assert (facts.outcome, facts.status) == ("tls-failed", None)

    def test_the_limit_holds_against_a_dripping_server(self) -> None:
        stop = threading.Event()

        def drip(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not stop.wait(0.05):
                connection.sendall(b"x")

        with serving(drip) as running:
            began = time.perf_counter()
            facts = fronted(f"http://127.0.0.1:{running.port}/", timeout=0.4)
            took = time.perf_counter() - began
            stop.set()
        assert facts.outcome == "timed-out"
        assert took < 2

    def test_of_a_big_body_only_the_beginning_is_kept(self) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000
        with serving(answering(answer)) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/")
        assert (facts.body_bytes, facts.body_complete) == (16384, True)
        assert (facts.body_size, facts.body_announced) == (900_000, 900_000)

    def test_a_body_that_breaks_off_late(self) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 899_000
        with serving(answering(answer)) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/")
        assert (facts.body_complete, facts.body_end, facts.body_size) == (False, "closed", 899_000)

    @pytest.mark.parametrize(
        ("answer", "end"),
        [
            (b"Content-Length: 9\r\n\r\nabc", "closed"),
            (b"Content-Length: 3\r\n\r\nabc", "complete"),
            (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "closed"),
            (b"Transfer-Encoding: chunked\r\n\r\n<p>abc</p>\r\n", "bad-chunk"),
            (b"Content-Type: text/plain\r\n\r\nabc", "complete"),
        ],
    )
    def test_how_a_body_ended_over_tls(self, tmp_path: Path, answer: bytes, end: str) -> None:
        context = certificate(tmp_path, "x").context()
        sent = b"HTTP/1.1 200 OK\r\n" + answer
        with serving(over_tls(context, answering(sent))) as running:
            facts = fronted(f"https://127.0.0.1:{running.port}/")
        assert (facts.status, facts.body_end) == (200, end)

    def test_interim_answers_are_passed_over_and_told(self) -> None:
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
        with serving(answering(hints + OK)) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/")
        assert (facts.status, facts.interim, facts.body_start) == (200, [103], "hello")

    def test_after_101_nothing_is_read(self) -> None:
        with serving(greeting(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/")
        assert (facts.status, facts.interim) == (101, [])

    def test_a_redirect_is_told_and_not_followed(self) -> None:
        seen: list[bytes] = []
        answer = b"HTTP/1.1 301 Moved\r\nLocation: https://x.invalid/\r\nContent-Length: 0\r\n\r\n"
        with serving(answering(answer, seen)) as running:
            facts = fronted(f"http://127.0.0.1:{running.port}/")
        assert (facts.status, facts.location, len(seen)) == (301, "https://x.invalid/", 1)

    def test_a_proxy_of_the_environment_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port()}")
        with serving(answering(OK)) as running:
            assert fronted(f"http://127.0.0.1:{running.port}/").status == 200

    @pytest.mark.parametrize("url", ["ftp://x/", "http://", "http://[::1", ""])
    def test_what_is_no_url_is_said_so(self, url: str) -> None:
        assert front(url=url).status == "unreadable"


def test_declaring_the_probes_imports_nothing_heavy() -> None:
    heavy = ("httpx", "ssl", "cryptography", "dns.message", "asyncio")
    code = (
        "import sys, wizard.probes.http, wizard.probes.tcp, wizard.probes.tls, wizard.probes.dns,"
        f" wizard.probes.files; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
