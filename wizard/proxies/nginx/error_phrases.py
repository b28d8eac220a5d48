"""What each phrase of nginx's error log means: (phase, failure, error number).

The phrases are those of the sources of nginx 1.18 to 1.29 (ngx_http_upstream.c, the proxy,
FastCGI, uWSGI and gRPC modules, ngx_event_openssl.c, ngx_resolver.c, ngx_connection.c). A phrase
is only looked for where nginx itself puts it, at the beginning of the message: names, paths and
URLs in it come from outside.
"""

from __future__ import annotations

import errno
import re
import signal

import msgspec

from wizard.proxies.facts import Failure, Phase


class Meaning(msgspec.Struct, frozen=True):
    """What a message says went wrong."""

    phase: Phase
    failure: Failure
    errno: int | None = None
    """The system's error number; of a worker that crashed the signal's."""
    alert: int | None = None
    """Number of the TLS alert that the other side sent."""


_DOING: dict[str, Phase] = {
    "connecting to upstream": "connect",
    "SSL handshaking to upstream": "tls",
    "requesting certificate status": "tls",
    "sending request to upstream": "send",
    "sending PROXY protocol": "send",
    "reading response header from upstream": "read-header",
    "reading upstream": "read-body",
    "proxying upgraded connection": "read-body",
    "resolving": "resolve",
    "reading client request line": "client",
    "reading client pipelined request line": "client",
    "reading client request headers": "client",
    "reading client request body": "client",
    "reading PROXY protocol": "client",
    "SSL handshaking": "client",
    "waiting for request": "client",
    "sending response to client": "client",
    "sending to client": "client",
    "keepalive": "client",
    "closing request": "client",
    "logging request": "internal",
}
"""What stands behind the last `while`."""

_BY_NUMBER: dict[int, Failure] = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed-out",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ECONNABORTED: "reset",
    errno.ENETUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EINVAL: "unreachable",  # connect() into a blackhole route
    errno.EHOSTUNREACH: "no-route",
    errno.EHOSTDOWN: "no-route",
    errno.ENOENT: "no-file",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EAGAIN: "queue-full",
    errno.EADDRNOTAVAIL: "bad-address",
    errno.EADDRINUSE: "address-in-use",
    errno.EMFILE: "too-many-files",
    errno.ENFILE: "too-many-files",
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
}

_NUMBER = re.compile(r" \((\d+): [^()]*\)")
_ALERT = re.compile(r"SSL alert number (\d+)")
_CALL = re.compile(r"[a-z_]+[0-9]?\(.* failed \(\d+: ")
_UNRESOLVED = re.compile(r"\S+ could not be resolved \((\d+): ")
_VERIFY = re.compile(r"upstream SSL certificate verify error: \((\d+):")
_PHP_FATAL = re.compile(r"PHP (?:Fatal|Parse|Core|Compile) error|Uncaught ")
_TEMPORARY = re.compile(r'"[^"]*/\d{10}" failed')
_PLAIN_ANSWER = re.compile(
    r":(?:wrong version number|unknown protocol|http request|packet length too long)"
)
_CRASHED = re.compile(r"worker process \d+ exited on signal (\d+)")
_FAULTS = (
    signal.SIGILL,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGSEGV,
    signal.SIGSYS,
)
"""What a process dies of by its own doing; KILL and TERM come from somebody else."""
_CONNECTIONS = re.compile(r"(?:\d+ )?worker_connections are not enough(?!, reusing)")

_BEGINNINGS: tuple[tuple[str, Phase | None, Failure | None], ...] = (
    ("upstream timed out", None, "timed-out"),
    ("upstream prematurely closed FastCGI", None, "closed"),
    ("upstream prematurely closed request", None, "closed"),
    ("upstream closed prematurely", None, "closed"),
    ("upstream rejected request with error", None, "closed"),
    ("upstream sent goaway", None, "closed"),
    ("upstream sent too big header", None, "too-big-header"),
    ("upstream sent invalid chunked response", None, "invalid-chunked"),
    ("upstream sent more data than specified in", None, "wrong-length"),
    ('upstream sent invalid "Content-Length"', None, "wrong-length"),
    ('upstream sent duplicate header line: "Content-Length', None, "wrong-length"),
    ("upstream sent no valid ", None, "no-valid-header"),
    ("upstream sent unsupported FastCGI protocol version", None, "no-valid-header"),
    ("upstream sent too large http2 frame", None, "no-valid-header"),
    ("upstream sent unexpected http2 frame", None, "no-valid-header"),
    ("upstream sent ", None, "invalid-header"),
    ("upstream split a header line", None, "invalid-header"),
    ("upstream SSL certificate does not match", "tls", "certificate-name"),
    ("upstream server temporarily disabled", "select", "disabled"),
    ("no live upstreams", "select", "no-live-servers"),
    ("no resolver defined to resolve", "resolve", "no-resolver"),
    ("limiting requests, excess", "limit", "rate-limited"),
    ("limiting connections by zone", "limit", "connections-limited"),
    ("limiting requests, dry run", None, None),
    ("limiting connections, dry run", None, None),
    ("delaying request", None, None),
    ("rewrite or internal redirection cycle", "internal", "rewrite-loop"),
    ("subrequests cycle", "internal", "rewrite-loop"),
    ("invalid URL prefix in", "internal", "invalid-url"),
    ("zero length URI to proxy", "internal", "invalid-url"),
    ("no host in upstream", "internal", "invalid-url"),
    ("invalid host in upstream", "internal", "invalid-url"),
    ("invalid port in upstream", "internal", "invalid-url"),
    ("auth request unexpected status", "internal", "auth-failed"),
    ("client intended to send too large", "client", "body-too-big"),
    ("client prematurely closed", "client", "client-closed"),
    ("client closed ", "client", "client-closed"),
    ("client timed out", "client", "timed-out"),
    ("epoll_wait() reported that client prematurely closed", "client", "client-closed"),
    ("kevent() reported that client prematurely closed", "client", "client-closed"),
    ("client sent ", "client", "other"),
    ("broken header: ", "client", "other"),
    ("access forbidden by rule", "internal", "forbidden"),
    ("directory index of ", "internal", "forbidden"),
    ("an upstream response is buffered to a temporary file", None, None),
    ("a client request body is buffered to a temporary file", None, None),
    ("using uninitialized", None, None),
)
"""Beginning of the message, phase (None: what stands behind `while`), failure (None: not one)."""


