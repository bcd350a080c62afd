"""Making an installation ready, and what is said where that cannot be done."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hinomi.hub import health
from hinomi.hub.check import Check
from hinomi.hub.health import examine
from hinomi.hub.secret import secret
from hinomi.hub.serving import free_port
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

PREPARE = """
from hinomi.hub.setup import prepare, collect
from hinomi.schema.problems import Problem
try:
    prepare()
    collect()
    prepare()
    collect()
except Problem as problem:
    print(problem)
"""


def prepared(place: Path, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HINOMI")}
    given = kept | {"HINOMI_HOME": str(place)} | environment
    return subprocess.run([sys.executable, "-c", PREPARE], env=given, capture_output=True, text=True, check=True).stdout


def test_a_home_is_made_ready_and_kept_from_others(tmp_path: Path) -> None:
    place = tmp_path / "home"
    assert prepared(place) == ""
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0
    with sqlite3.connect(place / "hub.sqlite3") as database:
        assert database.execute("select username, role, password like '!%' from accounts_account").fetchall() == [
            ("operator", "operator", 1)
        ]
    hashed = [file.name for file in (place / "cache" / "static" / "hub" / "css").glob("page.*.css")]
    assert len(hashed) == 1


def test_several_processes_that_find_an_empty_home_make_it_ready_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(prepared, [tmp_path / "home"] * 4))
    assert said == [""] * 4
    with sqlite3.connect(tmp_path / "home" / "hub.sqlite3") as database:
        assert database.execute("select count(*) from accounts_account").fetchone() == (1,)


def test_a_place_that_cannot_be_written_is_named() -> None:
    with pytest.raises(Problem, match=r"/proc/nowhere: the installation cannot be used here .* HINOMI_HOME"):
        secret(Path("/proc/nowhere/secret"))


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    place = tmp_path / "home"
    place.mkdir()
    (place / "hub.sqlite3").write_text("this is a letter, not a database\n" * 100)
    said = prepared(place)
    assert "hub.sqlite3" in said
    assert "HINOMI_DATABASE_URL" in said


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    said = prepared(tmp_path / "home", HINOMI_DATABASE_URL="postgresql://hub:secret@127.0.0.1:9/hinomi")
    assert said.startswith("127.0.0.1 hinomi: the database cannot be used")
    assert "secret" not in said


def test_an_address_that_is_not_ours_is_refused_at_once() -> None:
    with pytest.raises(Problem, match=r"192.0.2.1:8000: cannot listen here"):
        free_port("192.0.2.1", 8000)


def test_every_check_answers_in_both_languages(db: None) -> None:
    checks = list(examine())
    assert {one.name for one in checks} >= {
        "home",
        "secret",
        "database",
        "migrations",
        "disk",
        "lake",
        "worker",
        "jobs",
        "audit",
        "clock",
    }
    assert all(one.message.en and one.message.ja for one in checks)
    assert {one.name: one.ok for one in checks}["database"]


def test_a_check_that_breaks_is_a_result_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def _broken() -> Check:
        raise OSError("no such device")

    def _fine() -> Check:
        return Check("fine", "good", Text("Fine.", "良好です。"))

    monkeypatch.setattr(health, "CHECKS", (_broken, _fine))
    broken, fine = examine()
    assert (broken.name, broken.ok) == ("broken", False)
    assert "no such device" in broken.message.en
    assert fine.ok


def test_a_key_that_others_can_read_is_bad(db: None) -> None:
    from hinomi.home import home

    secret(home().secret)
    home().secret.chmod(0o644)
    try:
        assert not {one.name: one for one in examine()}["secret"].ok
    finally:
        home().secret.chmod(0o600)


def test_a_worker_that_is_silent_is_bad_where_a_hub_was_started(db: None) -> None:
    from hinomi.home import home

    sign = home().worker_lock
    sign.touch()
    os.utime(sign, (1, 1))
    assert {one.name: one for one in examine()}["worker"].state == "warning", "no hub is said to run"
    home().serving.touch()
    assert {one.name: one for one in examine()}["worker"].state == "bad"
    os.utime(sign)
    assert {one.name: one for one in examine()}["worker"].state == "good"
    sign.unlink()
    home().serving.unlink()
