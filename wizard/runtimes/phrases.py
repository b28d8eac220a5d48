"""What programs and the service manager write when they give up, by runtime.

Knowledge as data: a new phrase is a new line here.
"""

from __future__ import annotations

import re

FATAL = tuple(
    re.compile(pattern)
    for pattern in (
        # Python, Node, JVM and friends: `KeyError: 'total'`, `db.errors.NotReady: ...`
        r"^(?:Uncaught |Unhandled |Caused by: |Exception in thread \"[^\"]+\" )?"
        r"(?:[\w$.]+[.:])?[A-Z]\w*(?:Error|Exception|Failure|Interrupt)(?: \[\w+\])?(?::| at |$)",
        r"^(?:Error|SystemExit): ",
        r"^npm ERR! ",
        r"^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?(?:panic|fatal error): ",
        r"^thread '[^']+' (?:\(\d+\) )?panicked at",
        r"^\S+:\d+:in [`'].*\((?:[A-Z]\w*(?:::)?)+\)$",
        r"PHP (?:Fatal|Parse) error: ",
        r"^Unhandled exception\b",
        r"\[emerg\]|\[alert\]",
        r"(?i)segmentation fault|core dumped|illegal instruction",
        r"(?i)^\W*(?:\S+ ){0,6}?\W*(?:fatal|critical|emerg)\b\W",
        r"(?i)address (?:is )?already in use|EADDRINUSE|connection in use: ",
        r"(?i)no space left on device",
        r"Failed at step \w+ spawning|Failed to locate executable|Failed to load environment files",
    )
)
"""A line that names what went wrong, the last one wins."""

ERROR = re.compile(r"(?i)^\W*(?:\S+ ){0,5}?\W*error\b\W")
"""A line that calls itself an error; taken where nothing above matched."""

NOT_FATAL = re.compile(r"(?i)\b(?:retrying in|deprecat|warning:|0 errors?|no errors?)")

FLAGS = {
    "address_in_use": re.compile(
        r"(?i)address (?:is )?already in use|EADDRINUSE|port \d+ is (?:already )?in use|"
        r"already in use: \(|only one usage of each socket address|connection in use"
    ),
    "out_of_memory": re.compile(
        r"(?i)out of memory|cannot allocate memory|OutOfMemoryError|MemoryError|oom[- ]kill|"
        r"killed by the OOM killer|ENOMEM"
    ),
    "start_limit": re.compile(r"(?i)start request repeated too quickly|start-limit-hit"),
    "no_space": re.compile(r"(?i)no space left on device|ENOSPC|disk quota exceeded"),
    "permission_denied": re.compile(r"(?i)permission denied|EACCES|operation not permitted|EPERM"),
    "module_missing": re.compile(
        r"(?i)no module named|cannot find module|MODULE_NOT_FOUND|ClassNotFoundException|"
        r"NoClassDefFoundError|cannot load such file|error while loading shared libraries|"
        r"could not find or load main class|"
        r"failed to locate executable|Class \"[^\"]+\" not found"
    ),
}
"""Fields of `Words` by the phrase that sets them."""

START_TIMED_OUT = re.compile(r": start(?:-pre|-post)? operation timed out\. Terminating")
WATCHDOG = re.compile(r": Watchdog timeout \(limit ")
"""What only the service manager itself writes."""
