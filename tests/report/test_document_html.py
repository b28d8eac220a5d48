"""The page in a real browser: nothing that a log line says runs, loads or leaves its place."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.report.documents import full, hostile
from wizard.report.document.forms import written

CHROMIUM = shutil.which("chromium")
WANTED = os.environ.get("WIZARD_LAB") == "required"
browser = pytest.mark.skipif(CHROMIUM is None and not WANTED, reason="chromium is not installed")

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ol", "ul"),
    *("li", "table", "tbody", "tr", "th", "td", "pre", "code", "span", "a", "strong", "details"),
    *("summary", "div"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "href", "id", "class", "open"}


def planted(port: int) -> list[str]:
    there = f"http://127.0.0.1:{port}/planted/"
    return [
        f"<script>document.title='ran';fetch('{there}s')</script>",
        f"<img src={there}i onerror=\"document.title='ran'\">",
        f"</style><style>@import url({there}c);body{{background:url({there}b)}}</style>",
        f"</pre></code></details><iframe src={there}f></iframe>",
        f"</title><link rel=stylesheet href={there}l><meta http-equiv=refresh content='0;{there}'>",
        f'" onmouseover="document.title=\'ran\'" style="background:url({there}a)" x="',
        f"'><svg/onload=fetch('{there}v')>",
        "javascript:document.title='ran'",
        f"<!--<script>--></script><base href={there}>",
        f"]]><object data={there}o></object>&#60;script&#62;&lt;script&gt;",
        f"\u202e<form action={there}><input autofocus onfocus=\"document.title='ran'\">",
    ]


class Listener:
    """Counts who asks for anything."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                said = connection.recv(200)
                if b"/planted/" in said:  # other tests ask whatever listens on this machine
                    self.asked.append(said)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name == "href"}


def page(text: str, form: str = "md") -> str:
    if form == "postmortem":
        return "".join(written("postmortem", hostile(text), look="html"))
    return "".join(written("html", hostile(text)))


def chromium(tmp_path: Path, content: str, *options: str) -> str:
    """What Chromium makes of the page."""
    assert CHROMIUM is not None, "chromium is not installed"
    file = tmp_path / "page.html"
    file.write_text(content, encoding="utf-8", errors="backslashreplace")
    argv = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    argv += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", *options]
    done = subprocess.run([*argv, file.as_uri()], capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("form", ["md", "postmortem"])
@pytest.mark.parametrize("number", range(len(planted(1))))
def test_only_our_own_elements_are_in_it(form: str, number: int) -> None:
    found = Elements(page(planted(1)[number], form))
    assert found.found <= ELEMENTS
    assert found.attributes <= ATTRIBUTES
    assert all(link.startswith("#e") for link in found.links)


@browser
def test_in_a_browser_nothing_runs_and_nothing_is_asked_for(
    tmp_path: Path, listener: Listener
) -> None:
    everything = "\n".join(planted(listener.port))
    seen = chromium(tmp_path, page(everything), "--dump-dom")
    found = Elements(seen)
    assert found.found <= ELEMENTS
    assert found.attributes <= ATTRIBUTES
    assert "<title>ran</title>" not in seen
    assert listener.asked == []


@browser
def test_what_got_through_all_the_same_would_be_stopped_by_the_policy(
    tmp_path: Path, listener: Listener
) -> None:
    there = f"http://127.0.0.1:{listener.port}/planted/"
    markup = f"<script>document.title='ran'</script><img src={there}><style>p{{color:red}}</style>"
    content = page("word").replace("<main>", f"<main>{markup}", 1)
    assert "<title>ran</title>" not in chromium(tmp_path, content, "--dump-dom")
    assert listener.asked == []


@browser
def test_the_browser_of_these_tests_does_run_scripts(tmp_path: Path, listener: Listener) -> None:
    """Or the tests above would show nothing."""
    there = f"http://127.0.0.1:{listener.port}/planted/"
    content = f"<title>x</title><img src={there}><script>document.title='ran'</script>"
    assert "<title>ran</title>" in chromium(tmp_path, content, "--dump-dom")
    assert listener.asked


@browser
def test_printed_it_has_what_is_folded(tmp_path: Path) -> None:
    """Compared with the same page unfolded: as many pages of paper, of about the same size."""
    content = "".join(written("html", full()))
    sizes = []
    for each in (content, content.replace("<details", "<details open")):
        paper = tmp_path / "paper.pdf"
        chromium(tmp_path, each, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
        sizes.append(paper.stat().st_size)
    assert sizes[0] == pytest.approx(sizes[1], rel=0.02)


def test_the_page_needs_nothing_else() -> None:
    content = "".join(written("html", full()))
    assert "default-src 'none'" in content
    assert "<script" not in content
    assert "http-equiv" in content
    assert not [link for link in Elements(content).links if not link.startswith("#")]
