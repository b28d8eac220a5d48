"""A small in-house web application whose ways of failing can be chosen.

Where it listens comes from the command line, else the environment (HOST, PORT, SOCKET), else
`app.ini` in the working directory, else 127.0.0.1:3000. What a path does comes from `routes.json`
in the working directory, read again at every request, so that a healthy app can turn bad while it
runs: {"/checkout": "hang", "*": "ok"}. Behaviours: see `Handler.behaviours`.

Standard library only: it runs on hosts that have nothing but Python.
"""

from __future__ import annotations

import argparse
import configparser
import json
import os
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, cast

CONFIG, ROUTES = Path("app.ini"), Path("routes.json")


def settings() -> argparse.Namespace:
    """The options: command line over environment over app.ini over defaults."""
    ini = configparser.ConfigParser()
    ini.read(CONFIG)
    file = dict(ini["server"]) if ini.has_section("server") else {}

    def known(name: str, default: str = "") -> str:
        return os.environ.get(name.upper()) or file.get(name) or default

    parser = argparse.ArgumentParser(description="Shop web application")
    parser.add_argument("--host", default=known("host", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(known("port", "3000")))
    parser.add_argument("--socket", default=known("socket"), help="listen on a unix socket instead")
    parser.add_argument("--socket-mode", default=known("socket_mode", "666"))
    parser.add_argument("--backlog", type=int, default=64)
    parser.add_argument("--no-accept", action="store_true", help="listen and never accept")
    parser.add_argument("--cert", default=known("cert"), help="speak TLS with this certificate")
    parser.add_argument("--key", default=known("key"))
    parser.add_argument("--listen-after", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--exit-after", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--exit-code", type=int, help="fail at start with this status")
    parser.add_argument(
        "--require", action="append", default=[], help="a variable that must be set"
    )
    parser.add_argument("--virtual-host", default="", help="answer 404 to any other Host")
    return parser.parse_args()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection; the path decides how."""

    protocol_version = "HTTP/1.1"
    server_version = "shop/2.4"
    sys_version = ""
    virtual_host = ""
    stash: ClassVar[list[bytearray]] = []

    def behaviours(self) -> dict[str, Callable[[str], None]]:
        """Every way of answering by its name; what follows it in routes.json is its argument."""
        return {
            "ok": lambda _: self.answer(200, "<h1>Shop</h1>\n"),
            "status": lambda code: self.answer(int(code), f"<h1>{code}</h1>\n"),
            "slow": self.slow,
            "hang": lambda _: time.sleep(3600),
            "close": lambda _: self.drop(b""),
            "half-header": lambda _: self.drop(
                b"HTTP/1.1 200 OK\r\nServer: shop/2.4\r\nContent-Ty"
            ),
            "reset": self.reset,
            "bad-header": lambda _: self.drop(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Cus tomer: 7\r\n\r\nhello\n"
            ),
            "big-header": self.big_header,
            "garbage": lambda _: self.drop(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u5\r\n"),
            "raise": self.crash,
            "eat": self.eat,
            "die": lambda code: os._exit(int(code or 1)),
        }

    def do_GET(self) -> None:
        if self.virtual_host and self.headers.get("Host") != self.virtual_host:
            self.answer(404, "no such site\n")
            return
        name, _, argument = behaviour_of(self.path.partition("?")[0]).partition(" ")
        try:
            self.behaviours()[name](argument)
        except BrokenPipeError:
            self.close_connection = True

    do_POST = do_HEAD = do_GET

    def answer(self, status: int, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def slow(self, seconds: str) -> None:
        time.sleep(float(seconds))
        self.answer(200, "<h1>Report</h1>\n")

    def big_header(self, size: str) -> None:
        self.answer(200, "<h1>Welcome back</h1>\n", Set_Cookie="session=" + "e" * int(size))

    def crash(self, _: str) -> None:
        try:
            cart: dict[str, Any] = {"items": []}
            cart["total"]
        except KeyError:
            import traceback

            sys.stderr.write(f"ERROR while handling {self.command} {self.path}\n")
            traceback.print_exc()
            self.answer(500, "<h1>Internal Server Error</h1>\n")

    def eat(self, megabytes: str) -> None:
        for _ in range(int(megabytes)):
            self.stash.append(bytearray(b"x" * 1_000_000))
        self.answer(200, "<h1>Exported</h1>\n")

    def drop(self, sent: bytes) -> None:
        """Sends what it has and closes, in order: FIN, not RST."""
        self.wfile.write(sent)
        self.wfile.flush()
        self.close_connection = True

    def reset(self, _: str) -> None:
        """Closes so that the kernel sends RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def address_string(self) -> str:
        return str(self.client_address[0]) if self.client_address else "unix"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of its base)
        sys.stdout.write(f"{self.address_string()} {format % args}\n")


def behaviour_of(path: str) -> str:
    """What routes.json says about a path: its own line, else that of `*`, else ok."""
    try:
        routes = cast("dict[str, str]", json.loads(ROUTES.read_text()))
    except FileNotFoundError:
        return "ok"
    return routes.get(path) or routes.get("*", "ok")


class Server(ThreadingHTTPServer):
    """An HTTP server on a TCP address of either family or on a unix socket."""

    daemon_threads = True

    def server_bind(self) -> None:
        if self.address_family != socket.AF_UNIX:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "shop", 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        sys.stderr.write(f"connection from {client_address}: {sys.exc_info()[1]}\n")


def make_server(options: argparse.Namespace) -> Server:
    """A server that listens, or the error of the kernel that says why it cannot."""
    Server.request_queue_size = options.backlog
    if not options.socket:
        Server.address_family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        return Server((options.host, options.port), Handler)
    Path(options.socket).unlink(missing_ok=True)
    Server.address_family = socket.AF_UNIX
    server = Server(cast("Any", options.socket), Handler)
    Path(options.socket).chmod(int(options.socket_mode, 8))
    return server


def main() -> None:
    options = settings()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    for name in options.require:
        if not os.environ.get(name):
            raise SystemExit(f"ERROR: {name} is not set, giving up")
    if options.exit_code is not None and not options.exit_after:
        sys.stderr.write("ERROR: could not load the catalogue: invalid literal on line 12\n")
        raise SystemExit(options.exit_code)
    time.sleep(options.listen_after)
    Handler.virtual_host = options.virtual_host
    server = make_server(options)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key or None)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if options.cert else "http"
    where = (
        f"unix:{options.socket}" if options.socket else f"{scheme}://{options.host}:{options.port}"
    )
    sys.stdout.write(f"listening on {where}\n")
    if options.no_accept:
        time.sleep(10**6)
    if options.exit_after:
        import threading

        threading.Timer(options.exit_after, lambda: os._exit(options.exit_code or 1)).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
