"""Facts that are commands."""

from __future__ import annotations

from typing import Annotated

CommandLine = Annotated[str, "command line"]
"""A whole command line or the end of one. Templates take its words: `{way.delete|words}`."""
