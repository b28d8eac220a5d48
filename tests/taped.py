"""Recorded incidents of real hosts, walked again: sessions for what shows them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from wizard import replaying
from wizard.engine.catalogue import probes
from wizard.flows.loading import load
from wizard.flows.model import Library
from wizard.model.session import Session

TAPES = Path(__file__).parent / "tapes"
SEVERAL = (
    "wrong-port-in-site",
    "oom-gunicorn-worker",
    "ejected-by-application-errors",
    "app-says-502-about-its-own-backend",
    "socket-mode-600",
    "drop-iptables-input",
    "config-unknown-directive",
    "nginx-stopped",
    "maintenance-flag-file",
    "expired-certificate-gunicorn-group",
    "slow-report",
    "healthy-noisy",
)
"""One of each kind: refused, closed, ejected, passed on, unix socket, filtered, no proxy, TLS."""


def tape(name: str) -> Path:
    return TAPES / f"{name}.tape.gz"


@cache
def walked(name: str) -> Session:
    """The session of today's walk over the tape."""
    return replaying.replay(str(tape(name))).session


@cache
def library() -> Library:
    return load(probes())
