"""The looks of the whole screen: dark, light, and the terminal's own colours."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="wizard-dark",
    primary="#7aa2d4",
    secondary="#8fb7b0",
    success="#8fbf7f",
    warning="#d8b26a",
    error="#e07a6f",
    accent="#7aa2d4",
    foreground="#c9cdd3",
    background="#16181c",
    surface="#16181c",
    panel="#22262c",
    boost="#22262c",
    dark=True,
    variables={
        "text-strong": "#f0f2f4",
        "text-dim": "#868d97",
        "rule": "#4a515b",
        "code": "#b9c7a5",
        "cursor": "#2f4a6b",
        "cursor-text": "#ffffff",
    },
)
LIGHT = Theme(
    name="wizard-light",
    primary="#1f5a99",
    secondary="#2e6b62",
    success="#2c6e2c",
    warning="#8a5a00",
    error="#b3261e",
    accent="#1f5a99",
    foreground="#2a2d31",
    background="#fafaf8",
    surface="#fafaf8",
    panel="#e9eaec",
    boost="#e9eaec",
    dark=False,
    variables={
        "text-strong": "#000000",
        "text-dim": "#666c74",
        "rule": "#b4b9c0",
        "code": "#3d5220",
        "cursor": "#cfe0f3",
        "cursor-text": "#000000",
    },
)
ANSI = Theme(
    name="wizard-ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "text-strong": "ansi_default",
        "text-dim": "ansi_default",
        "rule": "ansi_default",
        "code": "ansi_default",
        "cursor": "ansi_blue",
        "cursor-text": "ansi_bright_white",
    },
)
THEMES = (DARK, LIGHT, ANSI)


def theme_for(environment: Mapping[str, str]) -> str:
    """The terminal's own sixteen colours where it has no more, or no colour is wanted."""
    term = environment.get("TERM", "")
    rich = environment.get("COLORTERM", "") in ("truecolor", "24bit") or "256color" in term
    if environment.get("NO_COLOR") or not rich:
        return ANSI.name
    return DARK.name


def draws_lines(environment: Mapping[str, str]) -> bool:
    """The terminal can show characters beyond ASCII."""
    if environment.get("TERM", "") in ("linux", "vt100", "vt220"):
        return False
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), ""
    )
    return "utf-8" in locale.lower() or "utf8" in locale.lower()
