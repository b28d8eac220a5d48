"""Looks that run side by side import what could deadlock one at a time."""

from __future__ import annotations

import subprocess
import sys

LOOKS = """
import sys
from wizard.model.route import Route, Server
from wizard.probes.dns import resolve
from wizard.probes.front import front
from wizard.probes.importing import one_at_a_time

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("importlib.", "dns.", "httpx", "httpcore", "certifi")):
            if not name.startswith(("dns.rdtypes.",)) and not one_at_a_time._is_owned():
                print(name)

sys.meta_path.insert(0, Watch())
LOOK
"""
FRONT = 'front(url="http://127.0.0.1:1/")'
RESOLVE = (
    'resolve(server=Server(name="a.invalid:80", host="a.invalid", port=80, is_name=True),'
    ' route=Route(found=True, resolver=["127.0.0.1:1"]))'
)


def imported_without_the_lock(look: str) -> list[str]:
    script = LOOKS.replace("LOOK", look)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.split()


def test_httpx_is_imported_under_the_lock() -> None:
    assert imported_without_the_lock(FRONT) == []


def test_dnspython_is_imported_under_the_lock() -> None:
    assert imported_without_the_lock(RESOLVE) == []
