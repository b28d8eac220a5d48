"""Where the YAML is: packaged with the program, the site's, the user's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import wizard

SITE = Path("/etc/gateway-wizard/flows")
SUBFOLDERS = ("looks", "flows", "causes", "prevention")


class Folder(NamedTuple):
    """A folder of YAML files."""

    path: Path
    shown: str
    """How its files are named in places: `flows` for the packaged ones, else the path."""


class File(NamedTuple):
    """A file, read; `layer` is the number of its folder."""

    shown: str
    layer: int
    content: bytes | OSError


def packaged() -> Path:
    """Find the flows that come with the program: in the wheel, or in the checkout."""
    package = Path(wizard.__file__).parent
    inside = package / "data" / "flows"
    return inside if inside.is_dir() else package.parent / "flows"


def folders() -> tuple[Folder, ...]:
    """List the packaged, the site's and the user's folder, those that exist."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    user = Path(home) / "gateway-wizard" / "flows"
    own = [Folder(path, str(path)) for path in (SITE, user) if os.path.isdir(path)]
    return (Folder(packaged(), "flows"), *own)


def files(folders: Iterable[Folder]) -> tuple[File, ...]:
    """Read all files of the folders, in the order in which they count."""
    found = []
    for layer, folder in enumerate(folders):
        for place in (folder.path, *(folder.path / name for name in SUBFOLDERS)):
            try:
                names = sorted(os.listdir(place))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                found.append(File(_shown(folder, place), layer, error))
                break
            paths = [place / name for name in names if _is_flow(name)]
            found += [File(_shown(folder, path), layer, _content(path)) for path in paths]
    return tuple(found)


def digest(files: Iterable[File]) -> str:
    """Give a digest of the files' names and contents."""
    total = hashlib.blake2b(digest_size=16)
    for file in files:
        content = file.content if isinstance(file.content, bytes) else str(file.content).encode()
        total.update(f"{file.shown}\0{file.layer}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _shown(folder: Folder, path: Path) -> str:
    return os.path.normpath(os.path.join(folder.shown, path.relative_to(folder.path)))


def _is_flow(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) and not name.startswith(".")


def _content(path: Path) -> bytes | OSError:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        return error
