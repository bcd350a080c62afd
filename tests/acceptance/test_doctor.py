"""What the doctor says of an installation that somebody has damaged: which part, and what to do."""

from __future__ import annotations

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


def bad(tower: Tower) -> dict[str, str]:
    """The checks that are not well, with what is said of them; the worker does not run in these tests."""
    said = tower("doctor", "--json")
    assert said.status == 1
    return {one["check"]: one["message"]["en"] for one in said.records if not one["ok"] and one["check"] != "worker"}


def test_a_lake_that_is_whole_is_looked_at_file_by_file(tower: Tower) -> None:
    told = {one["check"]: one["message"]["en"] for one in tower("doctor", "--json").records}
    assert told["lake-files"] == "Every data file is there."
    assert not [name for name in bad(tower) if name.startswith("lake")]


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
