"""Plays one case: a host is started, broken for real, looked at with curl; the wizard is asked.

A case that does not produce its own symptom is a mistake of the lab and says so in `problem`; what
the wizard makes of it is judged elsewhere (`judge`).
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wizard.lab.docker import LabError, Ran
from wizard.lab.host import (
    SCRIPTS,
    SYSTEMD,
    WIZARD_AT,
    File,
    Host,
    fetch,
    reboot,
    run,
    running,
    write,
)
from wizard.lab.image import image_tag
from wizard.model.finding import PATCH

from .case import Case

PRELUDE = (Path(__file__).parent / "prelude.sh").read_text()
PEOPLE = ("root", "ops")
ERROR_LOGS = "cat /var/log/nginx/*error*.log"
STATE = ".local/state/gateway-wizard"


@dataclass(frozen=True)
class Asked:
    """What `wizard diagnose --json URL` answered one person."""

    exit: int
    report: Mapping[str, Any] | None
    out: str
    err: str
    seconds: float


@dataclass(frozen=True)
class Played:
    """What came of a case: the lab's own problem if any, what clients saw, what the wizard said."""

    case: Case
    host: str = ""
    problem: str | None = None
    error_lines: tuple[str, ...] = ()
    asked: Mapping[str, Asked] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


class NotReal(Exception):
    """The case did not do on the host what it says."""


def play(
    case: Case, *, wizard: Path | None, keep: bool = False, tapes: Path | None = None
) -> Played:
    """Plays a case; without the wizard only its health, its break and its symptom are checked."""
    seconds: dict[str, float] = {}
    began, name, problem = time.monotonic(), "", None
    lines: tuple[str, ...] = ()
    asked: dict[str, Asked] = {}
    try:
        with contextlib.ExitStack() as stack:
            with _timed(seconds, "boot"):
                host = stack.enter_context(_host(case, wizard, keep))
            name = host.name
            lines = break_host(host, case, seconds)
            for person in PEOPLE if wizard else ():
                with _timed(seconds, person):
                    asked[person] = ask(host, case.url, person, case.options)
            if case.mends and "root" in asked:
                with _timed(seconds, "mend"):
                    mend(host, case, asked["root"])
            if case.prevents and "root" in asked:
                with _timed(seconds, "prevent"):
                    prevent(host, case, asked["root"])
            if tapes:
                keep_tapes(host, asked, tapes / case.id)
    except (LabError, NotReal) as error:
        problem = str(error)
    seconds["all"] = time.monotonic() - began
    return Played(case, name, problem, lines, asked, seconds)


def _host(case: Case, wizard: Path | None, keep: bool) -> contextlib.AbstractContextManager[Host]:
    options = case.container_options()
    init = SCRIPTS if case.base == "scripts" else SYSTEMD
    tag, files = image_tag(case.disk), case.furniture()
    return running(tag, files=files, wizard=wizard, options=options, keep=keep, init=init)


def break_host(host: Host, case: Case, seconds: dict[str, float]) -> tuple[str, ...]:
    """Takes a booted host to the state that the case is about; returns nginx's new error lines."""
    with _timed(seconds, "setup"):
        _step(host, case.setup, "setup")
        if case.healthy is not None:
            _until_status(host, case.url, case.healthy)
    old_lines = set(_error_lines(host))
    with _timed(seconds, "break"):
        _step(host, case.breaks, "break")
        if case.reboot:
            reboot(host)
        time.sleep(case.wait)
        _step(host, case.traffic, "traffic")
    with _timed(seconds, "symptom"):
        status = status_by_curl(host, case.url)
        new_lines = [said for said in _error_lines(host) if said not in old_lines]
    if status != case.status:
        raise NotReal(f"curl says {status}, not {case.status}; {_tail(new_lines)}")
    if case.says and not any(re.search(case.says, line) for line in new_lines):
        raise NotReal(f"the error log does not say {case.says!r}; {_tail(new_lines)}")
    if case.silent and any("upstream" in line for line in new_lines):
        raise NotReal(f"the error log should be silent; {_tail(new_lines)}")
    return tuple(new_lines)


def status_by_curl(host: Host, url: str) -> int:
    """The status that curl gives for a URL on the host; 0 where no HTTP answer comes."""
    argv = ["curl", "-s", "-k", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "90", url]
    return int(run(host, argv, timeout=100).out or 0)


def ask(host: Host, url: str, person: str, options: Sequence[str] = ()) -> Asked:
    """Runs the wizard on the host as root or as an ordinary person."""
    argv = ["python3", "-m", "wizard", "diagnose", "--json", *options, url]
    began = time.monotonic()
    env = {"PYTHONPATH": WIZARD_AT, "PYTHONFAULTHANDLER": "1"}
    ran = run(host, argv, user=person, env=env, timeout=180)
    took = time.monotonic() - began
    return Asked(ran.status, _report(ran), ran.out, ran.err, took)


