"""How often the wizard is right: `python -m tests.lab.accuracy` plays all cases, writes a page.

With `--from DIR` nothing is played: what an earlier run kept there with `--tapes DIR` is judged, so
that some cases can be played again without the others.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from wizard.engine.journal import read
from wizard.lab.docker import LabError, why_unusable
from wizard.model.events import Concluded

from .case import Case, CaseError
from .judge import KINDS, Judgement, judge
from .play import PEOPLE, Asked, Played
from .run import PROJECT, arguments, line, play_all, wanted_cases

NAMES = {"root": "as root", "ops": "as an ordinary user"}
RUNGS = ("confirmed", "supported", "suspected")
HEALTHY = "(healthy)"
EXITS = {"healthy": 0, "cause": 1, "unproven": 3}
WIZARD_FAILED = 4


def page(played: Sequence[Played]) -> str:
    """The report as Markdown: totals, a table by cause, every answer that was not exact, times."""
    return (
        "\n".join([*_totals(played), *_by_cause(played), *_not_exact(played), *_times(played)])
        + "\n"
    )


def judged(played: Sequence[Played], person: str) -> list[tuple[Played, Judgement]]:
    """Each answer that one person got, with its judgement."""
    return [(one, judge(one.case, one.asked[person])) for one in played if person in one.asked]


def _totals(played: Sequence[Played]) -> Iterator[str]:
    causes = {one.case.cause for one in played if one.case.cause}
    broken = sum(one.case.cause is not None for one in played)
    yield "# Accuracy"
    yield ""
    yield (
        f"{len(played)} whole hosts: {broken} broken for real in {len(causes)} ways,"
        f" {len(played) - broken} healthy. Written by `python -m tests.lab.accuracy`;"
        " the cases are in `tests/lab/cases/`, what the kinds mean in `tests/lab/judge.py`."
    )
    yield ""
    yield f"| | {' | '.join(KINDS)} |"
    yield f"| --- |{' ---: |' * len(KINDS)}"
    for person in PEOPLE:
        count = Counter(said.kind for _, said in judged(played, person))
        yield f"| {NAMES[person]} | {' | '.join(str(count[kind]) for kind in KINDS)} |"
    yield ""
    yield f"| causes named rightly | {' | '.join(RUNGS)} |"
    yield f"| --- |{' ---: |' * len(RUNGS)}"
    for person in PEOPLE:
        right = [said for _, said in judged(played, person) if said.kind == "exact" and said.named]
        sure = Counter(said.confidence for said in right)
        yield f"| {NAMES[person]} | {' | '.join(str(sure[rung]) for rung in RUNGS)} |"
    unreal = [one for one in played if one.problem]
    if unreal:
        yield ""
        names = ", ".join(one.case.id for one in unreal)
        yield f"Not counted, because the case itself did not work: {names}."


def _by_cause(played: Sequence[Played]) -> Iterator[str]:
    yield ""
    yield "## By cause"
    yield ""
    yield "| cause | cases | root: exact | instead | user: exact | user: abstained | instead |"
    yield "| --- | ---: | ---: | --- | ---: | ---: | --- |"
    for cause in sorted({one.case.cause or HEALTHY for one in played}):
        mine = [one for one in played if (one.case.cause or HEALTHY) == cause]
        root = [said for _, said in judged(mine, "root")]
        ops = [said for _, said in judged(mine, "ops")]
        yield (
            f"| {cause} | {len(mine)} | {_count(root, 'exact')} | {_instead(root)}"
            f" | {_count(ops, 'exact')} | {_count(ops, 'abstained')} | {_instead(ops)} |"
        )


def _count(answers: Sequence[Judgement], kind: str) -> int:
    return sum(said.kind == kind for said in answers)


def _instead(answers: Sequence[Judgement]) -> str:
    others = Counter(
        said.named or said.kind for said in answers if said.kind not in {"exact", "abstained"}
    )
    return ", ".join(f"{name} ({count})" for name, count in others.most_common())


def _not_exact(played: Sequence[Played]) -> Iterator[str]:
    yield ""
    yield "## Every answer that was not exact"
    yield ""
    rows = [
        f"| {one.case.id} | {one.case.cause or HEALTHY} | {NAMES[person]} | {said.kind}"
        f" | {said.named} {said.confidence} |"
        for person in PEOPLE
        for one, said in judged(played, person)
        if said.kind != "exact"
    ]
    if not rows:
        yield "None."
        return
    yield "| case | cause | asked | kind | named |"
    yield "| --- | --- | --- | --- | --- |"
    yield from rows


def _times(played: Sequence[Played]) -> Iterator[str]:
    yield ""
    yield "## How long an answer takes"
    yield ""
    yield "| | median s | slowest s | slowest case |"
    yield "| --- | ---: | ---: | --- |"
    for person in PEOPLE:
        times = [(one.asked[person].seconds, one.case.id) for one in played if person in one.asked]
        if times:
            median = statistics.median(seconds for seconds, _ in times)
            yield f"| {NAMES[person]} | {median:.2f} | {max(times)[0]:.2f} | {max(times)[1]} |"


def kept(case: Case, folder: Path) -> Played | None:
    """What an earlier run of the case kept; None where it was not played."""
    asked = {person: one for person in PEOPLE if (one := _kept_answer(folder / case.id / person))}
    return Played(case, asked=asked) if asked else None


def _kept_answer(folder: Path) -> Asked | None:
    journals = sorted(folder.glob("sessions/*/journal.jsonl"))
    if not journals:
        return None
    events = read(journals[-1])
    ended = next((each for each in reversed(events) if isinstance(each, Concluded)), None)
    text = (folder / "report.json").read_text()
    if ended is None or not text:
        return Asked(WIZARD_FAILED, None, text, (folder / "stderr.txt").read_text(), 0.0)
    return Asked(EXITS[ended.outcome], json.loads(text), text, "", ended.at - events[0].at)


def main() -> int:
    """Plays the cases, prints the page and writes it."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "accuracy.md")
    parser.add_argument("--from", type=Path, dest="kept", help="judge what was kept in this folder")
    options = parser.parse_args()
    if options.kept:
        found = [one for case in wanted_cases(options) if (one := kept(case, options.kept))]
        options.out.write_text(page(found))
        print(page(found))
        return 0
    try:
        if reason := why_unusable():
            raise LabError(reason)
        cases = wanted_cases(options)
        played: list[Played] = []
        for quiet, jobs in ((False, options.jobs), (True, 1)):
            played += play_all(
                [case for case in cases if case.quiet is quiet], jobs=jobs, tapes=options.tapes,
                tell=lambda one: print(line(one), file=sys.stderr, flush=True),
            )  # fmt: skip
    except (CaseError, LabError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    text = page(played)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