def meaning(message: str, level: str) -> Meaning | None:
    """What the message (without its `, client: ...` fields) says; None when it is no failure."""
    if level == "emerg":
        return _of_start(message)
    said, _, doing = message.rpartition(" while ")
    known = _DOING.get(doing.partition(",")[0]) if said else None
    phase: Phase = known or "other"
    if known is None:
        said = message
    if said.startswith("FastCGI sent in stderr: "):
        return _of_fastcgi(said, phase)
    found = _special(message, said, phase) or _of_call(said, phase)
    if found is not None:
        return found
    for beginning, own_phase, failure in _BEGINNINGS:
        if said.startswith(beginning):
            if failure is None:
                return None
            return Meaning(own_phase or phase, failure, _number(said))
    if said.startswith("upstream prematurely closed connection"):
        return Meaning(phase, "truncated" if phase == "read-body" else "closed")
    return None if level == "warn" else Meaning(phase, "other", _number(said))


def _special(message: str, said: str, phase: Phase) -> Meaning | None:
    """Messages whose meaning stands in a number or a quoted part."""
    unresolved = _UNRESOLVED.match(message)
    if unresolved:
        return Meaning("resolve", "not-resolved", int(unresolved[1]))
    if phase == "resolve":
        return Meaning("resolve", "not-resolved", _number(said))
    verify = _VERIFY.match(message)
    if verify:
        return Meaning("tls", _of_verification(int(verify[1])))
    if said.startswith("peer closed connection in SSL handshake"):
        number = _number(said)
        return Meaning(phase, "reset" if number else "closed", number)
    crashed = _CRASHED.match(said)
    if crashed and int(crashed[1]) in _FAULTS:
        return Meaning("internal", "worker-crashed", int(crashed[1]))
    if _CONNECTIONS.match(said):
        return Meaning("internal", "no-connections")
    return None


def _of_call(said: str, phase: Phase) -> Meaning | None:
    """`connect() failed (111: Connection refused)`, `open() "/x" failed (13: ...)`, SSL_read()."""
    if said.startswith("SSL_"):
        return _of_tls(said, phase)
    if not _CALL.match(said):
        return None
    number = _number(said[said.rindex(" failed (") :])
    if number is None:
        return None
    failure = _BY_NUMBER.get(number, "other")
    if '" failed (' in said:
        return Meaning("internal", _of_file(said, failure), number)
    if said.startswith("bind(") and number == errno.EINVAL:
        failure = "bad-address"
    if said.startswith("bind(") and number == errno.EADDRNOTAVAIL:
        failure = "no-source-address"
    return Meaning(phase if phase != "other" else "internal", failure, number)


def _of_file(said: str, failure: Failure) -> Failure:
    """A file to be served is not found or forbidden; an own temporary file is denied."""
    if failure == "no-file":
        return "not-found"
    if failure == "denied" and not _TEMPORARY.search(said):
        return "forbidden"
    return failure


def _of_tls(said: str, phase: Phase) -> Meaning | None:
    if " failed (SSL:" not in said:
        number = _number(said)
        failure = _BY_NUMBER.get(number, "tls-failed") if number else "tls-failed"
        return Meaning(phase, failure, number)
    alert = _ALERT.search(said)
    number = int(alert[1]) if alert else None
    if _PLAIN_ANSWER.search(said):
        return Meaning(phase, "wrong-version", alert=number)
    if "certificate verify failed" in said:
        return Meaning(phase, "certificate-untrusted", alert=number)
    return Meaning(phase, "tls-failed", alert=number)


def _of_verification(code: int) -> Failure:
    """OpenSSL's X509_V_ERR codes."""
    if code == 10:
        return "certificate-expired"
    if code in (2, 18, 19, 20, 21, 27):
        return "certificate-untrusted"
    return "certificate-name" if code in (62, 64) else "certificate-other"


def _of_fastcgi(said: str, phase: Phase) -> Meaning | None:
    """What an application wrote to its error stream; only fatal words are failures."""
    if "Primary script unknown" in said:
        return Meaning(phase, "not-found")
    if "Unable to open primary script" in said:
        return Meaning(phase, "not-found" if "No such file" in said else "denied")
    if "Access to the script" in said and "has been denied" in said:
        return Meaning(phase, "forbidden")
    return Meaning(phase, "app-error") if _PHP_FATAL.search(said) else None


def _of_start(message: str) -> Meaning:
    """`[emerg]`: a start or a reload that nginx gave up."""
    if message.startswith("host not found in"):
        return Meaning("start", "not-resolved")
    number = _number(message)
    return Meaning("start", _BY_NUMBER.get(number or 0, "other"), number)


def _number(said: str) -> int | None:
    found = _NUMBER.search(said)
    return int(found[1]) if found else None
