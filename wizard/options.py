"""What can be typed: the commands and their options, read and checked before anything runs."""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Sequence
from typing import NoReturn, TypeAlias

from wizard import __version__
from wizard.model.address import AddressError
from wizard.model.address import parse as parse_address
from wizard.model.when import EXAMPLES, WhenError
from wizard.model.when import parse as parse_when

COMMANDS = (
    "walk", "diagnose", "verify", "sessions", "resume", "export", "replay", "demo", "flow",
)  # fmt: skip
NOT_YET = ("learn",)
FIXES = ("patch", "commands")
EXPORTS = (*FIXES, "tape")
DOCUMENTS = ("md", "html", "text", "json", "short", "postmortem")
"""What tells a whole session (`wizard.report.document.forms`)."""
PROXIES = ("nginx",)
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
INTERACTIVE = ("walk", "replay", "demo", "resume")
"""Commands that a person walks through where there is a terminal."""
_WITH_A_SIGN = ("--since", "--until")
_OF_THE_WALK = ("--plain", "--step", "--no-mouse")


class Refused(Exception):
    """What was typed cannot be done; the text says what, where and what to do instead."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def read(typed: Sequence[str]) -> argparse.Namespace:
    """The options of a command line.

    Raises:
        Refused: there is a mistake in it.
        SystemExit: help was asked for and has been printed.
    """
    words = _with_command(_joined(typed))
    options = _parser(words[0]).parse_args(words)
    if options.command in INTERACTIVE:
        _check_walk(options)
    if options.command in ("walk", "diagnose"):
        _check(options)
    if options.command == "verify":
        _check_verify(options)
    if options.command in ("sessions", "resume"):
        _check_spans(options)
    if options.command == "export":
        _check_export(options)
    return options


def _joined(typed: Sequence[str]) -> list[str]:
    """`--since -15min` as `--since=-15min`, or argparse would take the time for an option."""
    words, rest = [], list(typed)
    while rest:
        word = rest.pop(0)
        if word in _WITH_A_SIGN and rest and rest[0][:1] == "-" and rest[0][1:2].isdigit():
            word = f"{word}={rest.pop(0)}"
        words.append(word)
    return words


def _with_command(words: list[str]) -> list[str]:
    """The words with the command that goes without saying: a URL alone is walked."""
    told = list(itertools.takewhile(lambda word: word in _OF_THE_WALK, words))
    rest = words[len(told) :]
    if not rest:
        return ["walk", *told]
    first = rest[0]
    if told and first in COMMANDS:
        return [first, *told, *rest[1:]]
    if first in COMMANDS or first in ("-h", "--help", "-V", "--version"):
        return words
    if first == "help":
        return ["--help"]
    if first in NOT_YET:
        raise Refused(f"{first!r} is not part of this release. There are: {', '.join(COMMANDS)}.")
    if first.isalpha():
        import difflib

        near = difflib.get_close_matches(first, COMMANDS, 1)
        if near and first != "localhost":
            raise Refused(
                f"There is no command {first!r}; did you mean {near[0]!r}? "
                f"A host of that name is asked with: wizard diagnose {first}"
            )
    return ["walk", *words]


def _parser(command: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="wizard",
        description="Finds out why a site behind a reverse proxy answers 502, shows the proof and "
        "proposes the fix. It changes nothing.",
        epilog="A URL alone opens the walk: wizard http://127.0.0.1/",
    )
    parser.add_argument("-V", "--version", action="version", version=f"wizard {__version__}")
    commands: Commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_walk(commands)
    _add_diagnose(commands)
    _add_verify(commands)
    _add_sessions(commands)
    _add_resume(commands)
    _add_export(commands)
    _add_replay(commands)
    _add_manner(commands.add_parser("demo", help="walk a recorded real incident, on any machine"))
    if command == "flow":
        # The flows' commands load the YAML reader; only who asks for them waits for it.
        from wizard.engine.catalogue import probes
        from wizard.engine.proofs import prove
        from wizard.flows.commands import add_parser

        add_parser(commands, probes, lambda library, folder: prove(library, probes(), folder))
    else:
        commands.add_parser("flow", help="check, test, draw or describe the knowledge")
    return parser


def _add_walk(commands: Commands) -> None:
    walk = commands.add_parser(
        "walk",
        help="walk the tree with you, on the full screen (a URL alone does the same)",
        description="Walks the tree with a person: on the full screen, or with numbered prompts. "
        "Without a URL the routes of this host are shown to choose from. Where standard output is "
        "no terminal the report is printed, as diagnose does, with its exit status.",
    )
    _add_incident(walk)
    _add_manner(walk)


def _add_diagnose(commands: Commands) -> None:
    diagnose = commands.add_parser(
        "diagnose",
        help="walk the tree and print the verdict",
        description="Walks the tree unattended and prints the verdict. Without a URL every route "
        "of every proxy of this host is asked. Exit status: 0 nothing wrong found, 1 a cause was "
        "named, 2 wrong usage, 3 something is wrong and no cause is proven, 4 the wizard failed.",
    )
    _add_incident(diagnose)
    _add_form(diagnose)
    diagnose.set_defaults(form="text")


def _add_verify(commands: Commands) -> None:
    verify = commands.add_parser(
        "verify",
        help="ask again whether a session's incident is over",
        description="Asks for the session's URL again, looks again at what decided the verdict, "
        "says what was and what is, and writes that into the session. It mends nothing. Exit "
        "status: 0 mended, 1 still failing (or a watched request failed), 2 wrong usage, 3 it "
        "cannot be told, 4 the wizard failed.",
    )
    _add_session(verify)
    verify.add_argument(
        "--watch",
        metavar="LIMIT",
        help="then go on asking for 60s, 2m or 200r (requests) and count what fails: GET only, "
        "two a second and 600 in all at most; Ctrl-C ends it with the count so far",
    )
    _add_form(verify)
    verify.set_defaults(form="text")


def _add_sessions(commands: Commands) -> None:
    sessions = commands.add_parser(
        "sessions",
        help="list the sessions that were kept, remove old ones, keep some for good",
        description="Lists the kept sessions, the newest first. When a session begins, those "
        "older than 90 days and those beyond the newest 500 are removed by themselves, never one "
        "that is in use or marked with keep; WIZARD_RETENTION=off in the environment leaves all.",
    )
    sessions.add_argument("--json", action="store_true", help="one JSON object for a program")
    sessions.add_argument("--all", action="store_true", help="all of them, not only the newest 20")
    actions = sessions.add_subparsers(dest="action", metavar="ACTION")
    prune = actions.add_parser("prune", help="remove sessions")
    prune.add_argument(
        "--older-than", metavar="TIME", help="those nothing was written into for so long: 30d"
    )
    prune.add_argument("--keep", metavar="N", help="those beyond the newest N")
    agreed = prune.add_mutually_exclusive_group()
    agreed.add_argument("--yes", action="store_true", help="do not ask")
    agreed.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    for name, what in (
        ("keep", "never remove a session by itself, nor with prune"),
        ("release", "take that back"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("session", metavar="SESSION", help="its id or the id's beginning")


def _add_resume(commands: Commands) -> None:
    resume = commands.add_parser(
        "resume",
        help="go on in a session where it was left, or follow it where another one leads it",
        description="Opens a session at the question where it was left, with its evidence, "
        "choices and notes, and writes on in its journal. Without a SESSION it is the newest one "
        "without a verdict, else the newest. What was seen longer ago than --stale-after is "
        "marked as stale and confirms nothing until it is looked at again (one key). A session "
        "that another wizard leads at the moment is followed, read-only, until that one ends.",
    )
    _add_session(resume)
    resume.add_argument(
        "--stale-after",
        metavar="TIME",
        default="10m",
        help="how long evidence may confirm something: 90s, 10m (the usual), 24h",
    )
    resume.add_argument("--auto", action="store_true", help="walk on without waiting")
    for name, what in (
        ("plain", "numbered prompts instead of the full screen"),
        ("no-mouse", "leave the mouse to the terminal"),
    ):
        resume.add_argument(f"--{name}", action="store_true", help=what)
    resume.set_defaults(form=None, step=False)


def _add_export(commands: Commands) -> None:
    export = commands.add_parser(
        "export",
        help="hand a session over: a transcript, a post-mortem, a fix as a file",
        description="Writes a session, or a fix of it, to standard output, or with -o to a new "
        "file that its owner alone can read.",
    )
    _add_session(export)
    form = export.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=(*DOCUMENTS, *EXPORTS),
        default="md",
        help="md: the transcript for a ticket (the usual form); html: the same as one page for a "
        "browser; text: the same in 80 columns; json: the report of diagnose; short: seven lines "
        "for a chat; postmortem: a draft with what the session knows; patch: a diff, for "
        "`patch -p0 -d /` and for `git apply -p0` in /; commands: a shell script with comments; "
        "tape: the whole session without its secrets, which `wizard replay FILE` walks again",
    )
    for name in EXPORTS:
        form.add_argument(
            f"--{name}", dest="format", action="store_const", const=name,
            help=f"the same as --format {name}",
        )  # fmt: skip
    export.add_argument(
        "--as",
        dest="look",
        choices=("md", "html", "text"),
        help="how a post-mortem is written: md if nothing is said",
    )
    export.add_argument(
        "--fix",
        metavar="N",
        action="append",
        help="the card of this number instead of the first that fits; may be given several times",
    )
    export.add_argument(
        "--with-secrets",
        action="store_true",
        help="show the secrets on changed lines; they are read from the live file now",
    )
    export.add_argument(
        "--mask-network",
        action="store_true",
        help="put stand-ins for IP addresses and host names, the same one for the same name; "
        "networks and domains stay together, ports stay",
    )
    export.add_argument(
        "--preview",
        action="store_true",
        help="write nothing: show which secrets are hidden, by kind and place",
    )
    export.add_argument("-o", "--output", metavar="FILE", help="write a new file")
    export.add_argument(
        "--force", action="store_true", help="with -o: replace the file that is there"
    )


def _add_replay(commands: Commands) -> None:
    replay = commands.add_parser(
        "replay",
        help="walk again over a recorded session",
        description="Walks a recorded session again with today's flows, on any machine, and says "
        "how that differs from what was recorded. Nothing is looked at here. Exit status as of "
        "diagnose.",
    )
    replay.add_argument("tape", metavar="TAPE", help="a tape, a journal or a session's folder")
    how = replay.add_mutually_exclusive_group()
    how.add_argument(
        "--as-recorded", action="store_true", help="report what was concluded then, walk nothing"
    )
    how.add_argument(
        "--reread",
        action="store_true",
        help="read the raw text of the evidence again with this version's parsers",
    )
    _add_manner(replay)


def _add_session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "session",
        metavar="SESSION",
        nargs="?",
        help="a session's id or its beginning, or the path of a journal or tape; the newest "
        "session if none is named",
    )


def _add_incident(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", nargs="?", help="what answers wrongly")
    for name, what in (("since", "beginning"), ("until", "end")):
        parser.add_argument(
            f"--{name}", metavar="WHEN", help=f"{what} of the time to look at: {EXAMPLES}"
        )
    parser.add_argument("--status", metavar="N", help="the status that was seen, when it is over")
    parser.add_argument(
        "--connect",
        metavar="ADDRESS",
        help="send the requests there, whatever the name resolves to",
    )
    parser.add_argument("--flow", metavar="NAME", help="begin with this flow")
    parser.add_argument("--proxy", metavar="KIND", help=f"look at this proxy: {', '.join(PROXIES)}")
    parser.add_argument("--config", metavar="PATH", help="the proxy's main configuration file")
    parser.add_argument("--log", metavar="PATH", help="the proxy's error log")


def _add_form(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    for name, what in (
        ("text", "a page for a person (the usual form)"),
        ("json", "one JSON object for a program"),
        ("short", "seven lines to paste"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=what)
    parser.set_defaults(form=None)


def _add_manner(parser: argparse.ArgumentParser) -> None:
    """How it is walked, or printed instead."""
    for name, what in (
        ("plain", "numbered prompts instead of the full screen"),
        ("step", "wait at every question"),
        ("no-mouse", "leave the mouse to the terminal"),
    ):
        parser.add_argument(f"--{name}", action="store_true", help=what)
    _add_form(parser)


def _check_walk(options: argparse.Namespace) -> None:
    if options.form is not None and (options.plain or options.step):
        other = "--plain" if options.plain else "--step"
        raise Refused(f"--{options.form} prints a report and {other} walks with you: choose one.")
    if options.command == "replay" and options.as_recorded:
        if options.plain or options.step:
            raise Refused("--as-recorded prints what was; leave --plain and --step out.")
        options.form = options.form or "text"


def _check_verify(options: argparse.Namespace) -> None:
    """Replace what was typed by what it means."""
    from wizard.engine.watching import LimitError, limit

    try:
        options.watch = None if options.watch is None else limit(options.watch)
    except LimitError as wrong:
        raise Refused(f"--watch: {wrong}") from wrong


def _check_spans(options: argparse.Namespace) -> None:
    """Replace what was typed by what it means."""
    from wizard.model.span import SpanError, seconds

    try:
        for name in ("older_than", "stale_after"):
            written = getattr(options, name, None)
            if written is not None:
                setattr(options, name, seconds(written))
    except SpanError as wrong:
        raise Refused(f"--{name.replace('_', '-')}: {wrong}") from wrong
    if options.command == "sessions" and options.action == "prune":
        if options.keep is not None:
            if not (options.keep.isascii() and options.keep.isdigit() and len(options.keep) < 9):
                raise Refused(f"--keep {options.keep!r} is no number of sessions.")
            options.keep = int(options.keep)
        if options.older_than is None and options.keep is None:
            raise Refused("Say which: wizard sessions prune --older-than 30d, or --keep 50.")


def _check_export(options: argparse.Namespace) -> None:
    numbers = options.fix or []
    for number in numbers:
        if not (number.isdecimal() and 1 <= int(number[:6]) <= 999):
            raise Refused(f"--fix {number!r} is no card's number: a number from 1.")
    options.fix = [int(number) for number in numbers]
    if options.fix and options.format not in FIXES:
        raise Refused("--fix chooses a fix: it needs --patch or --commands.")
    if options.look is not None and options.format != "postmortem":
        raise Refused("--as says how a post-mortem is written: it needs --format postmortem.")
    if options.force and options.output is None:
        raise Refused("--force replaces a file: it needs -o FILE.")
    if options.with_secrets and options.mask_network:
        raise Refused("--with-secrets is for this host, --mask-network for others: choose one.")
    if options.with_secrets and options.format != "patch":
        raise Refused("--with-secrets shows what is masked in a patch: it needs --patch.")


def _check(options: argparse.Namespace) -> None:
    """Replace what was typed by what it means."""
    now = time.time()
    try:
        options.address = None if options.url is None else parse_address(options.url)
        for name in ("since", "until"):
            written = getattr(options, name)
            setattr(options, name, None if written is None else parse_when(written, now))
    except (AddressError, WhenError) as wrong:
        raise Refused(str(wrong)) from wrong
    if options.since is not None and options.since > now:
        raise Refused("--since lies in the future.")
    if None not in (options.since, options.until) and options.since >= options.until:
        raise Refused("--since is not before --until: nothing lies between them.")
    if options.status is not None:
        if not (options.status.isdecimal() and 100 <= int(options.status[:9]) <= 599):
            raise Refused(
                f"--status {options.status!r} is no HTTP status: a number from 100 to 599."
            )
        options.status = int(options.status)
    if options.proxy is not None and options.proxy not in PROXIES:
        raise Refused(f"--proxy {options.proxy!r} is not known. There are: {', '.join(PROXIES)}.")
    if options.connect is not None:
        options.connect = _ip_address(options.connect)
    for name in ("config", "log"):
        written = getattr(options, name)
        setattr(options, name, None if written is None else _file(f"--{name}", written))


def _ip_address(written: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_address(written.strip("[]")))
    except ValueError:
        raise Refused(
            f"--connect {written!r} is no IP address. Write for example: --connect 127.0.0.1 "
            "(the port is the URL's)."
        ) from None


def _file(option: str, written: str) -> str:
    """The whole path of a file that is there; one that may not be read is refused later, by name.

    A wrong path would else be taken for a proxy with a broken configuration.
    """
    path = os.path.abspath(written)
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(f"There is no file {path} ({option}).") from None
    except OSError:
        return path  # not allowed to look: what reads it says so
    if os.path.isdir(path):
        raise Refused(f"{path} is a folder, not a file ({option}).")
    return path
