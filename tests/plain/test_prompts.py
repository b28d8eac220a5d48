"""The walk at a prompt, over tapes, through a pipe."""

from __future__ import annotations

import re
from pathlib import Path

from tests.plain.session import walk
from tests.taped import tape, walked

WRONG_PORT = str(tape("wrong-port-in-site"))
OOM = str(tape("oom-gunicorn-worker"))


def test_without_answers_it_walks_to_the_verdict_and_leaves_with_its_status(
    tmp_path: Path,
) -> None:
    done = walk("replay", WRONG_PORT, "--plain", home=tmp_path)
    assert done.status == 1
    assert "Step 2 of 5, Connect: Does 127.0.0.1:3100 take a connection?" in done.said
    assert re.search(r"^  e\d+ dial: .*refused", done.said, re.MULTILINE)
    assert "by hand: curl -v --connect-timeout 2 telnet://127.0.0.1:3100" in done.said
    assert re.search(r"because e\d+ dial.outcome is refused", done.said)
    assert "\nVerdict\n" in done.said
    assert "sudo nginx -t && sudo systemctl reload nginx" in done.said
    assert "Walk it again with: wizard replay " in done.said
    assert done.warned == ""


def test_nothing_moves_the_cursor_or_colours(tmp_path: Path) -> None:
    said = walk("replay", OOM, "--plain", "--step", typed="\n" * 30, home=tmp_path).said
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", said)


def test_step_waits_at_each_question_and_enter_takes_the_recommended_way(tmp_path: Path) -> None:
    stopped = walk("replay", OOM, "--plain", "--step", typed="\n\n", home=tmp_path)
    assert len(stopped.session.path) == 3
    assert stopped.status == 130
    assert "Left before there was a verdict." in stopped.said
    assert "1. Could the proxy find an address at all? (recommended: Enter takes it)" in (
        stopped.said
    )


