"""Which setting of a unit explains what its program was denied; lines of a real systemd 252."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.runtimes.systemd.sandbox import bars_alone, denial, settings
from wizard.runtimes.systemd.show import Unit

STRICT = ["ProtectHome=yes", "ProtectSystem=strict"]
EROFS = "OSError: [Errno 30] Read-only file system: '/srv/shop/cache/templates'"
AFNOSUPPORT = "OSError: [Errno 97] Address family not supported by protocol"


def test_a_setting_at_its_default_is_none() -> None:
    unit = Unit(
        {
            "ProtectHome": "no", "ProtectSystem": "full", "PrivateTmp": "yes",
            "RestrictAddressFamilies": "~", "SystemCallFilter": "~", "ReadOnlyPaths": "",
        }
    )  # fmt: skip
    assert settings(unit) == ["ProtectSystem=full", "PrivateTmp=yes"]


@pytest.mark.parametrize(
    ("line", "sandbox", "setting"),
    [
        (EROFS, STRICT, "ProtectSystem=strict"),
        (EROFS, ["ProtectSystem=full"], None),
        (EROFS, ["ProtectSystem=full", "ReadOnlyPaths=/srv/shop"], "ReadOnlyPaths=/srv/shop"),
        ("PermissionError: [Errno 13] Permission denied: '/home/ann/x'", STRICT, "ProtectHome=yes"),
        ("PermissionError: [Errno 13] Permission denied: '/srv/shop/x'", STRICT, None),
        ("open() /home/ann/x: Permission denied", ["ProtectHome=read-only"], None),
        (AFNOSUPPORT, ["RestrictAddressFamilies=AF_UNIX"], "RestrictAddressFamilies=AF_UNIX"),
        (AFNOSUPPORT, STRICT, None),
        ("listening on http://127.0.0.1:3000", STRICT, None),
    ],
)
def test_the_setting_that_explains_a_line(
    line: str, sandbox: list[str], setting: str | None
) -> None:
    found = denial(["starting", line, "giving up"], sandbox, "nobody")
    assert (found and found.setting) == setting


def test_what_the_user_may_do_outside_is_judged_from_the_files(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    place = tmp_path / "cache"
    place.write_text("")
    place.chmod(0o666)
    line = f"OSError: [Errno 30] Read-only file system: '{place}'"
    open_to_all = denial([line], ["ProtectSystem=strict"], "nobody")
    place.chmod(0o600)
    closed = denial([line], ["ProtectSystem=strict"], "nobody")
    assert [found and found.allowed_outside for found in (open_to_all, closed)] == [True, False]


def test_some_ends_need_no_words() -> None:
    at_home = Unit({"WorkingDirectory": "/home/app/shop"})
    assert bars_alone(at_home, STRICT, "CHDIR", None) == "ProtectHome=yes"
    assert bars_alone(at_home, ["ProtectSystem=strict"], "CHDIR", None) == ""
    assert bars_alone(Unit({}), ["SystemCallFilter=~socket"], "", "SYS") == (
        "SystemCallFilter=~socket"
    )
    assert bars_alone(Unit({}), ["SystemCallFilter=~socket"], "", "SEGV") == ""