def mend(host: Host, case: Case, asked: Asked) -> None:
    """Does what a proposal says, as a person would, and takes it back.

    Raises:
        NotReal: the url is not well after it, or the fault is not back after the undo.
    """
    verdicts = (asked.report or {}).get("verdicts") or [{}]
    proposals = verdicts[0].get("proposals") or []
    if len(proposals) < (case.mends or 0):
        raise NotReal(f"there is no proposal {case.mends}")
    proposal = proposals[(case.mends or 1) - 1]
    if case.well and run(host, f"{PRELUDE}\n{case.well}", timeout=60).ok:
        raise NotReal(f"{case.well} is true before anything was mended")
    _carry_out(host, proposal)
    _seen_as(host, case, proposal["title"], is_well=True)
    if proposal["undo"]:
        _typed(host, proposal, proposal["undo"])
        _seen_as(host, case, f"the undo of {proposal['title']}", is_well=False)


def _seen_as(host: Host, case: Case, after: str, *, is_well: bool) -> None:
    """Waits until clients see the case as well, or as broken again."""
    if case.well:
        script = f"{PRELUDE}\n{case.well}"
        if _until(lambda: run(host, script, timeout=120).ok, is_well, patience=60) is not is_well:
            raise NotReal(
                f"after `{after}` what tells a well host {'fails' if is_well else 'holds'}"
            )
        return
    wanted = (case.mended or case.healthy or 200) if is_well else case.status
    seen = _until(lambda: status_by_curl(host, case.url), wanted, patience=60)
    if seen != wanted:
        raise NotReal(f"after `{after}` curl says {seen}")


def _carry_out(host: Host, proposal: Mapping[str, Any]) -> None:
    is_diff = proposal["kind"] == "diff"
    if is_diff:
        write(host, {f"/root/{PATCH}": File(proposal["text"].encode())})
    _typed(host, proposal, proposal["apply"] if is_diff else proposal["text"])


def prevent(host: Host, case: Case, asked: Asked) -> None:
    """Mends the host for good, puts each prevention in its place, tries it, and takes it back.

    Raises:
        NotReal: one is not offered, cannot be put in its place, or does not work there.
    """
    report = asked.report or {}
    offered = {each["id"]: each for each in report.get("preventions", ())}
    proposals = (report.get("verdicts") or [{}])[0].get("proposals") or []
    _carry_out(host, proposals[(case.mends or 1) - 1])
    _until_status(host, case.url, case.healthy or 200)
    for name, check in case.prevents.items():
        if name not in offered:
            raise NotReal(f"`{name}` is not offered, but {', '.join(offered) or 'nothing'}")
        each = offered[name]
        write(host, {f"/root/{each['file']}": File(f"{each['text']}\n".encode())})
        _typed(host, each, each["apply"])
        _step(host, f"cd /root\n{check}", f"check of `{name}`")
        _typed(host, each, each["undo"])


def _typed(host: Host, proposal: Mapping[str, Any], text: str) -> None:
    ran = run(host, f"cd /root; set -e\n{text}", timeout=60)
    if not ran.ok:
        raise NotReal(f"`{proposal['title']}` failed ({ran.status}): {(ran.err + ran.out)[-600:]}")


def keep_tapes(host: Host, asked: Mapping[str, Asked], folder: Path) -> None:
    """Copies the journals of the sessions out of the host, beside what was printed."""
    for person, home in (("root", "/root"), ("ops", "/home/ops")):
        if person not in asked:
            continue
        into = folder / person
        into.mkdir(parents=True, exist_ok=True)
        fetch(host, f"{home}/{STATE}/.", into)
        (into / "report.json").write_text(asked[person].out)
        (into / "stderr.txt").write_text(asked[person].err)


def _report(ran: Ran) -> Mapping[str, Any] | None:
    try:
        report = json.loads(ran.out)
    except ValueError:
        return None
    return report if isinstance(report, dict) else None


def _step(host: Host, script: str, name: str) -> None:
    if not script.strip():
        return
    ran = run(host, f"{PRELUDE}\n{script}", timeout=120)
    if not ran.ok:
        raise NotReal(f"{name} failed ({ran.status}): {(ran.err + ran.out).strip()[-1500:]}")


def _until_status(host: Host, url: str, status: int) -> None:
    seen = _until(lambda: status_by_curl(host, url), status)
    if seen != status:
        raise NotReal(
            f"before the break curl says {seen}, not {status}; {_tail(_error_lines(host))}"
        )


def _until(look: Callable[[], int], wanted: int, patience: float = 20.0) -> int:
    give_up = time.monotonic() + patience
    while (seen := look()) != wanted and time.monotonic() < give_up:
        time.sleep(0.1)
    return seen


def _error_lines(host: Host) -> list[str]:
    return run(host, ERROR_LOGS).out.splitlines()


def _tail(lines: list[str]) -> str:
    return "error log: " + (" | ".join(lines[-4:]) or "nothing new")


@contextlib.contextmanager
def _timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        seconds[what] = time.monotonic() - began
