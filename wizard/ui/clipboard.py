"""Sends text to the person's clipboard as far as that can be done from here, honestly.

A terminal never says whether it took anything, so the words are "sent", not "copied"; and the
text is always put into a file beside the session as well. Inside tmux its own buffer is the only
way that works with tmux's usual settings (measured); elsewhere OSC 52 asks the terminal.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wizard.model.text import clean

if TYPE_CHECKING:
    from wizard.ui.app import Wizard

_MOST_FOR_A_TERMINAL = 70_000
_TOO_LONG = "It is too long for the clipboard, and no file of it is kept."


def send(
    app: Wizard,
    name: str,
    text: str,
    what: str = "",
    *,
    proposal: str = "",
    to_a_file: bool = True,
    anew: bool = False,
) -> str:
    """Send the text, keep it in a file of this name, and say in a sentence what was done.

    What holds a secret is kept in no file; what changes (`anew`) under a name that is still free.
    The session records `what` was copied, and where to.
    """
    text = clean(text)
    done = _to_tmux(text) if os.environ.get("TMUX") else ""
    if not done and len(text.encode()) <= _MOST_FOR_A_TERMINAL:
        app.copy_to_clipboard(text)
        done = "Sent to your terminal's clipboard."
    keep = app.keep_new if anew else app.keep
    kept = keep(name, text) if to_a_file else ""
    places = [
        *(["the clipboard"] if done else []),
        *([f"the file {kept.rpartition('/')[2]}"] if kept else []),
    ]
    if places:
        app.driver.copied(what or name, " and ".join(places), proposal)
    if not to_a_file:
        return f"{done} It holds a secret, so no file of it is kept." if done else _TOO_LONG
    if kept and done:
        return f"{done} If pasting gives something else: {kept}"
    if kept:
        return f"Too long for a terminal's clipboard; it is in {kept}"
    return done or _TOO_LONG


def _to_tmux(text: str) -> str:
    from wizard.probes.run import run

    completed = run(["tmux", "load-buffer", "-w", "-"], timeout=1.0, text=text)
    return "Sent to tmux's buffer and clipboard." if completed.ok else ""
