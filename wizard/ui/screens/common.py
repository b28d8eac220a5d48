"""What a person may want on every screen of the walk: evidence, panels, notes, learning."""

from __future__ import annotations

from textual.binding import Binding

from wizard.ui.screens.frame import Frame

EVIDENCE = Binding("e", "evidence", "Evidence", tooltip="All of one look: facts, raw text, command")
PANELS = Binding("p", "panels", "Panels", tooltip="Route, servers, log, timeline")
NOTE = Binding("n", "note", "Note", tooltip="Write something down; it stays with the session")
LEARN = Binding("l", "learn", "Learn", tooltip="Why this is asked and how to read it")
TRANSCRIPT = Binding(
    "t", "transcript", "Record", show=False, tooltip="The transcript so far: read it, write it out"
)
GO = Binding("g", "go", "Go to", show=False, tooltip="Go to any question")


class Walking(Frame):
    """A screen where the walk is."""

    is_base = True

    def chosen_evidence(self) -> str:
        """Id of the evidence that the person is at; empty for none."""
        return ""

    def open_evidence(self, evidence_id: str) -> None:
        """Show all of one look."""
        from wizard.ui.screens.look import Look

        if evidence_id in self.view.session.evidence:
            self.app.push_screen(Look(evidence_id))

    def action_evidence(self) -> None:
        """All of the look that the person is at, else of the newest."""
        known = list(self.view.session.evidence)
        if not known:
            self.wizard.say("Nothing has been looked at yet.")
            return
        self.open_evidence(self.chosen_evidence() or known[-1])

    def action_panels(self) -> None:
        """Route, servers, log and timeline."""
        from wizard.ui.screens.panels import Panels

        self.app.push_screen(Panels())

    def action_note(self) -> None:
        """Write something down."""
        from wizard.ui.screens.note import NoteDialog

        if self.only_follows():
            return

        def keep(text: str | None) -> None:
            if text:
                self.wish("note", text)

        self.app.push_screen(NoteDialog(), keep)

    def action_transcript(self) -> None:
        """All that happened so far, as it would be handed over."""
        from wizard.ui.screens.transcript import Transcript

        self.app.push_screen(Transcript())

    def action_go(self) -> None:
        """Go to any question."""
        from wizard.ui.screens.go import GoTo

        if self.only_follows():
            return

        def go(key: str | None) -> None:
            if key:
                node, _, scope = key.partition(" ")
                self.wish("jump", node, scope)

        self.app.push_screen(GoTo(), go)

    def action_back(self) -> None:
        """To the question before."""
        self.wish("back")
