"""Rights along real paths, judged for users who are not here, and the space that is left."""

from __future__ import annotations

import os
import shutil
import socket as sockets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probes.loopback import as_nobody, at, needs_root, route, unix
from wizard.probes.files import Script, SocketFile, Space, script, socket, space


def looked(path: Path, user: str | None = None) -> SocketFile:
    facts = socket(server=unix(path), user=user).facts
    assert isinstance(facts, SocketFile)
    return facts


@pytest.fixture
def path(open_folder: Path) -> Iterator[Path]:
    """A listening socket in a folder that everybody may search."""
    with sockets.socket(sockets.AF_UNIX) as listener:
        listener.bind(str(open_folder / "app.sock"))
        listener.listen()
        yield open_folder / "app.sock"


def test_a_server_with_a_port_has_no_socket_file() -> None:
    sighting = socket(server=at(80))
    assert sighting.status == "absent"
    assert sighting.facts == SocketFile(applies=False)


def test_the_socket_is_described(path: Path) -> None:
    path.chmod(0o660)
    facts = looked(path)
    assert (facts.exists, facts.is_socket, facts.mode) == (True, True, "srw-rw----")
    assert (facts.writable, facts.reachable, facts.blocked_at) == (True, True, None)
    assert facts.owner == facts.judged_for


def test_a_missing_socket_is_absent_and_its_neighbours_are_named(path: Path) -> None:
    sighting = socket(server=unix(path.with_name("other.sock")))
    assert sighting.status == "absent"
    assert isinstance(sighting.facts, SocketFile)
    assert sighting.facts.exists is False
    assert sighting.facts.neighbours == [str(path)]
    assert sighting.facts.writable is None


def test_a_plain_file_is_no_socket(open_folder: Path) -> None:
    (open_folder / "app.sock").touch()
    facts = looked(open_folder / "app.sock")
    assert (facts.exists, facts.is_socket) == (True, False)


def test_an_unknown_user_leaves_it_unknown(path: Path) -> None:
    facts = looked(path, "no-such-user")
    assert (facts.judged_for, facts.writable, facts.reachable) == ("no-such-user", None, None)
    assert facts.exists is True


class TestForAnotherUser:
    def test_other_without_the_write_right(self, path: Path) -> None:
        path.chmod(0o660)
        facts = looked(path, "nobody")
        assert (facts.writable, facts.reachable) == (False, True)

    def test_reading_alone_is_not_enough(self, path: Path) -> None:
        path.chmod(0o664)
        assert looked(path, "nobody").writable is False

    def test_everybody_may(self, path: Path) -> None:
        path.chmod(0o666)
        assert looked(path, "nobody").writable is True

    def test_root_may_everything(self, path: Path) -> None:
        path.chmod(0)
        path.parent.chmod(0o700)
        facts = looked(path, "root")
        assert (facts.writable, facts.reachable) == (True, True)

    def test_a_folder_on_the_way_blocks(self, path: Path) -> None:
        path.chmod(0o666)
        path.parent.chmod(0o700)
        facts = looked(path, "nobody")
        assert (facts.reachable, facts.blocked_at) == (False, str(path.parent))
        assert facts.writable is True

    def test_the_folder_behind_a_link_counts(self, path: Path, open_folder: Path) -> None:
        link = open_folder / "link"
        (open_folder / "real").mkdir(mode=0o700)
        link.symlink_to("real")
        facts = looked(link / "app.sock", "nobody")
        assert facts.reachable is False

    @needs_root
    def test_the_owner_is_judged_by_the_owners_bits_alone(self, path: Path) -> None:
        os.chown(path, 65534, 0)
        path.chmod(0o066)
        assert looked(path, "nobody").writable is False

    @needs_root
    def test_a_group_of_the_user_gives_the_right(self, path: Path) -> None:
        path.chmod(0o660)
        os.chown(path, 0, 65534)
        assert looked(path, "nobody").writable is True
        assert looked(path, "daemon").writable is False

    @pytest.mark.skipif(shutil.which("setfacl") is None, reason="setfacl is not installed")
    def test_an_acl_with_setfacl(self, path: Path) -> None:
        path.chmod(0o660)
        subprocess.run(["setfacl", "-m", "u:nobody:rw", str(path)], check=True)
        assert looked(path, "nobody").writable is True

    def test_an_acl_gives_the_right_and_its_mask_takes_it(self, path: Path) -> None:
        import struct

        def acl(named: int, mask: int) -> bytes:
            none = 0xFFFFFFFF
            entries = [
                (1, 6, none), (2, named, 65534), (4, 0, none), (0x10, mask, none), (0x20, 0, none),
            ]  # fmt: skip
            return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries)

        try:
            os.setxattr(path, "system.posix_acl_access", acl(6, 6))
        except OSError as error:
            pytest.skip(f"no ACLs on this file system: {error}")
        assert looked(path, "nobody").writable is True
        os.setxattr(path, "system.posix_acl_access", acl(6, 4))
        assert looked(path, "nobody").writable is False


