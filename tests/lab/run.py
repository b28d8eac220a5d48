"""Plays cases: `python -m tests.lab.run --dry`, `--only ID,... --keep`, `--tapes DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wizard.lab.docker import LabError, why_unusable
from wizard.lab.host import sweep
from wizard.lab.image import ensure_image
from wizard.lab.package import wizard_folder

from .case import Case, CaseError, chosen, load_cases
from .judge import good_enough, judge
from .play import Played, play

PROJECT = Path(__file__).parents[2]


def play_all(
    cases: Sequence[Case],
    *,
    jobs: int = 2,
    dry: bool = False,
    keep: bool = False,
    tapes: Path | None = None,
    tell: Callable[[Played], None] = lambda played: None,
) -> list[Played]:
    """Plays the cases, `jobs` hosts at a time, and returns what came of each, in order."""
    for disk in {case.disk for case in cases}:
        ensure_image(disk)
    sweep()
    wizard = None if dry else wizard_folder(PROJECT)

    def one(case: Case) -> Played:
        played = play(case, wizard=wizard, keep=keep, tapes=tapes)
        tell(played)
        return played

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(one, cases))


def line(played: Played) -> str:
    """One line about a played case: good or not, how long each part took, what was named."""
    took = " ".join(f"{what} {seconds:.1f}" for what, seconds in played.seconds.items())
    said = [played.problem] if played.problem else list(_answers(played))
    mark = "ok  " if is_good(played) else "FAIL"
    return f"{mark} {played.case.id:48} [{took}]" + "".join(f"\n       {text}" for text in said)


def is_good(played: Played) -> bool:
    """Whether the case was real and every answer good enough."""
    answers = ((person, judge(played.case, asked)) for person, asked in played.asked.items())
    return played.problem is None and all(good_enough(*answer) for answer in answers)


def _answers(played: Played) -> Iterator[str]:
    for person, asked in played.asked.items():
        said = judge(played.case, asked)
        text = (
            f"{person}: {said.kind} {said.named} {said.confidence} {asked.seconds:.1f}s {said.why}"
        )
        yield " ".join(text.split())


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that every command of the lab has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", default="", help="ids, causes or categories, with commas between")
    parser.add_argument("--quick", action="store_true", help="leave the slow cases out")
    parser.add_argument("--jobs", type=int, default=2, help="hosts at a time (2)")
    parser.add_argument("--tapes", type=Path, help="copy the journals and reports to this folder")
    return parser


def wanted_cases(options: argparse.Namespace) -> tuple[Case, ...]:
    """The cases that the options ask for."""
    words = [word for word in options.only.split(",") if word]
    return chosen(load_cases(), words, slow=not options.quick)


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--dry", action="store_true", help="check the cases themselves, no wizard")
    parser.add_argument("--keep", action="store_true", help="leave the hosts running")
    parser.add_argument("--list", action="store_true", help="say which cases there are")
    parser.add_argument("--lines", action="store_true", help="show nginx's new error lines")
    parser.add_argument("--sweep", action="store_true", help="remove the hosts that were kept")
    options = parser.parse_args()
    try:
        return _run(options)
    except (CaseError, LabError) as error:
        sys.stderr.write(f"lab: {error}\n")
        return 2


def _run(options: argparse.Namespace) -> int:
    if reason := why_unusable():
        raise LabError(reason)
    if options.sweep:
        sys.stdout.write(f"{sweep(kept=True)} hosts removed\n")
        return 0
    cases = wanted_cases(options)
    if options.list:
        sys.stdout.writelines(
            f"{c.category:14} {c.cause or '-':32} {c.id}: {c.what}\n" for c in cases
        )
        return 0

    def tell(played: Played) -> None:
        text = line(played) + "\n"
        text += "".join(f"       | {said}\n" for said in played.error_lines if options.lines)
        if options.keep and played.host:
            text += f"       docker exec -it {played.host} bash    # docker rm -f {played.host}\n"
        sys.stdout.write(text)
        sys.stdout.flush()

    played = play_all(
        cases, jobs=options.jobs, dry=options.dry, keep=options.keep, tapes=options.tapes, tell=tell
    )
    good = sum(is_good(one) for one in played)
    total = sum(one.seconds["all"] for one in played)
    sys.stdout.write(f"{good} of {len(played)} good, {total:.0f} s of hosts\n")
    return 0 if good == len(played) else 1


if __name__ == "__main__":
    raise SystemExit(main())
