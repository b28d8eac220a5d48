"""A pasted journal, in the forms that journalctl prints."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd import journal
from wizard.runtimes.systemd.journal_paste import entries
from wizard.runtimes.words import of_paste, read

DATA = Path(__file__).parent / "data"
GAVE_UP = Owner(unit="gaveup.service", active="failed", gave_up=True)


def printed(unit: str, form: str) -> str:
    """The recorded journal as `journalctl -o FORM` prints it, to the letter."""
    recorded = (DATA / f"journal-{unit}.jsonl").read_text()
    if form == "json":
        return recorded
    lines = []
    for line in recorded.splitlines():
        fields = json.loads(line)
        at = int(fields["__REALTIME_TIMESTAMP"]) / 1e6
        stamp = (
            time.strftime("%b %d %H:%M:%S", time.localtime(at))
            if form == "short"
            else datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")
        )
        pid = f"[{fields['_PID']}]" if "_PID" in fields else ""
        first, *rest = str(fields["MESSAGE"]).split("\n")
        writer = f"{stamp} web1 {fields['SYSLOG_IDENTIFIER']}{pid}: "
        lines += [f"{writer}{first}", *(f"{' ' * len(writer)}{each}" for each in rest)]
    return "\n".join(["-- Boot 6820e23ca7544eda8f4dfd92bebf2b93 --", *lines, ""])


@pytest.mark.parametrize("form", ["json", "short-iso", "short"])
def test_every_form_is_read_as_the_journal_itself(form: str) -> None:
    recorded = (DATA / "journal-gaveup.jsonl").read_bytes().splitlines()
    known = read([entry for line in recorded if (entry := journal.read(line))], GAVE_UP, None)
    sighting = of_paste(printed("gaveup", form), GAVE_UP, None)
    assert sighting.status == "present"
    said = sighting.facts
    for field in ("exception", "start_limit", "end_line", "last_line", "address_in_use"):
        assert getattr(said, field) == getattr(known, field), field
    assert said.ended_at is not None
    assert known.ended_at is not None
    assert abs(said.ended_at - known.ended_at) <= 1


@pytest.mark.parametrize("form", ["json", "short-iso", "short"])
def test_a_stop_is_seen_in_every_form(form: str) -> None:
    owner = Owner(unit="shop.service", active="inactive")
    assert of_paste(printed("shop", form), owner, None).facts.stopped_at is not None


def test_lines_without_a_stamp_continue_the_message_before() -> None:
    (entry,) = entries("2026-11-21T03:12:44+0000 web1 python3[9]: Traceback\n    KeyError: 'x'\n")
    assert entry.message == "Traceback\nKeyError: 'x'"
    assert (entry.pid, entry.by_manager) == (9, False)


def test_what_a_program_says_of_itself_is_no_word_of_the_manager() -> None:
    (entry,) = entries("Nov 21 03:12:44 web1 shop[9]: Stopping the cache\n")
    assert (entry.message_id, entry.by_manager) == ("", False)


def test_nothing_written_is_an_answer_and_other_text_is_none() -> None:
    assert of_paste("-- No entries --\n", GAVE_UP, None).status == "absent"
    denied = of_paste("Hint: You are currently not seeing messages\n", GAVE_UP, None)
    assert denied.status == "unparsed"
    assert denied.remedy.startswith("sudo journalctl -u gaveup.service")
