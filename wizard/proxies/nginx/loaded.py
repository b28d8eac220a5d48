"""Whether the running nginx is as old as its files.

A load shows as the start of the oldest worker that is not shutting down: a reload starts new
workers and retires the old ones, while a worker that replaces a crashed one is younger than the
load. nginx's processes start within milliseconds of reading the files.
"""

from __future__ import annotations

import glob
import os

from wizard.model.text import clean, one_line
from wizard.proxies.facts import Instance, Loaded
from wizard.proxies.nginx.config import Configuration, configuration
from wizard.proxies.nginx.last_words import journal_lines, log_emergencies
from wizard.proxies.nginx.processes import family

# Start times come in clock ticks of 10 ms, file times from a clock that lags up to 4 ms.
_SLACK = 0.05


def loaded(instance: Instance) -> Loaded:
    """Compare the files' times with the last load's."""
    running = family(instance.pid) if instance.pid is not None else None
    if running is None:
        return Loaded()
    current = [worker.started for worker in running.workers if not worker.is_leaving]
    at = max(running.leader.started, min(current, default=0.0))
    if instance.config is None:
        return Loaded(loaded=at)
    effective = configuration(instance.config)
    times = file_times(effective, at + _SLACK)
    newer = sorted(path for path, time in times.items() if time > at + _SLACK)
    changed = max(times.values(), default=None)
    hidden = any(trouble.unreadable for trouble in effective.troubles) or not times
    if not newer:
        return Loaded(stale=None if hidden else False, loaded=at, changed=changed)
    failed, said = _refused(instance, min(times[path] for path in newer))
    return Loaded(
        stale=True,
        loaded=at,
        changed=changed,
        changed_files=[clean(path) for path in newer],
        reload_failed=failed,
        reload_error=said,
    )


def file_times(effective: Configuration, load: float) -> dict[str, float]:
    """When each file of the configuration last changed in content, mode or name.

    A folder counts, too, when it changed after the load and nothing in it explains that: a file
    was taken away.
    """
    times: dict[str, float] = {}
    for path in effective.files.statements:
        try:
            found, link = os.stat(path), os.lstat(path)
        except OSError:
            continue
        times[path] = max(found.st_mtime, found.st_ctime, link.st_ctime)
    for pattern in effective.files.patterns:
        folder = os.path.dirname(pattern)
        if glob.has_magic(folder):
            continue
        try:
            changed = os.stat(folder).st_mtime
        except OSError:
            continue
        if changed > load and not _explained(folder, changed):
            times[folder] = changed
    return times


def _explained(folder: str, changed: float) -> bool:
    """Something in the folder is as new as the folder: it was added or renamed, not removed."""
    try:
        with os.scandir(folder) as entries:
            return any(
                entry.stat(follow_symlinks=False).st_ctime > changed - _SLACK for entry in entries
            )
    except OSError:
        return False


def _refused(instance: Instance, since: float) -> tuple[bool | None, str | None]:
    """Whether a reload after this time was refused, and with what words."""
    emergencies = log_emergencies(instance)
    for at, pid, text in reversed(emergencies or []):
        if pid == instance.pid and at >= since - 1:
            return True, one_line(text, 400)
    lines = journal_lines(instance.unit, since) if instance.unit else None
    for line in reversed(lines or []):
        if "[emerg]" in line:
            return True, one_line(line, 400)
    if any("Reload failed" in line for line in lines or []):
        return True, None
    return (None, None) if emergencies is None and lines is None else (False, None)
