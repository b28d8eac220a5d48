"""Where nginx writes a log that the configuration names, and how that can be read from here."""

from __future__ import annotations

import os
import shlex

import msgspec

from wizard.probes.logs import why_not
from wizard.probes.run import run
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.error_line import own_lines

_OWN_STREAMS = ("/dev/stderr", "/dev/stdout", "/dev/fd/", "/proc/self/fd/", "/dev/pts/")
_JOURNAL_LINES = 20_000


class Source(msgspec.Struct, frozen=True):
    """One log: a file, or the journal; or the reason why it is neither."""

    written: str
    """As the configuration has it."""
    path: str | None = None
    unit: str | None = None
    identifier: str | None = None
    """The syslog identifier under which the journal has it."""
    reason: str | None = None


def source(written: str, instance: Instance) -> Source:
    """What stands behind `/var/log/nginx/error.log`, `stderr`, `syslog:...`, `memory:...`."""
    kind = written.partition(":")[0]
    if written in ("", "off", "/dev/null"):
        return Source(written, reason="nothing is logged")
    if kind == "memory":
        return Source(written, reason="kept in the memory of nginx, to be seen with a debugger")
    if kind == "syslog":
        return _of_syslog(written)
    if written == "stderr":
        return _of_stream(written, instance, 2)
    if "$" in written:
        return Source(written, reason="its path contains a variable")
    path = written if os.path.isabs(written) else os.path.join(instance.prefix or "/", written)
    path = _seen_from_here(path, instance)
    target = _link_target(path)
    if target is not None and target.startswith(_OWN_STREAMS):
        return _of_stream(written, instance, 1 if target.endswith(("stdout", "/1")) else 2)
    return Source(written, path=path)


def _of_stream(written: str, instance: Instance, number: int) -> Source:
    if instance.pid is not None:
        behind = f"/proc/{instance.pid}/fd/{number}"
        try:
            target = os.readlink(behind)
        except OSError:
            target = ""
        if target.startswith("/") and not target.startswith("/dev/") and why_not(target) is None:
            return Source(written, path=target)
    if instance.unit:
        return Source(written, unit=instance.unit)
    return Source(written, reason="goes to the output of the process, not to a file")


def _of_syslog(written: str) -> Source:
    options = dict(
        option.partition("=")[::2] for option in written.partition(":")[2].split(",") if option
    )
    server = options.get("server", "")
    if server in ("unix:/dev/log", "unix:/run/systemd/journal/dev-log"):
        return Source(written, identifier=options.get("tag", "nginx"))
    return Source(written, reason=f"goes to syslog at {server or 'another place'}")


def _seen_from_here(path: str, instance: Instance) -> str:
    """A proxy in a container has its own root; with enough rights it is seen under /proc."""
    if instance.pid is None:
        return path
    root = f"/proc/{instance.pid}/root"
    try:
        if os.readlink(root) != "/" or _namespace("self") != _namespace(str(instance.pid)):
            inside = root + path
            return inside if os.path.lexists(inside) else path
    except OSError:
        return path
    return path


def _namespace(process: str) -> str:
    return os.readlink(f"/proc/{process}/ns/mnt")


def _link_target(path: str) -> str | None:
    """What the path itself or the link there names, without following it to our own streams."""
    if path.startswith(_OWN_STREAMS):
        return path
    try:
        return os.readlink(path)
    except OSError:
        return None


def journal_command(found: Source, since: float) -> list[str]:
    """The journalctl command for the source."""
    of = ["-u", found.unit] if found.unit else ["-t", found.identifier or "nginx"]
    return ["journalctl", *of, "-o", "cat", "-q", "--no-pager", "--since", f"@{int(since)}"]


def journal_text(found: Source, since: float) -> tuple[bytes | None, str]:
    """The lines of nginx itself, oldest first, or the reason why there are none to be had."""
    argv = [*journal_command(found, since), "-n", str(_JOURNAL_LINES)]
    said = run(argv, timeout=2.0)
    if said.missing:
        return None, "journalctl is missing"
    if said.timed_out:
        return None, "the journal did not answer in 2 s"
    hint = said.err.decode("utf-8", "replace")
    if "permission" in hint.lower() or "not seeing messages" in hint.lower():
        return None, "not allowed to read the journal"
    if not said.ok or "No journal files were" in hint:
        return None, "there is no journal"
    return own_lines(said.out), ""


def shown(argv: list[str]) -> str:
    """The command as one would type it."""
    return shlex.join(argv)
