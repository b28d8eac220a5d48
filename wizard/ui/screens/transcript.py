"""The transcript as it would be handed over: to read, to copy, to write into a file."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from wizard.model.events import Event
from wizard.report.document.forms import NAMES, Form, file_name, written
from wizard.report.document.transcript import transcript
from wizard.ui.page import Page
from wizard.ui.pages.document import document
from wizard.ui.screens.frame import BACK, HELP, QUIT
from wizard.ui.screens.reading import Reading
from wizard.ui.view import View


class Transcript(Reading):
    """A preview of the file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "write", "Write", tooltip="Write it into a file beside the session"),
        Binding("c", "copy", "Copy", tooltip="Copy it as Markdown, for a ticket"),
        Binding("tab", "part(1)", "Next part", tooltip="To the next heading"),
        BACK,
        HELP,
        QUIT,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen = -1
        self._events: list[Event] = []

    def show_body(self, view: View) -> None:
        """Show it anew where something was told since."""
        events = self.wizard.setup.trail.events()
        if len(events) != self._seen:
            self._seen, self._events = len(events), events
            super().show_body(view)

    def write(self, page: Page) -> None:
        """The whole transcript, long raw text in its beginning."""
        document(page, transcript(self._events))

    def action_copy(self) -> None:
        """Send the Markdown to the clipboard and put it into a file."""
        from wizard.ui.clipboard import send

        text = "".join(written("md", self.wizard.setup.trail.events()))
        self.wizard.say(send(self.wizard, file_name("md"), text, "the transcript", anew=True))

    def action_write(self) -> None:
        """Choose a form, then write it."""
        self.app.push_screen(Forms(), self._write_as)

    def _write_as(self, form: Form | None) -> None:
        if form is None:
            return
        text = "".join(written(form, self.wizard.setup.trail.events()))
        kept = self.wizard.keep_new(file_name(form), text)
        if not kept:
            self.wizard.say("It could not be written: nothing is kept on disk here.", warn=True)
            return
        self.wizard.driver.copied(NAMES[form], f"the file {kept.rpartition('/')[2]}")
        self.wizard.say(f"Written for you alone: {kept}")


class Forms(Reading):
    """Which form; gives its name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"take({number})", show=False)
            for number in range(1, len(NAMES) + 1)
        ),
        BACK,
        HELP,
        QUIT,
    ]

    def write(self, page: Page) -> None:
        """The forms."""
        page.sentence("Write the session into a file, as", "strong")
        page.gap()
        for number, (form, what) in enumerate(NAMES.items(), 1):
            page.sentence(what, first=f"  {number}  ", key=form)
        page.gap()
        page.sentence(
            "The file lies beside the session and only you can read it. Secrets are masked in it; "
            "addresses and host names are not.",
            "dim",
        )

    def opened(self, part: str, key: str) -> None:
        """Enter or a click."""
        self.dismiss(key)

    def action_take(self, number: int) -> None:
        """The form of this number."""
        self.dismiss(list(NAMES)[number - 1])
