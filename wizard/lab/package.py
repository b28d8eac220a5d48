"""The wizard as a folder that hosts can mount: what `pip install --target` makes of the sources."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wizard.lab.docker import LabError

HOST_PYTHON = "3.11"
"""The Python of Debian 12: compiled dependencies must be made for it, whatever runs the lab."""
INPUTS = ("wizard", "flows", "pyproject.toml", "README.md", "LICENSE")
KEPT_SECONDS = 6 * 3600.0


def wizard_folder(project_root: Path) -> Path:
    """A folder to put on PYTHONPATH, made anew only when the sources have changed."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wizard-lab"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = home / f"wizard-{sources_digest(project_root)}"
        if not folder.exists():
            _install(project_root, folder)
            _forget_old(home)
        os.utime(folder)
    return folder


def sources_digest(project_root: Path) -> str:
    """Twelve characters that change whenever a file of the wheel does."""
    digest = hashlib.sha256()
    for name in INPUTS:
        top = project_root / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(project_root)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _install(project_root: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        wheels, made = Path(work) / "wheels", Path(work) / "made"
        sources = _copy_of(project_root, Path(work) / "sources")
        _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(sources))
        (wheel,) = wheels.glob("*.whl")
        target = ("--target", str(made), "--python-version", HOST_PYTHON, "--only-binary=:all:")
        _pip("install", "--compile", *target, str(wheel))
        made.chmod(0o755)
        made.rename(folder)


def _copy_of(project_root: Path, sources: Path) -> Path:
    """The inputs of the wheel in a folder of their own: building leaves nothing in the project."""
    sources.mkdir()
    for name in INPUTS:
        given = project_root / name
        if given.is_dir():
            shutil.copytree(given, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif given.exists():
            shutil.copy2(given, sources / name)
        else:
            (sources / name).touch()  # the wheel's metadata want it, a host does not
    return sources


def _pip(*arguments: str) -> None:
    argv = [sys.executable, "-m", "pip", "--quiet", *arguments]
    done = subprocess.run(argv, capture_output=True, check=False)
    if done.returncode:
        raise LabError(
            f"pip {arguments[0]} failed: {done.stderr.decode('utf-8', 'replace')[-2000:]}"
        )


def _forget_old(home: Path) -> None:
    """Remove what no run can be using any more."""
    for folder in home.glob("wizard-*"):
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
