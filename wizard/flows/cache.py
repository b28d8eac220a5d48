"""The loaded library in a file, so that a start need not read the YAML again.

A file: the key in hexadecimal, a newline, the library as MessagePack. Whatever is wrong with it,
it is read as if it were not there.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import msgspec

import wizard
from wizard.flows import sources
from wizard.flows.model import Library

_LIMIT = 20_000_000


def place() -> Path:
    """Find where the user's cache is."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home) / "gateway-wizard" / "library.msgpack"


def prebuilt() -> Path:
    """Find the library that may come with the program, beside its flows."""
    return sources.packaged().parent / "library.msgpack"


def read(path: Path, digest: str) -> Library | None:
    """Read the library of exactly these contents; None when the file has no such thing."""
    try:
        with open(path, "rb") as file:
            if path != prebuilt() and os.fstat(file.fileno()).st_uid not in (0, os.geteuid()):
                return None
            head, _, packed = file.read(_LIMIT).partition(b"\n")
        if head != _key(digest):
            return None
        library = msgspec.msgpack.decode(packed, type=Library)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    return library if library.digest == digest else None


def write(path: Path, library: Library) -> None:
    """Keep the library, if that is possible."""
    with suppress(OSError):
        # `sudo` may leave HOME with the person: root's files and folders are not wanted there.
        # And a home that does not exist is not made.
        above = next(folder for folder in path.parents if folder.exists())
        if above.stat().st_uid != os.geteuid() or above == Path("/"):
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_suffix(f".{os.getpid()}")
        try:
            new.write_bytes(_packed(library, _key(library.digest)))
            os.replace(new, path)
        finally:
            new.unlink(missing_ok=True)


def ship(path: Path, library: Library) -> None:
    """Write the library for a release, to stand where `prebuilt` looks."""
    path.write_bytes(_packed(library, _released_key(library.digest)))


def _packed(library: Library, key: bytes) -> bytes:
    return key + b"\n" + msgspec.msgpack.encode(library)


def _key(digest: str) -> bytes:
    """Identify contents, version and, in a checkout, the code that reads them."""
    key = _released_key(digest)
    package = Path(wizard.__file__).parent
    if not (package.parent / "pyproject.toml").exists():
        return key
    total = hashlib.blake2b(key, digest_size=16)
    for module in sorted((package / "flows").glob("*.py")):
        total.update(str(module.stat().st_mtime_ns).encode())
    return total.hexdigest().encode()


def _released_key(digest: str) -> bytes:
    named = f"{wizard.__version__}\0{digest}".encode()
    return hashlib.blake2b(named, digest_size=16).hexdigest().encode()
