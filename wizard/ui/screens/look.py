"""One look, whole: facts, the same by hand, the raw text with search, what it decided."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wizard.ui.page import Page
from wizard.ui.pages import evidence as pages
from wizard.ui.screens.frame import HELP, QUIT, Frame
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class Look(Frame):
    """All of one piece of evidence."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,escape", "back", "Back", tooltip="To where you came from"),
        Binding("n,right", "next(1)", "Next", tooltip="The next look"),
        Binding("p,left", "next(-1)", "Previous", tooltip="The look before"),
        Binding("slash", "search", "Search", tooltip="Find text here; Enter finds the next"),
        Binding("w", "wrap", "Wrap", tooltip="Long lines go on below, or are cut"),
        Binding("c", "copy", "Copy", tooltip="Copy the raw text"),
        Binding("i", "paste", "Paste", tooltip="Put in what the command printed elsewhere"),
        HELP,
        QUIT,
    ]

    def __init__(self, evidence_id: str) -> None:
        super().__init__()
        self._shown = evidence_id
        self._wrap = True
        self._find = ""
        self._found = -1

    def compose_body(self) -> ComposeResult:
        """The page."""
        yield Rows(id="page")

    def show_body(self, view: View) -> None:
        """Show the look."""
        self.query_one("#page", Rows).show(self._write)

    def _write(self, page: Page) -> None:
        each = self.view.session.evidence.get(self._shown)
        if each is not None:
            pages.evidence(
                page,
                each,
                self.view.session,
                self.view.library,
                wrap=self._wrap,
                find=self._find,
                pasteable=bool(self._pasteable()),
            )

    def _pasteable(self) -> str:
        """The command whose output may be pasted here; empty for none."""
        each = self.view.session.evidence.get(self._shown)
        here = (each.look, each.scope) if each else ("", "")
        return next((offer[2] for offer in self.view.pasteable if offer[:2] == here), "")

    def action_next(self, by: int) -> None:
        """The look after or before this one."""
        ids = list(self.view.session.evidence)
        place = ids.index(self._shown) + by if self._shown in ids else 0
        if not 0 <= place < len(ids):
            self.wizard.say("This is the last look." if by > 0 else "This is the first look.")
            return
        self._shown, self._found = ids[place], -1
        self.query_one("#page", Rows).scroll_to(y=0, animate=False)
        self.show_body(self.view)

    def action_search(self) -> None:
        """Ask what to find."""
        from wizard.ui.screens.asking import AskLine

        def search(text: str | None) -> None:
            if text:
                self._find, self._found = text, -1
                self.show_body(self.view)
                self.action_search_on()

        self.app.push_screen(AskLine("Find", "Enter finds the next, too", self._find), search)

    def entered(self) -> None:
        """Enter finds the next, or shows the next look."""
        if self._find:
            self.action_search_on()
        else:
            self.action_next(1)

    def action_search_on(self) -> None:
        """To the next place where it was found."""
        if not self._find:
            return
        rows = self.query_one("#page", Rows)
        found = rows.find(self._find, self._found)
        if found is None:
            self.wizard.say(f"{self._find!r} is not on this page.")
        else:
            self._found = found
            rows.scroll_to_line(found)

    def action_wrap(self) -> None:
        """Long lines go on below, or are cut."""
        self._wrap = not self._wrap
        self.show_body(self.view)

    def action_copy(self) -> None:
        """The raw text, with the command above it."""
        from wizard.ui.clipboard import send

        each = self.view.session.evidence.get(self._shown)
        if each is not None:
            text = f"$ {each.command}\n{each.raw}\n" if each.command else f"{each.raw}\n"
            self.wizard.say(send(self.wizard, f"{each.id}.txt", text, f"the raw text of {each.id}"))

    def action_paste(self) -> None:
        """Put in what the command printed where it could be run."""
        from wizard.ui.screens.paste import PasteDialog

        each = self.view.session.evidence.get(self._shown)
        command = self._pasteable()
        if each is None or not command:
            self.wizard.say("This look takes no pasted text.")
            return

        def take(text: str | None) -> None:
            if text:
                self.wish("paste", each.look, each.scope, text)
                self.dismiss()

        self.app.push_screen(PasteDialog(each, command), take)
