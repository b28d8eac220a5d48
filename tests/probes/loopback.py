"""Small real servers on loopback, each with one behaviour, for the probes to meet."""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from wizard.model.route import Route, Server

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 and os.environ.get("WIZARD_LAB") != "required",
    reason="needs root for namespaces and other users",
)

Handler = Callable[[socket.socket], None]


@dataclass
class Running:
    """A listener and its port."""

    listener: socket.socket
    port: int = 0
    """0 for a unix socket."""

    def server(self, scheme: str = "http", host: str = "127.0.0.1") -> Server:
        name = f"{host}:{self.port}"
        is_name = not host.replace(".", "").isdigit() and ":" not in host
        return Server(name=name, host=host, port=self.port, scheme=scheme, is_name=is_name)  # type: ignore[arg-type]


@contextmanager
def serving(*handlers: Handler, listener: socket.socket | None = None) -> Iterator[Running]:
    """Accept connections; the n-th one gets the n-th handler, further ones the last."""
    running = Running(listener or socket.create_server(("127.0.0.1", 0)))
    if running.listener.family != socket.AF_UNIX:
        running.port = running.listener.getsockname()[1]
    finished = threading.Event()
    threads: list[threading.Thread] = []

    def converse(connection: socket.socket, handler: Handler) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            handler(connection)

    def accept() -> None:
        count = 0
        while not finished.is_set():
            try:
                connection, _ = running.listener.accept()
            except OSError:
                return
            handler = handlers[min(count, len(handlers) - 1)]
            count += 1
            thread = threading.Thread(target=converse, args=(connection, handler), daemon=True)
            thread.start()
            threads.append(thread)

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield running
    finally:
        finished.set()
        with suppress(OSError):
            running.listener.shutdown(socket.SHUT_RDWR)
        running.listener.close()
        acceptor.join(5)
        for thread in threads:
            thread.join(5)


def answering(answer: bytes, seen: list[bytes] | None = None) -> Handler:
    """Read a request, send the answer, close."""

    def handle(connection: socket.socket) -> None:
        request = connection.recv(65536)
        if seen is not None:
            seen.append(request)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)

    return handle


def greeting(banner: bytes) -> Handler:
    """Speak first, as SSH, SMTP and MySQL do."""

    def handle(connection: socket.socket) -> None:
        connection.sendall(banner)
        silent(connection)

    return handle


def silent(connection: socket.socket) -> None:
    """Read, say nothing, wait until the other side leaves."""
    while connection.recv(65536):
        pass


def closing(connection: socket.socket) -> None:
    """Read the request and close."""
    connection.recv(65536)


def resetting(connection: socket.socket) -> None:
    """Read the request and reset the connection."""
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def over_tls(context: ssl.SSLContext, handler: Handler) -> Handler:
    """The handler behind a TLS handshake."""

    def handle(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            secure.settimeout(10)
            handler(secure)

    return handle


@contextmanager
def full_queue(path: Path | None = None) -> Iterator[socket.socket]:
    """A listener that nobody accepts from, with its queue filled."""
    family = socket.AF_INET if path is None else socket.AF_UNIX
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0) if path is None else str(path))
    listener.listen(0)
    waiting: list[socket.socket] = []
    try:
        for _ in range(4):
            client = socket.socket(family, socket.SOCK_STREAM)
            waiting.append(client)
            client.settimeout(0.1)
            with suppress(OSError):
                client.connect(listener.getsockname())
        yield listener
    finally:
        for client in waiting:
            client.close()
        listener.close()


def as_nobody(imports: str, code: str) -> str:
    """What the Python code prints when an ordinary user runs it; needs root.

    The interpreter may lie where that user cannot go, so the imports come before the change.
    """
    drop = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)"
    whole = "\n".join([imports, drop, code])
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def unused_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def at(port: int, host: str = "127.0.0.1", scheme: str = "http") -> Server:
    return Server(name=f"{host}:{port}", host=host, port=port, scheme=scheme)  # type: ignore[arg-type]


def unix(path: Path | str) -> Server:
    return Server(name=f"unix:{path}", path=str(path))


def route(**fields: object) -> Route:
    return Route(found=True, proxy="nginx", **fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Pair:
    """A certificate and its key as files."""

    certificate: Path
    key: Path

    def context(self, **settings: object) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        for name, value in settings.items():
            setattr(context, name, value)
        return context


def certificate(
    folder: Path,
    *names: str,
    common_name: str = "backend",
    days: float = 30,
    since: float = -1,
    issuer: Pair | None = None,
) -> Pair:
    """A certificate for the names, valid from `since` until `days` days from now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    signer, signed_by = key, subject
    if issuer is not None:
        signed_by = x509.load_pem_x509_certificate(issuer.certificate.read_bytes()).subject
        signer = serialization.load_pem_private_key(issuer.key.read_bytes(), None)  # type: ignore[assignment]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=min(since, days - 1)))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        listed: list[x509.GeneralName] = []
        for name in names:
            try:
                listed.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                listed.append(x509.DNSName(name))
        builder = builder.add_extension(x509.SubjectAlternativeName(listed), critical=False)
    made = builder.sign(signer, hashes.SHA256())
    stem = f"{common_name}-{len(list(folder.iterdir()))}"
    pair = Pair(folder / f"{stem}.crt", folder / f"{stem}.key")
    pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pair.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pair
