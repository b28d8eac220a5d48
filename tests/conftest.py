"""What takes its time runs in the whole run only, so that the usual one takes a minute or two."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = (
    "engine/test_tapes.py",
    "fixes/test_real_files.py",
    "fixes/test_sharing.py",
    "plain/test_both_front_ends.py",
    "plain/test_hostile_text.py",
    "plain/test_sessions.py",
    "probes/firewall",
    "probes/network",
    "report/test_document_html.py",
    "report/test_document_markdown.py",
    "sessions/test_killed.py",
    "test_bad_input.py",
    "test_fixtures.py",
    "test_leaks.py",
    "test_verify.py",
    "ui/test_card.py",
    "ui/test_hostile.py",
    "ui/test_pictures.py",
    "ui/test_pty.py",
    "ui/test_pty_sessions.py",
    "ui/test_transcript.py",
    "ui/test_walk.py",
)
"""Many terminals, browsers, packet filters, processes or recorded hosts."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in these files and folders as slow."""
    places = [HERE / each for each in SLOW]
    for item in items:
        if any(item.path == place or place in item.path.parents for place in places):
            item.add_marker(pytest.mark.slow)
