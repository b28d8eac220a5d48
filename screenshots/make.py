"""Makes the pictures in this folder from the running app: `make screenshots`.

Every picture is the app itself, driven by keys over the tape of a real incident. SVG for pages
on the web, PNG for everything else.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
TAPES = HERE.parent / "tests" / "tapes"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
_CELL = 12.2
"""Width of a character in Textual's pictures."""
_TEXT = re.compile(r'(<text [^>]*?) x="([\d.]+)"([^>]*?) textLength="[\d.]+"([^>]*)>([^<]*)</text>')


class Picture(NamedTuple):
    """A screen worth showing: from which tape, and the keys that lead there."""

    name: str
    tape: str
    keys: tuple[str, ...] = ()


PICTURES = (
    Picture("whose-error", "wrong-port-in-site"),
    Picture("question", "oom-export", ("s",)),
    Picture("question-two-servers", "no-live-because-both-are-stopped", ("s", "enter")),
    Picture("learn", "drop-iptables-input", ("s", "enter", "l")),
    Picture("verdict", "oom-export", ("enter",)),
    Picture("verdict-firewall", "drop-iptables-input", ("enter",)),
    Picture("fix", "wrong-port-in-site", ("enter", "enter")),
    Picture("evidence", "oom-export", ("enter", "e")),
    Picture("route", "no-live-because-both-are-stopped", ("enter", "p")),
    Picture("servers", "no-live-because-both-are-stopped", ("enter", "p", "2")),
    Picture("log", "oom-export", ("enter", "p", "3")),
    Picture("timeline", "oom-export", ("enter", "p", "4")),
    Picture("go-to", "oom-export", ("enter", "g")),
    Picture("note", "oom-export", ("s", "n", *"deploy at 03:12")),
    # Past the session's id, which is another one each time.
    Picture("transcript", "oom-export", ("enter", "t", "tab", "tab")),
    Picture("transcript-forms", "oom-export", ("enter", "t", "w")),
    Picture("help", "oom-export", ("s", "question_mark")),
)


async def picture(each: Picture, size: tuple[int, int]) -> str:
    """The picture as SVG."""
    from tests.ui.driving import at_rest, wizard_over

    app = wizard_over(TAPES / f"{each.tape}.tape.gz")
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot)
        for key in each.keys:
            await pilot.press({" ": "space", ":": "colon"}.get(key, key))
            await at_rest(pilot)
        return app.export_screenshot(title="wizard")


def png(svg: str) -> bytes:
    """The picture as PNG, every character in its own cell."""
    import cairosvg

    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace(
        "font-size: 20px", "font-size: 20.26px"
    )
    made: bytes = cairosvg.svg2png(bytestring=_TEXT.sub(_placed, svg).encode(), scale=1.0)
    return made


def _placed(match: re.Match[str]) -> str:
    from rich.cells import cell_len

    places, characters, at = [], [], float(match[2])
    for character in html.unescape(match[5]):
        if not character.isspace():
            places.append(f"{at:.1f}")
            characters.append(character)
        at += _CELL * max(1, cell_len(character))
    if not characters:
        return ""
    text = html.escape("".join(characters))
    return f'{match[1]} x="{" ".join(places)}"{match[3]}{match[4]}>{text}</text>'


def main() -> int:
    """Make those named on the command line, or all."""
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", TZ="UTC")
    for name in ("NO_COLOR", "TMUX", "LC_ALL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        for each in PICTURES:
            if sys.argv[1:] and each.name not in sys.argv[1:]:
                continue
            for label, size in SIZES.items():
                svg = asyncio.run(picture(each, size))
                (HERE / f"{each.name}-{label}.svg").write_text(svg, encoding="utf-8")
                (HERE / f"{each.name}-{label}.png").write_bytes(png(svg))
                print(f"{each.name}-{label}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
