"""What is loaded by whom, asked of real processes: the start stays fast, the engine stays free."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
HEAVY = {"argparse", "asyncio", "cryptography", "httpx", "logging", "msgspec", "psutil", "yaml"}


def loaded_by(statements: str) -> set[str]:
    """The modules in a fresh Python after the statements."""
    script = f"import sys\n{statements}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_the_version_loads_next_to_nothing() -> None:
    loaded = loaded_by("from wizard.cli import main; main(['--version'])")
    assert not loaded & (HEAVY | {"typing", "collections", "contextlib", "threading"})


def test_wrong_usage_loads_no_probe() -> None:
    loaded = loaded_by("from wizard.cli import main; main(['diagnose', 'ftp://x'])")
    assert "argparse" in loaded
    assert not loaded & (HEAVY - {"argparse"})
    assert not any(name.startswith(("wizard.engine", "wizard.probes")) for name in loaded)


@pytest.mark.parametrize(
    "module", ["wizard.engine.diagnose", "wizard.engine.catalogue", "wizard.unattended"]
)
def test_the_engine_loads_neither_a_screen_nor_docker_nor_anything_slow(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert not loaded & {"textual", "rich", "docker", "requests"}
    assert not loaded & (HEAVY - {"msgspec", "argparse"})


def test_reports_load_no_engine() -> None:
    loaded = loaded_by("import wizard.report.json, wizard.report.short, wizard.report.text")
    assert not any(name.startswith(("wizard.engine", "wizard.probes")) for name in loaded)


def test_one_module_starts_processes() -> None:
    """No shell, no `os.system`, no second place: the allow-list is the whole list."""
    starters = {"system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp"}
    offenders = []
    for path in sorted((PROJECT / "wizard").rglob("*.py")):
        if "lab" in path.parts or path.name == "run.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called = (node.value.id, node.attr)
                spawns = called[0] == "os" and (
                    called[1] in starters or called[1].startswith(("exec", "spawn"))
                )
                if spawns or called[0] == "subprocess":
                    offenders.append(f"{path.relative_to(PROJECT)}:{node.lineno}: {called}")
    assert not offenders
