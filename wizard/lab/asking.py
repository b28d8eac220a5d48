"""One plain GET, as the lab's own proof of a symptom."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where it was no HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def ask(
    port: int,
    path: str = "/",
    *,
    headers: Mapping[str, str],
    host: str = "127.0.0.1",
    timeout: float = 10.0,
) -> Answer:
    """Send one GET and read the answer to its end."""
    wanted = {"Host": f"{host}:{port}", "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in wanted.items())
    answer = b""
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
            while piece := connection.recv(65536):
                answer += piece
    except OSError:
        return Answer(0)
    return _parsed(answer)


def _parsed(answer: bytes) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return Answer(0)
    pairs = (line.partition(":") for line in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Answer(int(words[1]), headers, body.decode("utf-8", "replace"))