@needs_root
class TestAsAnOrdinaryUser:
    IMPORTS = "from tests.probes.loopback import unix; from wizard.probes.files import socket"

    def seen(self, path: Path, user: str) -> str:
        code = (
            f"s = socket(server=unix({str(path)!r}), user={user!r}); f = s.facts\n"
            "print(s.status, f.exists, f.writable, f.reachable, bool(s.remedy))"
        )
        return as_nobody(self.IMPORTS, code)

    def test_what_is_hidden_stays_unknown(self, path: Path) -> None:
        path.parent.chmod(0o700)
        assert self.seen(path, "root") == "unreadable None None True True"

    def test_what_blocks_both_is_known(self, path: Path) -> None:
        path.parent.chmod(0o700)
        assert self.seen(path, "daemon") == "unreadable None None False True"

    def test_what_can_be_seen_is_judged_as_root_would(self, path: Path) -> None:
        path.chmod(0o660)
        assert self.seen(path, "daemon") == "present True False True False"


class TestSpace:
    def test_there_is_some(self, tmp_path: Path) -> None:
        sighting = space(paths=[str(tmp_path / "not" / "yet")])
        assert isinstance(sighting.facts, Space)
        assert sighting.facts.full is False
        assert sighting.facts.path == str(tmp_path)
        assert os.path.ismount(str(sighting.facts.mount))
        assert sighting.command.startswith("df -h ")

    def test_no_paths_cannot_be_answered(self) -> None:
        assert space(paths=[]).status == "unreadable"

    @needs_root
    @pytest.mark.parametrize(
        ("options", "fill", "expected"),
        [
            ("size=64k", "head -c 200000 /dev/zero > $1/big", "True False"),
            ("nr_inodes=3", "touch $1/a $1/b $1/c", "True True"),
            ("size=64k", "true", "False False"),
        ],
    )
    def test_a_full_file_system(
        self, tmp_path: Path, options: str, fill: str, expected: str
    ) -> None:
        """The fullest of two is shown; the small one is mounted in a mount namespace."""
        code = (
            "from wizard.probes.files import space;"
            f" f = space(paths=['/', {str(tmp_path)!r}]).facts; print(f.full, f.inodes_full)"
        )
        script = f'mount -t tmpfs -o {options} none $1; {{ {fill}; }} 2>/dev/null; "$2" -c "$3"'
        argv = ["unshare", "-m", "sh", "-c", script, "sh", str(tmp_path), sys.executable, code]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected


def told(path: Path, user: str | None = None) -> Script:
    facts = script(route=route(parameters={"SCRIPT_FILENAME": str(path)}), user=user).facts
    assert isinstance(facts, Script)
    return facts


def test_a_script_that_is_there_and_one_that_is_not(open_folder: Path) -> None:
    (open_folder / "index.php").write_text("<?php")
    (open_folder / "index.php").chmod(0o644)
    there = told(open_folder / "index.php", "nobody")
    assert (there.exists, there.reachable, there.readable) == (True, True, True)
    assert told(open_folder / "old" / "index.php").exists is False
    assert told(open_folder).exists is False


def test_a_script_behind_a_folder_that_the_user_may_not_search(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir()
    (home / "index.php").write_text("<?php")
    (home / "index.php").chmod(0o600)
    home.chmod(0o700)
    closed = told(home / "index.php", "nobody")
    assert (closed.reachable, closed.blocked_at, closed.readable) == (False, str(home), False)


def test_a_route_without_a_script_has_none() -> None:
    assert script(route=route()).status == "absent"
