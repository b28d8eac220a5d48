"""nginx's regular expressions are PCRE; this reads them with Python's `re` where both agree."""

from __future__ import annotations

import functools
import re

_NAMED = re.compile(r"\(\?<([A-Za-z_]\w*)>|\(\?'([A-Za-z_]\w*)'")
# Atomic groups, possessive quantifiers, recursion, POSIX classes, verbs.
_ONLY_PCRE = re.compile(r"\(\?>|[*+?}]\+|\\[KRGhHvVNXpP]|\(\?[R&0-9|]|\[\[:\w+:\]\]|\(\*")


@functools.lru_cache(maxsize=4096)
def pattern(written: str, ignore_case: bool = False) -> re.Pattern[str] | None:
    """The expression compiled; None where Python cannot read it as PCRE would."""
    if _ONLY_PCRE.search(written):
        return None
    translated = _NAMED.sub(lambda found: f"(?P<{found.group(1) or found.group(2)}>", written)
    translated = re.sub(r"\\z", r"\\Z", translated)
    # In PCRE `$` also matches before a last newline, as in Python; \Z there is Python's `$`.
    flags = re.ASCII | (re.IGNORECASE if ignore_case else 0)
    try:
        return re.compile(translated, flags)
    except (re.error, OverflowError, RecursionError):
        return None
