"""The commands `wizard flow check`, `graph` and `schema`; what `test` and `keep` are given."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from wizard.flows import sources
from wizard.flows.facts import Catalogue
from wizard.flows.loading import load
from wizard.flows.mistakes import FlowErrors, Mistake, did_you_mean
from wizard.flows.model import Library
from wizard.flows.sources import Folder

GOOD, BAD, MISUSED = 0, 1, 2


class Proven(Protocol):
    """What walking the tapes of a folder has shown."""

    @property
    def problems(self) -> list[Mistake]:
        """Proofs that do not hold."""

    def lines(self) -> list[str]:
        """For a person: which rules the tapes take."""


Prove = Callable[[Library, Path], Proven]


def add_parser(
    subparsers: _SubParsersAction[ArgumentParser], catalogue: Callable[[], Catalogue], prove: Prove
) -> None:
    """Add `flow` with its own commands; each sets `run`, which takes the parsed arguments.

    `prove` walks the tapes of a folder; it may raise OSError for a folder that cannot be read.
    """
    flow = subparsers.add_parser("flow", help="check, draw or describe the flows")
    commands = flow.add_subparsers(dest="flow_command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="find mistakes in flows, looks and causes")
    check.add_argument(
        "--tapes", metavar="PATH", type=_tapes,
        help="walk every tape of this folder: do the causes' proofs hold, which rules are taken",
    )  # fmt: skip
    check.set_defaults(run=run_check, prove=prove)
    graph = commands.add_parser("graph", help="draw a flow as text or as Mermaid")
    graph.add_argument("name", nargs="?", metavar="FLOW", help="all flows when left out")
    graph.add_argument("--mermaid", action="store_true", help="as Mermaid, for a document")
    graph.add_argument("--ascii", action="store_true", help="without line-drawing characters")
    graph.add_argument("--width", type=int, help="columns; the terminal's when left out")
    graph.set_defaults(run=run_graph)
    schema = commands.add_parser("schema", help="print the JSON Schema for editors")
    schema.set_defaults(run=run_schema, folders=[])
    test, keep = _add_fixtures(commands)
    for command in (check, graph, test, keep):
        command.add_argument(
            "--folder",
            action="append",
            default=[],
            dest="folders",
            metavar="PATH",
            type=_folder,
            help="a further folder of flows, on top of the others",
        )
    for command in (check, graph, schema):
        command.set_defaults(catalogue=catalogue)


def _add_fixtures(
    commands: _SubParsersAction[ArgumentParser],
) -> tuple[ArgumentParser, ArgumentParser]:
    """The commands that walk tapes; they are run above the engine (`wizard.fixtures`)."""
    test = commands.add_parser(
        "test",
        help="walk tapes and compare with what is expected of them",
        description="Walks tapes with today's flows and compares with NAME.expected.yaml beside "
        "each: outcome, verdicts, path. Exit status: 0 all as expected, 1 not, 2 wrong usage.",
    )
    test.add_argument(
        "tapes", metavar="FOLDER|TAPE", nargs="*", type=_path, default=[Path()],
        help="this folder when left out",
    )  # fmt: skip
    test.add_argument(
        "--update",
        action="store_true",
        help="write down what the walks come to now; comments in the files stay",
    )
    keep = commands.add_parser(
        "keep",
        help="keep a session as a tape with what is expected of it",
        description="Writes NAME.tape.gz, without secrets, and NAME.expected.yaml: what a walk "
        "over it comes to today.",
    )
    keep.add_argument("session", metavar="SESSION", help="a session's id, or a journal or tape")
    keep.add_argument("name", metavar="NAME", help="small letters, digits, dots and dashes")
    keep.add_argument(
        "--into", metavar="FOLDER", type=_tapes, default=Path(), help="this folder when left out"
    )
    keep.add_argument(
        "--replace",
        action="store_true",
        help="take the place of a tape of that name; comments in what is expected stay",
    )
    return test, keep


def run_check(args: Namespace) -> int:
    """Say everything that is wrong with the knowledge; 0 when nothing is."""
    from wizard.flows.checks import check

    library = _loaded(args)
    if library is None:
        return BAD
    problems = check(library)
    if problems:
        _complain(problems)
        return BAD
    nodes = sum(len(flow.nodes) for flow in library.flows.values())
    sys.stdout.write(
        f"{_count(len(library.flows), 'flow')}, {_count(nodes, 'node')}, "
        f"{_count(len(library.causes), 'cause')}, {_count(len(library.looks), 'look')}: "
        "nothing wrong\n"
    )
    return GOOD if args.tapes is None else _proven(args.prove(library, args.tapes))


def _proven(proven: Proven) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in proven.lines()))
    if proven.problems:
        _complain(proven.problems)
        return BAD
    sys.stdout.write("every proof holds\n")
    return GOOD


def run_graph(args: Namespace) -> int:
    """Draw one flow, or all."""
    from wizard.flows.graph import mermaid, tree

    library = _loaded(args)
    if library is None:
        return BAD
    if args.name is not None and args.name not in library.flows:
        hint = did_you_mean(args.name, library.flows)
        sys.stderr.write(f"no flow is named `{args.name}`" + (f" ({hint})\n" if hint else "\n"))
        return MISUSED
    flows = [library.flows[args.name]] if args.name is not None else library.flows.values()
    width = args.width or shutil.get_terminal_size().columns
    plain = args.ascii or "utf" not in (sys.stdout.encoding or "").lower()
    drawn = (
        mermaid(library, flow) if args.mermaid else tree(library, flow, width, ascii_only=plain)
        for flow in flows
    )
    sys.stdout.write("\n".join(drawn))
    return GOOD


def run_schema(args: Namespace) -> int:
    """Print the JSON Schema."""
    from wizard.flows.schema import as_text

    sys.stdout.write(as_text(args.catalogue()))
    return GOOD


def _tapes(path: str) -> Path:
    if not Path(path).is_dir():
        raise ArgumentTypeError(f"{path} is not a folder")
    return Path(path)


def _path(path: str) -> Path:
    if not Path(path).exists():
        raise ArgumentTypeError(f"{path} is not there")
    return Path(path)


def _folder(path: str) -> Folder:
    if not Path(path).is_dir():
        raise ArgumentTypeError(f"{path} is not a folder")
    return Folder(Path(path), path)


def _loaded(args: Namespace) -> Library | None:
    """Load the knowledge, always out of the files themselves."""
    try:
        return load(args.catalogue, (*sources.folders(), *args.folders))
    except FlowErrors as errors:
        _complain(errors.mistakes)
        return None


def _complain(mistakes: list[Mistake] | tuple[Mistake, ...]) -> None:
    sys.stdout.write("".join(f"{mistake}\n" for mistake in mistakes))
    sys.stderr.write(f"{_count(len(mistakes), 'mistake')}\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
