"""GET a URL as a client would: through the proxy, with what the client gets in the end.

Over TLS with httpx. In plain HTTP with the wizard's own exchange, which also sees what is no HTTP
at all (a proxy passes an SSH banner on and keeps the connection open), and costs 45 ms less.
"""

from __future__ import annotations

import shlex
import time
from urllib.parse import urljoin, urlsplit

import msgspec

from wizard.model.address import Address, AddressError, parse
from wizard.model.evidence import Sighting
from wizard.model.text import clean, one_line, shorten
from wizard.probes.addresses import Addresses, look_up, url_host
from wizard.probes.connecting import dial
from wizard.probes.declare import probe
from wizard.probes.exchange import Exchange, exchange
from wizard.probes.first_bytes import visible
from wizard.probes.front_facts import Front, FrontOutcome, answered, reading, with_body
from wizard.probes.request import USER_AGENT
from wizard.probes.streams import PlainStream

_NAME_SECONDS = 5.0


@probe("http.front", kind="request", facts=Front, deadline=70, touches="GET requests to the URL")
def front(
    *, url: str, times: int = 1, timeout: float = 65.0, address: str | None = None
) -> Sighting:
    """GET the URL as a client would; several times one after another when `times` is more.

    With `address` the request goes there, with the URL's host in its Host header and its SNI.

    The limit holds for each answer and for all of them together: no new request starts after it.
    """
    command = _command(url, times, timeout, address)
    try:
        asked = parse(url)
    except AddressError as error:
        return Sighting(status="unreadable", reason=f"not a URL: {one_line(str(error))}")
    began = time.time()
    names = look_up(address or asked.host, asked.port, limit=min(timeout, _NAME_SECONDS))
    if not names.found:
        facts = Front(
            outcome="name-failed", started=began, asked=1, failing=1, statuses=[0],
            reason=one_line(names.reason),
        )  # fmt: skip
        said = f"{one_line(asked.host, 40)} does not resolve"
        return Sighting(status="present", facts=facts, reading=said, command=command)
    if asked.scheme == "https":
        from wizard.probes.front_tls import ask_over_tls

        answers = ask_over_tls(url, times, timeout, address)
    else:
        answers = _ask_plainly(asked, names, times, timeout)
    shown = next((answer for answer in answers if _fails(answer)), answers[0])
    facts = msgspec.structs.replace(
        shown,
        started=answers[0].started,
        statuses=[answer.status or 0 for answer in answers],
        failing=sum(map(_fails, answers)),
        asked=len(answers),
        redirects_to_itself=_same_place(url, shown.location) if shown.location else None,
    )
    return Sighting(
        status="present", facts=facts, reading=reading(facts), raw=_raw(facts), command=command
    )


def _ask_plainly(asked: Address, names: Addresses, times: int, timeout: float) -> list[Front]:
    """The answers, one after another on new connections, until the time is over."""
    began = time.time()
    answers: list[Front] = []
    while len(answers) < max(1, times) and not (answers and time.time() - began > timeout):
        answers.append(_one(asked, names, timeout))
    return answers


def _one(asked: Address, names: Addresses, timeout: float) -> Front:
    started, until = time.time(), time.perf_counter() + timeout
    for address in names.found:
        attempt = dial(address, limit=max(0.01, until - time.perf_counter()))
        if attempt.socket is not None:
            break
    facts = Front(
        outcome=_NOT_CONNECTED.get(attempt.outcome, "unreachable"),
        reason=attempt.error or attempt.outcome,
        started=started,
        seconds=round(time.time() - started, 4),
        peer=attempt.address.text,
    )
    if attempt.socket is None:
        return facts
    stream = PlainStream(attempt.socket)
    try:
        got = exchange(stream, _request(asked), until=until)
    finally:
        stream.close()
    return msgspec.structs.replace(
        facts if got.outcome != "answered" else _read(got),
        outcome=_OUTCOMES.get(got.outcome, "not-http"),
        reason=_why(got) or None,
        started=started,
        seconds=round(got.seconds + attempt.milliseconds / 1000, 4),
        peer=attempt.address.text,
    )


_NOT_CONNECTED: dict[str, FrontOutcome] = {
    "refused": "refused",
    "timed-out": "timed-out",
    "reset": "reset",
}
_OUTCOMES: dict[str, FrontOutcome] = {
    "answered": "answered",
    "timed-out": "timed-out",
    "closed": "closed",
    "reset": "reset",
}


def _request(asked: Address) -> bytes:
    host = url_host(asked.host)
    lines = (
        f"GET {asked.path} HTTP/1.1",
        f"Host: {host if asked.port == 80 else f'{host}:{asked.port}'}",
        "Connection: close",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
        "Accept-Encoding: identity",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", errors="replace")


def _read(got: Exchange) -> Front:
    first, *lines = got.header.decode("latin-1").splitlines()
    fields = (line.partition(":") for line in lines if ":" in line)
    facts = answered(
        got.status or 0,
        first.partition(" ")[0].removeprefix("HTTP/"),
        [(name, value.strip()) for name, _, value in fields],
        got.content,
    )
    facts = msgspec.structs.replace(facts, interim=list(got.interim))
    return with_body(facts, got.body) if got.body else facts


def _why(got: Exchange) -> str:
    if got.outcome == "not-http":
        return one_line(f"the answer begins with: {visible(got.first)}")
    if got.outcome == "timed-out":
        return "no answer in time"
    return got.reason


def _same_place(url: str, location: str) -> bool:
    """Whether a redirect leads back to the URL; the fragment and a usual port say nothing."""
    places = []
    for each in (url, urljoin(url, location)):
        parts = urlsplit(each)
        usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
        host = parts.netloc.rpartition("@")[2].lower().removesuffix(usual)
        places.append((parts.scheme, host, parts.path or "/", parts.query))
    return places[0] == places[1]


def _fails(answer: Front) -> bool:
    return answer.status is None or answer.status >= 500 or answer.body_complete is False


def _raw(facts: Front) -> str:
    if facts.outcome != "answered":
        return clean(facts.reason or "")
    first = f"HTTP/{facts.http_version} {facts.status}"
    return shorten("\n".join([first, *facts.headers, "", facts.body_start or ""]), 20_000)


def _command(url: str, times: int, timeout: float, address: str | None) -> str:
    quoted = shlex.quote(clean(url))
    if address is not None:
        quoted = f"--connect-to {shlex.quote(f'::{url_host(clean(address))}:')} {quoted}"
    insecure = "-k " if url.lower().startswith("https:") else ""
    limit = f"--max-time {timeout:g}"
    if times <= 1:
        return f"curl -sS -i {insecure}{limit} {quoted}"
    once = f"curl -sS {insecure}{limit} -o /dev/null -w '%{{http_code}}\\n' {quoted}"
    return f"for i in $(seq {times}); do {once}; done"


PROBES = (front,)
