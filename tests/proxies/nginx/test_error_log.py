"""The error log of a real nginx that was sent into backends broken on purpose."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.proxies.facts import ErrorLog, Instance
from wizard.proxies.looks import error_log, server_errors
from wizard.proxies.nginx import error_line, error_phrases

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

Talk = Callable[[socket.socket], None]


def read_request(peer: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = peer.recv(65536)
        if not more:
            return
        data += more


def close(peer: socket.socket) -> None:
    read_request(peer)


def linger_not(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset(peer: socket.socket) -> None:
    read_request(peer)
    linger_not(peer)


def silent(peer: socket.socket) -> None:
    time.sleep(2.5)


def read_something(peer: socket.socket) -> None:
    peer.recv(65536)


def says(answer: bytes, *, then: Talk | None = None, read: Talk = read_request) -> Talk:
    def talk(peer: socket.socket) -> None:
        read(peer)
        peer.sendall(answer)
        time.sleep(0.1)
        if then is not None:
            then(peer)

    return talk


def banner(peer: socket.socket) -> None:
    peer.sendall(b"220 mail.example.com ESMTP\r\n")
    while peer.recv(65536):
        pass


OK = b"HTTP/1.1 200 OK\r\n"
TALKS: dict[str, Talk] = {
    "close": close,
    "reset": reset,
    "slow": silent,
    "garbage": says(b"hello, I am no HTTP server\r\n\r\n"),
    "badheader": says(OK + b"X Y: 1\r\n\r\n"),
    "big": says(OK + b"X-Big: " + b"x" * 6000 + b"\r\n\r\n"),
    "halfbody": says(OK + b"Content-Length: 1000\r\n\r\nshort"),
    "halfreset": says(OK + b"Content-Length: 1000\r\n\r\nshort", then=linger_not),
    "badchunk": says(OK + b"Transfer-Encoding: chunked\r\n\r\nzzzz\r\n"),
    # Reads the ClientHello first: closing with unread bytes would reset the connection, and nginx
    # might see that before the answer.
    "tlsplain": says(b"HTTP/1.1 400 Bad Request\r\n\r\n", read=read_something),
    "tlsclose": read_something,
    "fcgi": says(b"HTTP/1.1 400 Bad Request\r\n\r\n", read=read_something),
}

EXPECTED: dict[str, tuple[str, str, int | None]] = {
    "refused": ("connect", "refused", 111),
    "close": ("read-header", "closed", None),
    "reset": ("read-header", "reset", 104),
    "slow": ("read-header", "timed-out", 110),
    "garbage": ("read-header", "no-valid-header", None),
    "badheader": ("read-header", "invalid-header", None),
    "big": ("read-header", "too-big-header", None),
    "halfbody": ("read-body", "truncated", None),
    "halfreset": ("read-body", "reset", 104),
    "badchunk": ("read-body", "invalid-chunked", None),
    "backlog": ("connect", "timed-out", 110),
    "nosock": ("connect", "no-file", 2),
    "deniedsock": ("connect", "denied", 13),
    "stalesock": ("connect", "refused", 111),
    "fullsock": ("connect", "queue-full", 11),
    "tlsplain": ("tls", "wrong-version", None),
    "tlsclose": ("tls", "closed", None),
    "tlsself": ("tls", "certificate-untrusted", None),
    "tlsname": ("tls", "certificate-name", None),
    "tlsclient": ("tls", "tls-failed", None),
    "limited": ("limit", "rate-limited", None),
    "crowded": ("limit", "connections-limited", None),
    "dead": ("select", "no-live-servers", None),
    "noresolver": ("resolve", "no-resolver", None),
    "unresolved": ("resolve", "not-resolved", 110),
    "loop": ("internal", "rewrite-loop", None),
    "badurl": ("internal", "invalid-url", None),
    "missing": ("internal", "not-found", 2),
    "forbidden": ("internal", "forbidden", None),
    "body": ("client", "body-too-big", None),
    "fcgi": ("read-header", "no-valid-header", None),
    "badbind": ("connect", "no-source-address", 99),
}


class Backends:
    """Servers on loopback ports, each broken in its own way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[socket.socket] = []
        self.ports: dict[str, int] = {name: self.serve(talk) for name, talk in TALKS.items()}

    def listen(self, backlog: int = 50) -> socket.socket:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        self.kept.append(listener)
        return listener

    def serve(self, talk: Talk, context: ssl.SSLContext | None = None) -> int:
        listener = self.listen()

        def accept() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(peer,), daemon=True).start()

        def answer(peer: socket.socket) -> None:
            with contextlib.suppress(OSError):
                if context is not None:
                    peer = context.wrap_socket(peer, server_side=True)
                talk(peer)
            peer.close()

        threading.Thread(target=accept, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    def full(self) -> int:
        """A listener whose queue of connections to accept is full."""
        listener = self.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
            self.kept.append(one)
        return port

    def unix(self, name: str, backlog: int) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.folder / name))
        listener.listen(backlog)
        self.kept.append(listener)
        return listener

    def sockets(self) -> None:
        self.unix("stale.sock", 1).close()
        self.unix("denied.sock", 1)
        (self.folder / "stale.sock").chmod(0o666)
        (self.folder / "denied.sock").chmod(0)
        self.unix("full.sock", 0)
        (self.folder / "full.sock").chmod(0o666)
        for _ in range(4):
            one = socket.socket(socket.AF_UNIX)
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(str(self.folder / "full.sock"))
            self.kept.append(one)

    def tls(self) -> tuple[int, int]:
        """Ports of a server with a self-signed certificate and one that wants a client's."""
        made = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj",
            "/CN=app.internal", "-addext", "subjectAltName=DNS:app.internal",
        ]  # fmt: skip
        subprocess.run(made, cwd=self.folder, check=True, capture_output=True)
        contexts = []
        for demanding in (False, True):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            if demanding:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self.folder / "cert.pem")
            contexts.append(context)
        answer = says(OK + b"Content-Length: 0\r\n\r\n")
        return self.serve(answer, contexts[0]), self.serve(answer, contexts[1])


def closed_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def config(folder: Path, port: int, backends: Backends) -> str:
    ports, refused = backends.ports, closed_port()
    tls, tls_client = backends.tls()
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    simple = "".join(
        f"location /{name} {{ proxy_pass http://127.0.0.1:{ports[name]}; }}\n"
        for name in ("close", "reset", "slow", "garbage", "badheader", "big", "halfbody",
                     "halfreset", "badchunk")
    )  # fmt: skip
    return f"""
daemon off; {user} pid nginx.pid; error_log error.log;
events {{ worker_connections 256; }}
http {{
  log_format upstreams '$remote_addr [$time_local] "$request" $status us=$upstream_status '
                       'ua=$upstream_addr rt=$request_time "$http_user_agent"';
  access_log access.log upstreams;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
  uwsgi_temp_path t4; scgi_temp_path t5;
  limit_req_zone $server_name zone=few:1m rate=1r/m;
  limit_conn_zone $server_name zone=one:1m;
  proxy_connect_timeout 1s; proxy_read_timeout 1s; proxy_http_version 1.1;
  proxy_next_upstream error timeout; proxy_ssl_session_reuse off;
  upstream dead {{ server 127.0.0.1:{refused} down; }}
  upstream pool {{ server 127.0.0.1:{refused}; server 127.0.0.1:{ports["close"]}; }}
  server {{
    listen 127.0.0.1:{port}; server_name shop.example.com;
    {simple}
    location /refused {{ proxy_pass http://127.0.0.1:{refused}; }}
    location /pool {{ proxy_pass http://pool; }}
    location /backlog {{ proxy_pass http://127.0.0.1:{backends.full()}; }}
    location /nosock {{ proxy_pass http://unix:{folder}/none.sock; }}
    location /deniedsock {{ proxy_pass http://unix:{folder}/denied.sock; }}
    location /stalesock {{ proxy_pass http://unix:{folder}/stale.sock; }}
    location /fullsock {{ proxy_pass http://unix:{folder}/full.sock; }}
    location /tlsplain {{ proxy_pass https://127.0.0.1:{ports["tlsplain"]}; }}
    location /tlsclose {{ proxy_pass https://127.0.0.1:{ports["tlsclose"]}; }}
    location /tlsclient {{ proxy_pass https://127.0.0.1:{tls_client}; }}
    location /tlsself {{ proxy_pass https://127.0.0.1:{tls}; proxy_ssl_verify on;
      proxy_ssl_name app.internal;
      proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; }}
    location /tlsname {{ proxy_pass https://127.0.0.1:{tls}; proxy_ssl_verify on;
      proxy_ssl_name other.internal; proxy_ssl_trusted_certificate cert.pem; }}
    location /limited {{ limit_req zone=few; proxy_pass http://127.0.0.1:{ports["close"]}; }}
    location /crowded {{ limit_conn one 1; proxy_pass http://127.0.0.1:{ports["slow"]}; }}
    location /dead {{ proxy_pass http://dead; }}
    location /noresolver {{ set $to app.internal; proxy_pass http://$to; }}
    location /unresolved {{ resolver 127.0.0.1:{closed_port(socket.SOCK_DGRAM)};
      resolver_timeout 1s; set $to app.internal; proxy_pass http://$to; }}
    location /loop {{ rewrite ^ /loop/x last; }}
    location /badurl {{ set $to ""; proxy_pass http://$to; }}
    location /missing {{ root {folder}; }}
    location /forbidden {{ deny all; }}
    location /body {{ client_max_body_size 10; proxy_pass http://127.0.0.1:{ports["close"]}; }}
    location /fcgi {{ fastcgi_pass 127.0.0.1:{ports["fcgi"]}; }}
    location /badbind {{ proxy_bind 192.0.2.55; proxy_pass http://127.0.0.1:{ports["close"]}; }}
  }}
}}
"""


