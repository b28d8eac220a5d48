"""GET a URL over TLS as a client would, with httpx."""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from wizard.model.text import one_line
from wizard.probes.addresses import url_host
from wizard.probes.body import KEPT, QUIET_SECONDS, READ_LIMIT, SECONDS, Body, BodyEnd
from wizard.probes.front_facts import Front, FrontOutcome, answered, with_body
from wizard.probes.importing import one_at_a_time
from wizard.probes.request import USER_AGENT

if TYPE_CHECKING:
    import ssl

    import httpx


class _Watch(msgspec.Struct):
    """The connection of one request, as httpx reports it, cut when the time is over.

    httpx limits each single wait; a server that sends a byte a second would never end.
    """

    peer: str | None = None
    connection: socket.socket | None = None
    over: bool = False
    phases: list[str] = msgspec.field(default_factory=list)

    def trace(self, name: str, info: dict[str, Any]) -> None:
        self.phases.append(name)
        if name == "connection.connect_tcp.complete":
            stream = info["return_value"]
            self.connection = stream.get_extra_info("socket")
            address = stream.get_extra_info("server_addr")
            self.peer = f"{url_host(str(address[0]))}:{address[1]}"

    def cut(self) -> None:
        self.over = True
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


def ask_over_tls(url: str, times: int, timeout: float, address: str | None) -> list[Front]:
    """The answers, one after another on new connections, until the time is over."""
    httpx = imported_httpx()
    began = time.time()
    answers: list[Front] = []
    with httpx.Client(
        transport=httpx.HTTPTransport(
            verify=_unverified(), limits=httpx.Limits(max_keepalive_connections=0)
        ),
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            # A proxy that passes on what is no HTTP says its end only by closing.
            "Connection": "close",
        },
    ) as client:
        while len(answers) < max(1, times) and not (answers and time.time() - began > timeout):
            answers.append(_one(client, httpx.URL(url), timeout, address))
    return answers


def imported_httpx() -> ModuleType:
    """Import httpx without its command line, which costs 60 ms of rich and click when installed."""
    with one_at_a_time:
        if "httpx" not in sys.modules:
            sys.modules["httpx._main"] = None  # type: ignore[assignment]
            try:
                import httpx
            finally:
                del sys.modules["httpx._main"]
        import httpcore  # noqa: F401  # else the first client imports it, outside of the lock
        import httpx
    return httpx


def _unverified() -> ssl.SSLContext:
    """No verification: what is asked is whether the site answers, not whom one may trust."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _one(client: httpx.Client, url: httpx.URL, timeout: float, address: str | None) -> Front:
    import httpx

    watch = _Watch()
    timer = threading.Timer(timeout, watch.cut)
    timer.daemon = True
    timer.start()
    started, began = time.time(), time.perf_counter()
    try:
        extensions: dict[str, Any] = {"trace": watch.trace}
        headers = {}
        if address is not None:
            headers = {"Host": url.netloc.decode("ascii")}
            extensions["sni_hostname"] = url.host
            url = url.copy_with(host=address)
        with client.stream("GET", url, headers=headers, extensions=extensions) as response:
            seconds = time.perf_counter() - began
            body = _body(response, watch)
        facts = answered(
            response.status_code,
            response.http_version.removeprefix("HTTP/"),
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            ],
            body.content,
        )
        return msgspec.structs.replace(
            with_body(facts, body),
            seconds=round(seconds, 4),
            started=started,
            peer=watch.peer,
        )
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        outcome, reason = _outcome(error, watch)
        return Front(
            outcome=outcome,
            reason=one_line(reason),
            started=started,
            seconds=round(time.perf_counter() - began, 4),
            peer=watch.peer,
        )
    finally:
        timer.cancel()


def _body(response: httpx.Response, watch: _Watch) -> Body:
    import httpx

    length = response.headers.get("content-length", "")
    announced = int(length) if length.isdigit() else None
    framed = announced is not None or "transfer-encoding" in response.headers
    began = last = time.perf_counter()
    content, size = b"", 0
    timer = threading.Timer(SECONDS if announced is None else QUIET_SECONDS, watch.cut)
    timer.daemon = True
    timer.start()

    def ended(end: BodyEnd) -> Body:
        return Body(content, end, size, announced, round(time.perf_counter() - last, 3))

    try:
        for part in response.iter_raw():
            content += part[: max(0, KEPT - len(content))]
            size += len(part)
            last = time.perf_counter()
            if size >= READ_LIMIT or (last - began > SECONDS and announced != size):
                return ended("unread")
    except (httpx.HTTPError, OSError) as error:
        if watch.over:
            silent = time.perf_counter() - last >= SECONDS - 0.1
            return ended("stalled" if silent and framed else "unread")
        chunk = isinstance(error, httpx.RemoteProtocolError) and "chunk" in str(error)
        if chunk and "incomplete" not in str(error):
            return ended("bad-chunk")
        return ended("closed" if isinstance(error, httpx.RemoteProtocolError) else "reset")
    finally:
        timer.cancel()
    return ended("complete")


def _outcome(error: Exception, watch: _Watch) -> tuple[FrontOutcome, str]:
    """The outcome behind an exception of httpx, from the errors that it wraps."""
    import ssl

    import httpx

    if watch.over or isinstance(error, httpx.TimeoutException):
        return "timed-out", "no answer in time"
    causes = _causes(error)
    text = str(error) or type(error).__name__
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return "tls-failed", (cause.reason or str(cause)).replace("_", " ").lower()
        if isinstance(cause, ConnectionRefusedError):
            return "refused", text
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            shaking = watch.phases[-1:] == ["connection.start_tls.failed"]
            return ("tls-failed" if shaking else "reset"), text
        if isinstance(cause, socket.gaierror):
            return "name-failed", text
    if isinstance(error, httpx.RemoteProtocolError):
        return ("closed" if "disconnected" in text else "not-http"), text
    if isinstance(error, httpx.ReadError):
        return "reset", text
    return "unreachable", text


def _causes(error: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while error is not None and len(causes) < 20:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes
