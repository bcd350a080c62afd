"""What `hinomi doctor` hears from a lake that is well, and from one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinomi.lake.errors import LakeError
from hinomi.lake.health import Answer, check
from hinomi.lake.lake import Lake

from .events import packets


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("one", 10)]))
    return lake


def told(lake: Lake) -> dict[str, Answer]:
    return {answer.what: answer for answer in check(lake)}


def test_a_lake_that_is_well(lake: Lake) -> None:
    answers = told(lake)
    assert all(answer.ok for answer in answers.values())
    assert "packet 10" in answers["catalogue"].message.en
    assert all(answer.message.ja for answer in answers.values())


def test_an_empty_lake_is_well(tmp_path: Path) -> None:
    assert all(answer.ok for answer in check(Lake.open(tmp_path)))


def test_a_missing_file_is_named(lake: Lake) -> None:
    (file,) = lake.root.rglob("*.parquet")
    file.unlink()
    answer = told(lake)["files"]
    assert not answer.ok
    assert str(file) in answer.message.en


def test_lost_metadata_is_could_not_look(lake: Lake) -> None:
    for file in lake.layout.metadata("packet").iterdir():
        file.unlink()
    assert not told(lake)["ledger"].ok
    assert "Could not look" in told(lake)["files"].message.en


def test_litter_is_told(lake: Lake) -> None:
    (lake.layout.data("packet") / "stray.parquet").write_bytes(b"x" * 1000)
    assert "1 files" in told(lake)["litter"].message.en


def test_a_ledger_that_is_behind_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "holds", lambda segment: False)
    assert not told(lake)["ledger"].ok


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_a_lake_whose_catalogue_is_gone_is_not_begun_anew(lake: Lake, left: str) -> None:
    """A new catalogue would know none of the files, and the next sweep would take them all for litter."""
    lake.close()
    database, (file,) = lake.layout.database, lake.root.rglob("*.parquet")
    for path in lake.root.glob(f"{database.name}*"):
        path.unlink()
    if left == "an empty file":
        database.touch()
    with pytest.raises(LakeError, match="catalogue is missing"):
        Lake.open(lake.root)
    assert file.is_file()
