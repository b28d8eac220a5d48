"""The commands: read what was typed, wire the parts, print, leave.

`diagnose` exits with 0 when nothing is wrong, 1 when a cause was named, 2 for wrong usage, 3 when
something is wrong and no cause is proven, 4 when the wizard itself failed, 130 after Ctrl-C.
`verify` says the same of an incident: 0 when it is over, 1 when it is not, 3 when that is unclear.

Whatever costs time to import is imported where it is used: `wizard --version` answers within
40 ms.
"""

from __future__ import annotations

import os
import sys

from wizard import __version__, output

TYPE_CHECKING = False  # `typing` and `collections` would cost 6 ms
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Literal, NoReturn

    from wizard.model.session import Session
    from wizard.trail import Trail

DONE, USAGE, FAILED, INTERRUPTED = 0, 2, 4, 130
OUTCOMES = {"healthy": 0, "cause": 1, "unproven": 3}


def program() -> NoReturn:
    """Run as a program, and leave at once: looks may still hang or be under way.

    The interpreter's own end would wait for nothing either, but pulls the ground from under
    threads that are in the middle of C code; it was seen to crash.
    """
    os._exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say and return the exit status."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if typed in (["--version"], ["-V"]):  # without argparse: 8 ms
        output.page(f"wizard {__version__}")
        return DONE
    kept: list[Trail] = []
    try:
        return _run(typed, kept)
    except KeyboardInterrupt:
        output.warn(f"Stopped. {kept[0].where if kept else 'Nothing was looked at yet.'}")
        return INTERRUPTED
    except SystemExit as leaving:  # argparse, after --help
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except Exception as mistake:
        return _failed(mistake, kept)
    finally:
        output.flush()


def _run(typed: list[str], kept: list[Trail]) -> int:
    from wizard import options as given

    try:
        options = given.read(typed)
        if options.command == "flow" and options.flow_command in ("test", "keep"):
            from wizard import fixtures

            return fixtures.run(options)
        if options.command == "flow":
            return int(options.run(options))
        if options.command == "verify":
            from wizard import asking_again

            return asking_again.run(options)
        if options.command == "sessions":
            from wizard import keeping

            return keeping.run(options)
        if options.command == "export":
            from wizard import exporting

            return exporting.run(options)
        if options.command in given.INTERACTIVE and options.form is None:
            from wizard import front_end

            chosen = front_end.choose(plain=options.plain)
            if chosen.name != "text":
                return _walked(options, chosen.name, chosen.why, kept)
            if options.command == "resume":
                raise given.Refused("resume walks with a person: it needs a terminal, or --plain.")
            if options.step:
                raise given.Refused("--step waits for a person: it needs a terminal, or --plain.")
        sessions = _sessions(options, kept)
    except given.Refused as refusal:
        output.warn(str(refusal))
        return USAGE
    try:
        if options.command == "replay" and options.as_recorded and options.form == "text":
            from wizard import replaying

            output.page(replaying.page_as_recorded(options.tape))
        else:
            output.page(_rendered(options.form or "text", sessions, kept[0]))
    except OSError as error:
        output.warn(f"The report could not be written: {error.strerror}. {kept[0].where}")
        return FAILED
    if options.command == "demo":
        return DONE
    ended = sessions[0].conclusion
    return OUTCOMES[ended.outcome] if ended else FAILED


def _walked(
    options: argparse.Namespace, name: Literal["screen", "plain"], why: str, kept: list[Trail]
) -> int:
    """Walk with a person, who is told where prompts stand in for the screen."""
    from wizard import interactive
    from wizard.trail import Trail

    if why:
        output.warn(f"Prompts instead of the full screen: {why}.")
    if options.command == "resume":
        from wizard import reopening

        return reopening.run(options, name, kept)
    kept.append(Trail(output.warn))
    return interactive.run(options, name, kept[0])


def _sessions(options: argparse.Namespace, kept: list[Trail]) -> list[Session]:
    from wizard import unattended
    from wizard.trail import Trail

    trail = Trail(output.warn, output.progress)
    kept.append(trail)
    if options.command == "demo":
        from wizard import replaying

        return [replaying.demo()]
    if options.command == "replay":
        from wizard import replaying

        return [replaying.told(options)]
    if options.address is None:
        return unattended.diagnose_routes(options, trail)
    if options.address.left_out:
        output.warn(f"Left {options.address.left_out} out of the URL: the wizard sends none.")
    return [unattended.diagnose_url(options, trail)]


def _rendered(form: str, sessions: Sequence[Session], trail: Trail) -> str:
    if form == "json":
        from wizard.report import json

        return json.render(sessions)
    if form == "short":
        from wizard.report import short

        return short.render(sessions, trail.folder)
    from wizard.report import text

    return text.render(sessions, trail.folder, width=output.columns(), bold=output.is_bold())


def _failed(mistake: Exception, kept: list[Trail]) -> int:
    """A mistake of the wizard says nothing about the site; its traceback goes to a file."""
    try:
        from wizard import unattended
        from wizard.model.masking import mask
        from wizard.trail import Trail
    except Exception:  # not even the parts can be loaded: the first mistake says why
        output.warn(f"The wizard itself failed ({type(mistake).__name__}: {mistake}).")
        return FAILED
    known = unattended.known_failure(mistake)
    if known:
        output.warn(known)
        return FAILED
    where = (kept[0] if kept else Trail(output.warn)).keep_traceback(mistake)
    what = mask(" ".join(f"{type(mistake).__name__}: {mistake}".split())[:300])
    traceback = f"The traceback is in {where}." if where else "Its traceback could not be kept."
    output.warn(f"The wizard itself failed ({what}). That says nothing about the site. {traceback}")
    return FAILED
