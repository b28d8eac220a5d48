"""Plain values to structs, from any thread.

msgspec learns a type when it first converts to it, and crashes the interpreter when two threads
make it learn the same type at once (0.22, Python 3.11: a segmentation fault). One lock for all.
"""

from __future__ import annotations

import threading
from typing import Any

import msgspec

_one_at_a_time = threading.Lock()


def convert(value: Any, wanted: Any, *, strict: bool = True) -> Any:
    """The value as the wanted type.

    Raises:
        msgspec.ValidationError: it does not fit.
    """
    with _one_at_a_time:
        return msgspec.convert(value, wanted, strict=strict)
