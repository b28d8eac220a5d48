"""Reading along in a journal that another process writes: its events as they come.

The file is asked for its size, a few times a second: that works on every file system and costs
nothing while nothing happens. Only whole lines are read, so a line under way waits for its end.
"""

from __future__ import annotations

import os
from pathlib import Path

from wizard.engine.recording import decoded
from wizard.model.events import Event
from wizard.sessions.appending import is_written_in

APART = 0.25
"""Seconds between two looks at the file."""
_MOST = 8 * 1024 * 1024


class Following:
    """A journal that is read as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def news(self) -> list[Event]:
        """The events since the last time; none where the file cannot be read any more."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return []
        try:
            content = self._whole_lines(file)
        finally:
            os.close(file)
        lines = content.split(b"\n")
        events = [decoded(line) for line in lines if line.strip()]
        return [event for event in events if event is not None]

    def _whole_lines(self, file: int) -> bytes:
        content, room = b"", _MOST
        while not content:
            piece = os.pread(file, room, self._at)
            content = piece[: piece.rfind(b"\n") + 1]
            if len(piece) < room:
                break
            room *= 4  # a line that is longer than all this
        self._at += len(content)
        return content

    def is_led(self) -> bool:
        """Another process still writes in it."""
        return is_written_in(self._path)
