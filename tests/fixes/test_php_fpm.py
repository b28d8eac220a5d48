"""PHP-FPM's pools: where its main file is, and what its check would open in the copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.fixes import ini_text, php_fpm, uwsgi
from wizard.fixes.edits import EditError
from wizard.fixes.languages import LANGUAGES
from wizard.model import change
from wizard.model.change import Change
from wizard.proxies.facts import Instance

NGINX = Instance(kind="nginx", running=True)
POOL = "[www]\nuser = www-data\nlisten = /run/php/x.sock\npm = static\npm.max_children = 3\n"


@pytest.fixture
def live(tmp_path: Path) -> Path:
    folder = tmp_path / "etc/php/8.2/fpm"
    (folder / "pool.d").mkdir(parents=True)
    (folder / "php-fpm.conf").write_text(
        "[global]\npid = /run/php.pid\nerror_log = /var/log/php.log\n"
        f"include={folder}/pool.d/*.conf\n"
    )
    (folder / "pool.d/www.conf").write_text(f"{POOL}slowlog = /var/log/slow.log\n")
    (folder / "pool.d/intranet.conf").write_text(POOL.replace("www", "intranet"))
    return folder


def test_the_main_file_is_the_one_that_includes_the_pool(live: Path) -> None:
    assert php_fpm._main_of(f"{live}/pool.d/www.conf") == f"{live}/php-fpm.conf"
    assert php_fpm._main_of(f"{live}/php-fpm.conf") == f"{live}/php-fpm.conf"
    (live / "pool.d/old.conf.disabled").write_text(POOL)
    assert php_fpm._main_of(f"{live}/pool.d/old.conf.disabled") is None


def test_the_copy_opens_nothing_of_the_live_program(live: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    edited = POOL.replace("3", "6")
    main = php_fpm._copied(f"{live}/php-fpm.conf", folder, {f"{live}/pool.d/www.conf": edited})
    copies = [path.read_text() for path in sorted(folder.iterdir())]
    settings = [each for text in copies for each in ini_text.parsed(text)[1]]
    opened = {each.key: each.value for each in settings if each.key in php_fpm._OPENED}
    assert set(opened) == {"pid", "error_log"}
    assert all(value.startswith(f"{folder}/") for value in opened.values())
    assert f"include={folder}/[1-9]*.conf" in main.read_text()
    assert edited in copies


def test_a_change_names_its_section() -> None:
    made = Change(language="php-fpm", file="x", within="www", set="pm.max_children", to="6")
    assert php_fpm.changed(POOL, made, NGINX, None) == POOL.replace("3", "6")
    strange = Change(language="php-fpm", file="x", within="shop", set="a", to="1")
    with pytest.raises(EditError, match="no section"):
        php_fpm.changed(POOL, strange, NGINX, None)


def test_uwsgi_knows_an_option_by_its_other_names() -> None:
    made = Change(language="uwsgi", file="x", set="processes", to="8")
    assert uwsgi.changed("[uwsgi]\nworkers=4\n", made, NGINX, None) == "[uwsgi]\nworkers=8\n"


def test_each_language_has_its_module() -> None:
    assert set(LANGUAGES) == set(change.LANGUAGES)
