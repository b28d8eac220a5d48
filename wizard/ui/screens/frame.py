"""What all screens have in common: what is looked into on top, the keys at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from wizard.ui.pages import top
from wizard.ui.view import View
from wizard.ui.widgets.key_bar import KeyBar
from wizard.ui.widgets.line import Line
from wizard.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from wizard.ui.app import Wizard

_SECONDS = 8.0
"""How long a sentence stands in the last line."""

BACK = Binding("b,escape,left", "back", "Back", tooltip="To where you came from")
WATCH = Binding("V", "watch", "Watch", tooltip="Ask the site for a minute and count what fails")
HELP = Binding("question_mark,f1", "app.help", "Help", tooltip="All keys, and what the marks mean")
QUIT = Binding("q", "app.leave", "Quit", tooltip="Leave at once; nothing is lost")


class Frame(Screen[Any]):
    """A screen that shows the newest moment of the walk."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home", "edge(-1)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
        Binding("enter", "enter", "Open", show=False),
        Binding("tab", "part(1)", "Next part", show=False),
        Binding("shift+tab", "part(-1)", "Part before", show=False),
        Binding("R", "stale", "Stale", show=False, tooltip="Look again at all that is stale"),
        Binding("T", "take_over", "Take over", show=False, tooltip="Lead a session you followed"),
    ]
    PARTS: ClassVar[tuple[str, ...]] = ("page",)
    """Ids of the lists that the cursor goes through, from top to bottom."""

    is_base: ClassVar[bool] = False
    """It stands at the bottom, where the walk is."""

    def __init__(self) -> None:
        super().__init__()
        self._active = ""

    @property
    def active(self) -> Rows:
        """The list that the keys go to."""
        return self.query_one(f"#{self._active or self.PARTS[-1]}", Rows)

    def activate(self, part: str) -> None:
        """Let the keys go to another list."""
        self._active = part
        for each in self.PARTS:
            self.query_one(f"#{each}", Rows).activate(each == part)

    @property
    def wizard(self) -> Wizard:
        """The app."""
        return cast("Wizard", self.app)

    @property
    def view(self) -> View:
        """The newest moment."""
        return self.wizard.view

    def compose(self) -> ComposeResult:
        """Title and steps on top, the keys at the bottom, the screen's own between."""
        yield Line(id="title")
        yield Line(id="steps")
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """What the screen is for."""
        yield from ()

    def on_mount(self) -> None:
        """Show what is known already."""
        self.activate(self.PARTS[-1])
        self.show(self.view)

    def show(self, view: View) -> None:
        """Show a moment."""
        self.show_state(view)
        self.query_one("#steps", Line).show(top.step_bar(view.session))
        self.show_body(view)

    def show_state(self, view: View) -> None:
        """Show what is happening now."""
        self.query_one("#title", Line).show(
            top.title(view.session, is_recorded=bool(self.wizard.setup.recorded)), top.state(view)
        )

    def show_body(self, view: View) -> None:
        """Show a moment in the screen's own part."""

    def say(self, sentence: str, *, warn: bool) -> None:
        """A sentence in place of the keys, until the next key or for some seconds."""
        bar = self.query_one(KeyBar)
        bar.say(sentence, warn=warn)
        self.set_timer(_SECONDS, lambda: bar.forget(sentence))

    def on_key(self) -> None:
        """What was said has been read."""
        self.query_one(KeyBar).forget()

    def wish(self, name: str, *arguments: Any) -> None:
        """Have the walk do something."""
        self.wizard.wish(lambda driver: getattr(driver, name)(*arguments))

    def on_screen_resume(self) -> None:
        """What was pushed over it is gone; the walk may have gone on meanwhile."""
        if self.is_mounted and self.is_base:
            self.show(self.view)
            self.wizard.place()

    def only_follows(self) -> bool:
        """Another terminal leads, which is said: nothing can be asked for here."""
        if not self.view.led:
            return False
        self.wish("note", "")
        return True

    def action_stale(self) -> None:
        """Look again at all that is too old to confirm anything."""
        self.wish("look_again_at_the_stale")

    def action_take_over(self) -> None:
        """Lead the session that was followed, once its leader has left."""
        self.wizard.take_over()

    def action_watch(self) -> None:
        """Ask the site again and again for a while; the same key ends that."""
        if self.view.watching is not None:
            self.wizard.driver.stop_watching()
        elif self.only_follows():
            return
        elif self.wizard.setup.tape:
            self.wizard.say("A recorded session has no site that could be watched.")
        else:
            self.wish("watch")

    def entered(self) -> None:
        """Enter was pressed where nothing can be opened."""

    def action_enter(self) -> None:
        """Open what the cursor is on."""
        if not self.active.open():
            self.entered()

    def action_move(self, by: int) -> None:
        """Up or down; over the edge of a list into the next one."""
        self.active.move(by)

    def action_page(self, by: int) -> None:
        """A screenful further."""
        self.active.page(by)

    def action_edge(self, side: int) -> None:
        """To the beginning or the end."""
        self.active.edge(side)

    def action_part(self, by: int) -> None:
        """To the next list that has something in it; on a page to its next heading."""
        if len(self.PARTS) == 1:
            self.active.to_heading(by)
            return
        at = self.PARTS.index(self.active.id or "")
        for step in range(1, len(self.PARTS)):
            part = self.PARTS[(at + by * step) % len(self.PARTS)]
            if self.query_one(f"#{part}", Rows).text:
                self.activate(part)
                return

    def on_rows_beyond(self, message: Rows.Beyond) -> None:
        """The cursor runs through all lists as through one."""
        at = self.PARTS.index(message.rows.id or "") + message.direction
        while 0 <= at < len(self.PARTS):
            rows = self.query_one(f"#{self.PARTS[at]}", Rows)
            if rows.keys:
                rows.enter_from(message.direction)
                self.activate(self.PARTS[at])
                return
            at += message.direction

    def on_rows_opened(self, message: Rows.Opened) -> None:
        """Enter on a row."""
        if message.rows.id in self.PARTS:
            self.activate(message.rows.id or "")
        self.opened(message.rows.id or "", message.key)

    def opened(self, part: str, key: str) -> None:
        """Open what was chosen."""

    def action_back(self) -> None:
        """To where the person came from."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()
