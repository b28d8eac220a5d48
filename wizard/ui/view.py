"""What the screens show: the session as folded so far, and where the walk stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from wizard.model.events import Decided, Verified, Watched
from wizard.model.session import Session

if TYPE_CHECKING:
    from wizard.engine.watching import Count
    from wizard.flows.model import Library, Node

Pace = Literal["opening", "step", "auto"]
"""opening: walks until whose error it is is told. step: waits at each question. auto: walks on."""


class View(NamedTuple):
    """One moment of the walk. Never changed: the next moment is another one."""

    session: Session = Session()
    library: Library | None = None
    key: str = ""
    """The node of the open question; empty when nothing is left to ask."""
    scope: str = ""
    decided: Decided | None = None
    """The outcome of the open question, once it is decided."""
    ways: tuple[str, ...] = ()
    """Where the open question can lead, the decided way first."""
    pace: Pace = "opening"
    busy: str = ""
    """What is being done now, for a person: `looking`, `asking the site again`."""
    since: float = 0.0
    """When that began, by the monotonic clock."""
    verified: Verified | None = None
    """The last request made again since the walk ended."""
    watching: Count | None = None
    """What came of the watch that is under way; None while there is none."""
    watched: Watched | None = None
    """What came of the last watch since the walk ended."""
    pasteable: tuple[tuple[str, str, str], ...] = ()
    """Look, server and command of what takes pasted text."""
    said: str = ""
    """A sentence for the person about what they just asked for."""
    turn: int = 0
    """Counts what the person asked for, so that a sentence is said once."""
    unsaved: str = ""
    """`NOT SAVED` or where else the session lies, where it is not kept where it belongs."""
    led: Literal["", "yes", "gone"] = ""
    """By another terminal, which is followed: it leads, or it has left; empty where this one is."""
    failed: str = ""
    """Why the walk cannot go on: a mistake of the wizard itself."""

    @property
    def node(self) -> Node | None:
        """The node of the open question."""
        return self.library.node(self.key) if self.library and self.key else None

    @property
    def ended(self) -> bool:
        """The walk has come to a conclusion that still holds."""
        return self.session.conclusion is not None
