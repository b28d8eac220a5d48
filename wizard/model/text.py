"""Text from outside is hostile until it has been through `clean`.

A log line, a header, a process name or a file name may carry escape sequences that move the
cursor, fill the clipboard or reverse the reading order. Where evidence is made, every such
character becomes a visible escape, so nothing is lost and nothing acts.
"""

from __future__ import annotations

import re

# C0 but tab and line ends, DEL, C1, soft hyphen, Arabic letter mark, Mongolian vowel separator,
# zero-width and bidi controls, line and paragraph separators, word joiner and the invisible
# operators, BOM, interlinear marks, and the tag characters of plane 14.
_ACTIVE = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def clean(text: str) -> str:
    """The text with every control, zero-width and bidi character shown as an escape.

    Tab and newline stay, the carriage return before a newline too: a diff of a file with such
    lines has to fit it. Idempotent.
    """
    return _ACTIVE.sub(_visible, text)


def decode(raw: bytes) -> str:
    """Bytes of unknown encoding as clean text; invalid UTF-8 becomes U+FFFD."""
    return clean(raw.decode("utf-8", errors="replace"))


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the cut marked with how much is missing."""
    if len(text) <= limit:
        return text
    note = f" … [{len(text) - limit} more characters]"
    return text[: max(0, limit - len(note))] + note


def one_line(text: str, limit: int = 200) -> str:
    """Clean text on one line, shortened."""
    return shorten(" ".join(clean(text).split()), limit)