class Site:
    """A running nginx with its folder and port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.instance = Instance(kind="nginx", running=True, prefix=str(folder))
        self.error_log = str(folder / "error.log")

    def ask(self, path: str, *, method: str = "GET", body: bytes = b"") -> bytes:
        """The answer's status line and what came with it; one request, one connection."""
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"User-Agent: gateway-wizard/0\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as peer:
            peer.sendall(request.encode() + body)
            answer = b""
            with contextlib.suppress(OSError):
                while data := peer.recv(65536):
                    answer += data
        return answer

    def route(self, location: str, *servers: Server, upstream: str | None = None) -> Route:
        return Route(
            found=True, proxy="nginx", location=location, server_names=["shop.example.com"],
            servers=list(servers), upstream=upstream, error_logs=[self.error_log],
            error_log_level="error", access_logs=[str(self.folder / "access.log")],
            access_log_format='$remote_addr [$time_local] "$request" $status us=$upstream_status '
            'ua=$upstream_addr rt=$request_time "$http_user_agent"',
        )  # fmt: skip

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A real nginx that has been asked for every broken location."""
    folder = Path(tempfile.mkdtemp(prefix="wizard-nginx-"))
    folder.chmod(0o755)
    backends = Backends(folder)
    backends.sockets()
    port = closed_port()
    (folder / "nginx.conf").write_text(config(folder, port, backends))
    child = subprocess.Popen(
        [str(NGINX), "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    running = Site(folder, port)
    try:
        _await_listening(port, child)
        _ask_everything(running)
        yield running
    finally:
        child.terminate()
        child.wait(10)
        for one in backends.kept:
            one.close()
        assert child.stderr is not None
        child.stderr.close()
        shutil.rmtree(folder)


def _await_listening(port: int, child: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        assert child.poll() is None, child.stderr and child.stderr.read()
        time.sleep(0.02)
    pytest.fail("nginx does not listen")


def _ask_everything(site: Site) -> None:
    def ask(name: str) -> None:
        if name == "body":
            site.ask("/body/x", method="POST", body=b"x" * 100)
        else:
            site.ask(f"/{name}/x")

    names = [*EXPECTED, "limited", "crowded", "pool"]
    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _meanings(site: Site, name: str) -> list[tuple[str, str, int | None]]:
    found = []
    for entry in error_line.entries(Path(site.error_log).read_bytes()):
        line = error_line.read(entry)
        if line is None or f" /{name}/x ".encode() not in line.request:
            continue
        said = error_phrases.meaning(line.message.decode(), line.level.decode())
        if said is not None:
            found.append((said.phase, said.failure, said.errno))
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_each_line_that_nginx_writes_is_understood(site: Site, name: str) -> None:
    assert EXPECTED[name] in _meanings(site, name), Path(site.error_log).read_text("latin-1")


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"body", "limited", "crowded"}))
def test_the_wizards_own_request_is_found_with_its_failure(site: Site, name: str) -> None:
    found = error_log(
        instance=site.instance,
        route=site.route(f"/{name}"),
        asked_at=time.time() - 60,
        url=site.url(f"/{name}/x"),
    )
    facts = _facts(found)
    assert facts.request_seen is True
    assert (facts.request_phase, facts.request_failure, facts.request_errno) == EXPECTED[name]
    assert found.status == "present"


def _facts(found: Sighting) -> ErrorLog:
    assert isinstance(found.facts, ErrorLog), found
    return found.facts


def test_the_alert_of_a_server_that_wants_a_certificate_is_kept(site: Site) -> None:
    found = error_log(
        instance=site.instance, route=site.route("/tlsclient"), asked_at=time.time() - 60,
        url=site.url("/tlsclient/x"),
    )  # fmt: skip
    assert _facts(found).request_alert == 40


def test_a_request_that_tried_two_servers_has_both_failures(site: Site) -> None:
    asked_at = time.time()
    for _ in range(2):
        site.ask("/pool/again")
    found = error_log(
        instance=site.instance,
        route=site.route("/pool"),
        asked_at=asked_at - 60,
        url=site.url("/pool/x"),
    )
    assert set(_facts(found).request_failures or []) >= {"closed"}
    every = _facts(
        error_log(instance=site.instance, route=site.route("/pool"), url=site.url("/pool/x"))
    )
    assert {"closed", "refused"} <= set(every.failures)


def test_a_request_of_another_path_is_not_taken_for_the_wizards(site: Site) -> None:
    facts = _facts(
        error_log(
            instance=site.instance, route=site.route("/refused"), asked_at=time.time() - 60,
            url=site.url("/refused/never-asked"),
        )
    )  # fmt: skip
    assert facts.request_seen is False
    assert facts.request_failure is None


def test_only_this_routes_lines_are_counted(site: Site) -> None:
    own = Server(name="unix:x", path=f"{site.folder}/none.sock")
    facts = _facts(error_log(instance=site.instance, route=site.route("/nosock", own)))
    assert facts.failures == ["no-file"]
    assert facts.phases == ["connect"]
    assert facts.upstreams == [f"unix:{site.folder}/none.sock"]
    assert facts.unmatched is not None
    assert facts.unmatched > 10


def test_a_line_of_no_live_servers_is_known_by_its_group(site: Site) -> None:
    facts = _facts(
        error_log(
            instance=site.instance, route=site.route("/", upstream="dead"), url=site.url("/other")
        )
    )
    assert "no-live-servers" in facts.failures


def test_a_window_before_the_lines_has_none(site: Site) -> None:
    earlier = time.time() - 3600
    found = error_log(
        instance=site.instance, route=site.route("/refused"), since=earlier - 60, until=earlier
    )
    assert found.status == "absent"
    assert _facts(found).count == 0


def test_lines_after_a_change_are_counted_apart(site: Site) -> None:
    url = site.url("/refused/x")
    before = _facts(
        error_log(
            instance=site.instance, route=site.route("/refused"), url=url, changed=time.time() - 99
        )
    )
    after = _facts(
        error_log(
            instance=site.instance, route=site.route("/refused"), url=url, changed=time.time() + 99
        )
    )
    assert before.since_change == before.count
    assert after.since_change == 0


def test_a_line_of_the_very_second_of_a_change_counts_as_after_it(site: Site) -> None:
    url = site.url("/refused/x")
    known = _facts(error_log(instance=site.instance, route=site.route("/refused"), url=url))
    assert known.last_at is not None
    changed = known.last_at + 0.9
    facts = _facts(
        error_log(instance=site.instance, route=site.route("/refused"), url=url, changed=changed)
    )
    assert facts.since_change


def test_the_lines_of_one_server_are_picked(site: Site) -> None:
    own = Server(name="unix:x", path=f"{site.folder}/none.sock")
    other = Server(name="127.0.0.1:1", host="127.0.0.1", port=1)
    errors = _facts(error_log(instance=site.instance, route=site.route("/nosock", own)))
    mine = server_errors(server=own, errors=errors, addresses=[])
    assert mine.status == "present"
    assert mine.facts is not None
    assert mine.facts.last_failure == "no-file"  # type: ignore[attr-defined]
    assert mine.facts.last_method == "GET"  # type: ignore[attr-defined]
    assert server_errors(server=other, errors=errors, addresses=[]).status == "absent"