def test_enter_alone_leads_to_the_same_verdict(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", "--step", typed="\n" * 40, home=tmp_path)
    assert done.status == 1
    kept = done.session.conclusion
    known = walked("oom-gunicorn-worker").conclusion
    assert kept is not None
    assert known is not None
    assert kept.verdicts == known.verdicts


def test_another_way_can_be_taken_and_taken_back(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", "--step", typed="2\nb\n\nq\n", home=tmp_path)
    assert [each.goto for each in done.session.chosen] == ["end"]
    assert [each.node for each in done.session.path] == ["answer/front", "answer/whose"]
    assert "Verdict" in done.said


def test_going_back_from_the_first_question_says_so(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", "--step", typed="b\nq\n", home=tmp_path)
    assert "This is the first question." in done.said


def test_any_question_can_be_jumped_to_by_its_number_or_name(tmp_path: Path) -> None:
    done = walk(
        "replay", OOM, "--plain", "--step", typed="j\n3\nj backend/dial\nj 99\nq\n", home=tmp_path
    )
    assert [each.node for each in done.session.path[1:]] == ["no-answer/proxy-runs", "backend/dial"]
    assert "  1. What does a client get now? (asked)" in done.said
    assert "Not jumped" in done.said


def test_evidence_is_shown_whole(tmp_path: Path) -> None:
    number = next(
        each.id for each in walked("oom-gunicorn-worker").evidence.values() if each.look == "ask"
    )
    done = walk("replay", OOM, "--plain", typed=f"e\ne {number}\ne99\n", home=tmp_path)
    whole = done.said[done.said.index("Looked by http.ask") :]
    for part in ("outcome: closed", "By hand:", "Used by: ", "as root"):
        assert part in whole
    assert "There is no evidence '99'" in done.said


def test_a_lesson_is_the_flows_own_text(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", "--step", typed="l\nq\n", home=tmp_path)
    assert "Why this is asked" in done.said
    ended = walk("replay", OOM, "--plain", typed="l\n", home=tmp_path)
    assert "To prevent it:" in ended.said or "The kernel killed the backend" in ended.said


def test_a_card_is_printed_and_saved_in_the_session(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", typed="c\nc 1\nc 1\nc 7\n", home=tmp_path)
    (saved,) = tmp_path.glob(".local/state/gateway-wizard/sessions/*/fix-1.sh")
    lines = saved.read_text().splitlines()
    assert [line for line in lines if line[0] != "#"] == ["sudo systemctl restart stats.service"]
    assert saved.stat().st_mode & 0o077 == 0
    assert done.said.count(f"Saved as:\n    {saved}\n") == 2
    assert "There is no proposal 7." in done.said


def test_what_keeps_it_from_coming_back_is_printed_and_saved(tmp_path: Path) -> None:
    crashed = str(tape("crashed-variable-missing"))
    done = walk("replay", crashed, "--plain", typed="k\nk 1\nk 9\n", home=tmp_path)
    (saved,) = tmp_path.glob(".local/state/gateway-wizard/sessions/*/50-restart.conf")
    assert saved.read_text() == "[Service]\nRestart=on-failure\nRestartSec=2\n"
    assert "1. shop.service comes back by itself." in done.said
    assert f"Saved as:\n    {saved}\n" in done.said
    assert "There is no number 9." in done.said


def test_notes_are_kept(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", typed="n deploy at 03:12\nn\nsays #ops\n", home=tmp_path)
    assert [each.text for each in done.session.notes] == ["deploy at 03:12", "says #ops"]


def test_the_transcript_is_shown_and_saved_in_any_form(tmp_path: Path) -> None:
    done = walk(
        "replay", OOM, "--plain", typed="c 1\nt\nt md\nt json\nt md\nt xml\nq\n", home=tmp_path
    )
    assert "FROM THE CAUSE TO THE SYMPTOM" in done.said.upper()
    assert "There is no form 'xml': md, html, text, json, short, postmortem." in done.said
    assert "wizard export " in done.said
    (folder,) = tmp_path.glob(".local/state/gateway-wizard/sessions/*")
    kept = {path.name: path.read_text() for path in folder.iterdir()}
    assert {"transcript.md", "transcript-2.md", "report.json"} <= set(kept)
    assert "copied fix 1 (" in kept["transcript.md"]
    assert [each.where for each in done.session.copied] == [
        "the file fix-1.sh", "the file transcript.md", "the file report.json",
        "the file transcript-2.md",
    ]  # fmt: skip


def test_verify_says_before_and_after(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", typed="v\n", home=tmp_path)
    assert "  Before: 502 from nginx" in done.said
    assert "  Now: 502 from nginx" in done.said
    assert "  Not mended yet." in done.said


def test_looking_again_asks_the_question_anew(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", "--step", typed="r\nq\n", home=tmp_path)
    assert done.said.count("What does a client get now?") == 2
    assert [each.look for each in done.session.evidence.values()].count("front") == 2


def test_what_cannot_be_typed_here_is_said(tmp_path: Path) -> None:
    typed = "rm -rf /\n7\n\x1b[2J\n?\nq\n"
    done = walk("replay", OOM, "--plain", "--step", typed=typed, home=tmp_path)
    assert "'rm -rf /' is nothing to type here." in done.said
    assert "There are 5 ways on: type a number from 1." in done.said
    assert "\x1b" not in done.said
    assert "takes the recommended way" in done.said


def test_pasted_text_becomes_evidence_and_the_question_is_asked_again(tmp_path: Path) -> None:
    ring = (Path(__file__).parents[1] / "runtimes/data/dmesg-oom.txt").read_text()
    typed = f"p\n3\n{ring}\n.\na\n"
    done = walk("replay", WRONG_PORT, "--plain", typed=typed, home=tmp_path)
    pasted = [each for each in done.session.evidence.values() if each.user.startswith("person (")]
    assert [each.look for each in pasted] == ["kernel_kills"]
    assert pasted[0].reading.startswith("pasted: killed ")
    assert done.said.count("Step 1 of 5, Service:") >= 2
    assert done.session.conclusion is not None


def test_the_kept_session_replays_to_the_same(tmp_path: Path) -> None:
    done = walk("replay", OOM, "--plain", home=tmp_path)
    found = re.search(r"Walk it again with: wizard replay (\S+)", done.said)
    assert found is not None
    again = walk("replay", found[1], "--plain", home=tmp_path / "other")
    assert again.session.conclusion is not None
    assert done.session.conclusion is not None
    assert again.session.conclusion.verdicts == done.session.conclusion.verdicts


def test_the_demo_walks_too(tmp_path: Path) -> None:
    done = walk("--plain", "demo", home=tmp_path)
    assert done.status == 1
    assert "The kernel killed" in done.said
