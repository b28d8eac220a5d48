"""What kept the service manager from executing a unit's program at all.

systemd ends its own child with a status from 200 on when it cannot set up the process or execute
it (systemd.exec(5), "Process Exit Codes"). An application may use the same numbers, but not within
the milliseconds that such a failure takes.
"""

from __future__ import annotations

from wizard.runtimes.systemd.show import Unit

STEPS = {
    200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 204: "MEMORY", 205: "LIMITS",
    206: "OOM_ADJUST", 207: "SIGNAL_MASK", 208: "STDIN", 209: "STDOUT", 210: "CHROOT",
    211: "IOPRIO", 212: "TIMERSLACK", 213: "SECUREBITS", 214: "SETSCHEDULER", 215: "CPUAFFINITY",
    216: "GROUP", 217: "USER", 218: "CAPABILITIES", 219: "CGROUP", 220: "SETSID", 221: "CONFIRM",
    222: "STDERR", 224: "PAM", 225: "NETWORK", 226: "NAMESPACE", 227: "NO_NEW_PRIVILEGES",
    228: "SECCOMP", 229: "SELINUX_CONTEXT", 230: "PERSONALITY", 231: "APPARMOR",
    232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY", 235: "CHOWN", 236: "SMACK_PROCESS_LABEL",
    237: "KEYRING", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY", 240: "LOGS_DIRECTORY",
    241: "CONFIGURATION_DIRECTORY", 242: "NUMA_POLICY", 243: "CREDENTIALS",
}  # fmt: skip
"""The step that failed, by exit status."""

_AT_ONCE = 1.0
_EXITED = 1


def failed_step(unit: Unit) -> str:
    """The step at which its last start failed: `EXEC`, `CHDIR`, `USER`, `NAMESPACE`, ...

    Empty where the program was executed, whatever became of it.
    """
    if unit.running or unit.number("ExecMainCode") != _EXITED:
        return ""
    step = STEPS.get(unit.number("ExecMainStatus") or 0)
    began, ended = unit.moment("ExecMainStart"), unit.moment("ExecMainExit")
    if step is None or began is None or ended is None:
        return ""
    return step if ended - began < _AT_ONCE else ""


def became_ready(unit: Unit) -> bool | None:
    """Its present or last start came as far as `active`; None where it was never started.

    Only a unit that has to report (Type=notify, forking, ...) can run without becoming ready.
    """
    began = unit.number("InactiveExitTimestampMonotonic")
    if not began:
        return None
    return (unit.number("ActiveEnterTimestampMonotonic") or 0) >= began
