"""The last line: the keys that matter on this screen, each with a word; a click presses it."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.binding import Binding

from wizard.ui.page import Piece
from wizard.ui.widgets.line import Line

_NAMES = {"question_mark": "?", "slash": "/", "enter": "Enter"}


class KeyBar(Line):
    """Shows the bindings of the screen that say `show`."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._places: list[tuple[int, int, str]] = []
        self._keys: list[Piece] = []
        self._said = ""

    def on_mount(self) -> None:
        """The keys of a screen do not change while it stands."""
        pieces: list[Piece] = []
        at = 0
        for key, word in shown_keys(self.screen.BINDINGS):
            name = key_name(key)
            if pieces:
                pieces.append(Piece(" "))
                at += 1
            pieces += [Piece(name, "strong"), Piece(f" {word}")]
            end = at + len(name) + 1 + len(word)
            self._places.append((at, end, key))
            at = end
        self._keys = pieces
        self.show(pieces)

    def say(self, sentence: str, *, warn: bool) -> None:
        """Show a sentence in place of the keys."""
        self._said = sentence
        self.show([Piece(f" {sentence}", "warn" if warn else "strong")])

    def forget(self, sentence: str | None = None) -> None:
        """Show the keys again, unless something else was said meanwhile."""
        if self._said and sentence in (None, self._said):
            self._said = ""
            self.show(self._keys)

    async def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked on."""
        for begin, end, key in self._places:
            if begin <= event.x < end:
                self.app.simulate_key(key)


def key_name(key: str) -> str:
    """A key as it stands on the keyboard."""
    return _NAMES.get(key, key)


def shown_keys(bindings: Iterable[object]) -> list[tuple[str, str]]:
    """Key and word of each binding that is to be shown."""
    return [
        (each.key.partition(",")[0], each.description)
        for each in bindings
        if isinstance(each, Binding) and each.show
    ]
