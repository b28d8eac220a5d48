"""A web server that frames its answers by hand, well or badly.

What a path does stands in `routes.json` in the working directory, read again at every request, as
for `app.py`; `*` is every other path. Listens on 127.0.0.1, on the port of its first argument.
Standard library only.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

ROUTES = Path("routes.json")
PAGE = b"<h1>Archive</h1>\n" * 6000
_OK = b"HTTP/1.1 200 OK\r\nServer: archive\r\nContent-Type: text/html\r\nConnection: close\r\n"
_LENGTH = b"Content-Length: %d\r\n\r\n"


def ok(connection: socket.socket, _: str) -> None:
    connection.sendall(_OK + _LENGTH % len(PAGE) + PAGE)


def chunked(connection: socket.socket, pause: str) -> None:
    connection.sendall(_OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for number in range(4):
        time.sleep(float(pause or 0))
        piece = b"<p>part %d</p>\n" % number * 400
        connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
    connection.sendall(b"0\r\n\r\n")


def drip(connection: socket.socket, pause: str) -> None:
    """The whole page, with a pause after each quarter."""
    connection.sendall(_OK + _LENGTH % len(PAGE))
    quarter = len(PAGE) // 4
    for begin in range(0, len(PAGE), quarter):
        connection.sendall(PAGE[begin : begin + quarter])
        time.sleep(float(pause))


def events(connection: socket.socket, pause: str) -> None:
    """A stream of events, which is silent between them."""
    kind = b"Content-Type: text/event-stream\r\n\r\n"
    connection.sendall(_OK.replace(b"Content-Type: text/html\r\n", b"") + kind)
    for number in range(4):
        connection.sendall(b"data: %d\n\n" % number)
        time.sleep(float(pause))


def cut(connection: socket.socket, share: str) -> None:
    """Promises the page and closes after a share of it."""
    connection.sendall(_OK + _LENGTH % len(PAGE) + PAGE[: int(len(PAGE) * float(share))])


def cut_chunks(connection: socket.socket, _: str) -> None:
    connection.sendall(_OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PAGE) + PAGE[:9000])


def reset(connection: socket.socket, share: str) -> None:
    cut(connection, share)
    time.sleep(0.2)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def die(connection: socket.socket, share: str) -> None:
    """The whole program ends in the middle of the page."""
    cut(connection, share)
    os._exit(1)


def stall(connection: socket.socket, share: str) -> None:
    """Promises the page, sends a share of it and then nothing."""
    cut(connection, share)
    time.sleep(3600)


def two_lengths(connection: socket.socket, _: str) -> None:
    """A middleware adds its own length beside the framework's."""
    connection.sendall(
        _OK + b"Content-Length: %d\r\n" % len(PAGE) + _LENGTH % (len(PAGE) + 9) + PAGE
    )


def length_and_chunks(connection: socket.socket, _: str) -> None:
    coded = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
    connection.sendall(_OK + b"Transfer-Encoding: chunked\r\n" + _LENGTH % len(PAGE) + coded)


def chunked_twice(connection: socket.socket, _: str) -> None:
    coded = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
    connection.sendall(_OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n" + coded)


def bad_chunk(connection: socket.socket, _: str) -> None:
    """Says that the body is chunked and sends it as it is."""
    connection.sendall(_OK + b"Transfer-Encoding: chunked\r\n\r\n" + PAGE)


def hints(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
    ok(connection, "")


def switch(connection: socket.socket, _: str) -> None:
    """Switches protocols although nobody asked for it."""
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
    time.sleep(3600)


def never_read(connection: socket.socket, _: str) -> None:
    """Leaves the request's body where it is."""
    time.sleep(3600)


def refuse_body(connection: socket.socket, _: str) -> None:
    """Too much for it: hangs up, with the rest of the body unread."""
    time.sleep(0.2)


BEHAVIOURS: dict[str, Callable[[socket.socket, str], None]] = {
    "ok": ok, "chunked": chunked, "drip": drip, "events": events, "cut": cut,
    "cut-chunks": cut_chunks, "reset": reset, "die": die, "stall": stall,
    "two-lengths": two_lengths, "length-and-chunks": length_and_chunks,
    "chunked-twice": chunked_twice, "bad-chunk": bad_chunk, "hints": hints, "switch": switch,
    "never-read": never_read, "refuse-body": refuse_body,
}  # fmt: skip


def answer(connection: socket.socket) -> None:
    """Read a request's header and do what its path says; a body is read only by good paths."""
    with connection:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(1024)
            if not piece:
                return
            request += piece
        method, path = request.decode("latin-1").split(" ", 2)[:2]
        name, _, argument = behaviour_of(f"{method} {path}", path).partition(" ")
        try:
            BEHAVIOURS[name](connection, argument)
        except OSError as error:
            sys.stderr.write(f"{path}: {error}\n")


def behaviour_of(request: str, path: str) -> str:
    """What routes.json says: for the method and path, the path, every path."""
    try:
        routes = cast("dict[str, str]", json.loads(ROUTES.read_text()))
    except FileNotFoundError:
        return "ok"
    return routes.get(request) or routes.get(path) or routes.get("*", "ok")


def main() -> None:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
