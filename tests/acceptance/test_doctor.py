"""What the doctor says of an installation that somebody has damaged: which part, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.captures import Syn, capture
from tests.acceptance.tower import Tower


@pytest.fixture
def tower(tmp_path: Path) -> Tower:
    tower, path = Tower(tmp_path / "home"), tmp_path / "night.pcap"
    path.write_bytes(capture([Syn(1_795_000_000.0 + number, "203.0.113.77", "198.18.0.1", 23) for number in range(50)]))
    assert tower("init").status == 0
    assert tower("observe", path).status == 0
    return tower


def bad(tower: Tower, status: int = 1) -> dict[str, str]:
    """The checks that are not well, with what is said of them."""
    said = tower("doctor", "--json")
    assert said.status == status
    assert all("\n" not in one["message"]["en"] and one["message"]["ja"] for one in said.records)
    return {one["check"]: one["message"]["en"] for one in said.records if not one["ok"]}


def test_a_lake_that_is_whole_is_looked_at_file_by_file(tower: Tower) -> None:
    told = {one["check"]: one["message"]["en"] for one in tower("doctor", "--json").records}
    assert told["lake-files"] == "Every data file is there."
    assert not bad(tower, status=0)
    assert "No hub is running" in told["worker"]


def test_a_hub_that_was_killed_and_not_started_again_is_missed(tower: Tower) -> None:
    (tower.home / "hub.pid").write_text("4711\n")
    assert "hinomi run" in bad(tower)["worker"]
    (tower.home / "hub.pid").unlink()
    assert not bad(tower, status=0)


def test_a_data_file_that_is_gone_is_named(tower: Tower) -> None:
    (file,) = tower.home.rglob("*.parquet")
    file.unlink()
    assert file.name in bad(tower)["lake-files"]


def test_a_catalogue_that_is_gone_is_missed_and_the_data_left_alone(tower: Tower) -> None:
    for path in (tower.home / "lake").glob("catalogue.sqlite3*"):
        path.unlink()
    assert "catalogue is missing" in bad(tower)["lake"]
    again = tower("detect")
    assert again.status == 3
    assert "hinomi restore" in again.err
    assert len(list(tower.home.rglob("*.parquet"))) == 1


def newer(home: Path) -> None:
    with sqlite3.connect(home / "hub.sqlite3") as database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('casebook', '9999_later', '2030-01-01')")


def older(home: Path) -> None:
    with sqlite3.connect(home / "hub.sqlite3") as database:
        database.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")


def unmarked(home: Path) -> None:
    (home / "exercises" / "lost").mkdir(parents=True)
    (home / "exercises" / "lost" / "catalogue.sqlite3").touch()


def foreign_map(home: Path) -> None:
    (home / "lookups").mkdir()
    (home / "lookups" / "own.mmdb").write_text("no database")


def asset_gone(home: Path) -> None:
    (home / "cache" / "static" / "staticfiles.json").write_text('{"paths": {"site.css": "site.12345678.css"}}')


DAMAGE: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a newer database": (newer, "migrations", "casebook.9999_later is unknown here"),
    "an older database": (older, "migrations", "hinomi init"),
    "an empty key": (lambda home: (home / "secret").write_text(""), "secret", "holds no key"),
    "an open key": (lambda home: (home / "secret").chmod(0o644), "secret", "chmod 600"),
    "an exercise without mark": (unmarked, "exercise-marks", "without its mark"),
    "a real lake with a mark": (lambda home: (home / "lake" / "EXERCISE").touch(), "exercise-marks", "marked as an exercise"),
    "an unreadable map": (foreign_map, "places", "own.mmdb"),
    "a page file gone": (asset_gone, "assets", "site.12345678.css"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_what_is_wrong_is_one_line_that_says_where_and_what_to_do(tower: Tower, what: str) -> None:
    damage, check, words = DAMAGE[what]
    damage(tower.home)
    found = bad(tower)
    assert words in found.pop(check)
    assert all("not looked at" in message for message in found.values())


def test_a_database_that_is_no_database_is_one_line_and_nothing_can_be_done(tower: Tower) -> None:
    (tower.home / "hub.sqlite3").write_bytes(b"garbage" * 1000)
    found = bad(tower, status=3)
    assert "hinomi restore" in found.pop("database")
    assert all("see the line about database" in message for message in found.values())


def test_a_lake_that_is_no_folder_or_is_locked_is_told(tower: Tower) -> None:
    with sqlite3.connect(tower.home / "lake" / "catalogue.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another process" in bad(tower)["lake"]
        other.execute("ROLLBACK")
    (tower.home / "lake").rename(tower.home / "away")
    (tower.home / "lake").touch()
    assert "is no folder" in bad(tower)["lake"]
