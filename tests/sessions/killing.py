"""Walks over a tape in children of its own and kills each of them somewhere on the way.

Run as `python -m tests.sessions.killing TAPE COUNT SEED`; what it leaves are the journals.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

from wizard.engine.look import TapeLook
from wizard.front_end import Setup
from wizard.opening import session_on
from wizard.plain import prompts, telling
from wizard.report import panels
from wizard.trail import Trail
from wizard.unattended import knowledge

_LOADED = (prompts, telling, panels)


def walk(tape: str) -> None:
    """What `wizard replay TAPE` does, without the telling."""
    incident, recorded = session_on(tape)
    trail = Trail(lambda sentence: None)
    look = TapeLook(recorded.evidence_of_the_walk())
    setup = Setup(incident=incident, trail=trail, make_look=lambda: look, flow=recorded.flow)
    investigation = setup.open(lambda event: None)
    setup.begin(investigation)
    investigation.walk_to_the_end()


def child(tape: str) -> int:
    """A process that walks."""
    number = os.fork()
    if number == 0:
        try:
            walk(tape)
        finally:
            os._exit(0)
    return number


def main(tape: str, count: int, seed: int) -> None:
    """One walk to its end, whose time is measured; then the killed ones."""
    chance = random.Random(seed)
    knowledge()
    begin = time.monotonic()
    os.waitpid(child(tape), 0)
    took = time.monotonic() - begin
    killed = 0
    while killed < count:
        number = child(tape)
        time.sleep(chance.uniform(0, took))
        os.kill(number, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == -signal.SIGKILL


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
