"""What a run leaves behind: one session folder, with a journal for every URL asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wizard.engine.journal import Journal, new_session_id
from wizard.model.events import Event
from wizard.sessions.appending import Appending

_MOST_OF_A_NAME = 100


class Trail:
    """The session folder of this run. Nothing is written before the first journal is asked for."""

    def __init__(
        self,
        warn: Callable[[str], None],
        progress: Callable[[str], None] = lambda question: None,
    ) -> None:
        self.id = new_session_id()
        self.progress = progress
        self._warn = warn
        self._warned = False
        self._journals: list[Journal] = []
        self._next: Journal | None = None

    @classmethod
    def continued(cls, path: Path, appending: Appending, warn: Callable[[str], None]) -> Trail:
        """The trail of a session that is there already, written on in its journal."""
        trail = cls(warn)
        trail.id = path.parent.name
        trail._next = appending.journal(path, trail._warn_once)
        return trail

    def journal(self) -> Journal:
        """A new journal in this run's folder, or the one that is continued."""
        if self._next is not None:
            journal, self._next = self._next, None
            self._journals.append(journal)
            return journal
        number = len(self._journals) + 1
        if number == 1:
            self._prune()
        name = "journal.jsonl" if number == 1 else f"journal-{number}.jsonl"
        journal = Journal(self.id, name=name, warn=self._warn_once)
        self._journals.append(journal)
        return journal

    def _prune(self) -> None:
        """Let old sessions go, beside everything else."""
        import threading
        import time

        from wizard.sessions.pruning import prune_quietly

        threading.Thread(target=prune_quietly, args=(time.time(), self.id), daemon=True).start()

    @property
    def warning(self) -> str:
        """Why the session is not kept where it belongs; empty where it is."""
        return next((each.warning for each in self._journals if each.warning), "")

    @property
    def folder(self) -> Path | None:
        """Where the session lies; None when nothing could be (or was) written."""
        return next((each.folder for each in self._journals if each.folder), None)

    def events(self) -> list[Event]:
        """What was told of the URL that was asked last, as it was written down."""
        return self._journals[-1].events() if self._journals else []

    def keep_new(self, name: str, text: str) -> Path | None:
        """Put a text beside the journal under this name, or with a number where it is taken."""
        stem, dot, suffix = name.rpartition(".")
        for number in range(1, _MOST_OF_A_NAME):
            journal = self._journals[-1] if self._journals else self.journal()
            kept = journal.keep(name if number == 1 else f"{stem}-{number}{dot}{suffix}", text)
            if kept is not None:
                return kept
        return None

    @property
    def where(self) -> str:
        """A sentence for the person who stopped it."""
        if not self._journals:
            return "Nothing was looked at yet."
        if self.folder is None:
            return "The session was in memory only and is gone."
        return f"The session so far is in {self.folder}"

    def keep(self, name: str, text: str) -> Path | None:
        """Put a text beside the journal; where it lies, None when nothing can be written.

        What was put there before under this name stays.
        """
        journal = self._journals[-1] if self._journals else self.journal()
        kept = journal.keep(name, text)
        there = journal.folder / name if journal.folder else None
        return kept or (there if there is not None and there.exists() else None)

    def close(self) -> None:
        """Give the files back. What was told is on disk already."""
        for journal in self._journals:
            journal.close()

    def keep_traceback(self, mistake: BaseException) -> Path | None:
        """Put the traceback beside the journal."""
        import traceback

        from wizard.model.masking import mask

        text = mask("".join(traceback.format_exception(mistake)))
        return (self._journals[-1] if self._journals else self.journal()).keep("crash.txt", text)

    def _warn_once(self, sentence: str) -> None:
        if not self._warned:
            self._warned = True
            self._warn(sentence)
