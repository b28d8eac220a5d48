"""What there is to learn about a question or a cause, in the words of the flow."""

from __future__ import annotations

from wizard.ui.page import Page
from wizard.ui.pages import learn
from wizard.ui.screens.reading import Reading


class Learn(Reading):
    """Why, how to read it, what misleads, where to read on."""

    def __init__(self, node: str = "", *, cause: str = "") -> None:
        super().__init__()
        self._node = node
        self._cause = cause

    def write(self, page: Page) -> None:
        """The flow's own text."""
        library = self.view.library
        if library is None:
            page.sentence("The flows are not loaded yet.", "dim")
        elif self._cause:
            learn.cause(page, self._cause, library)
        elif self._node:
            learn.learn(page, library.node(self._node), library)
        else:
            page.sentence("There is no cause to learn about: nothing was found.", "dim")
