"""A lake can be moved or copied; it stays one and the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hinomi.lake.errors import LakeError
from hinomi.lake.lake import Lake
from hinomi.schema.segments import Segment

from .events import NOON, batch, counts, packets


def filled(root: Path) -> None:
    with Lake.open(root, exercise=True) as lake:
        names = batch("dns", "q", [NOON], qname=["a.example"], answers=[["192.0.2.1"]])
        list(lake.append([packets("one", 10), Segment("q", "dns", "resolver", lambda: [names])]))
        list(lake.append([packets("two", 20)]))


def test_a_moved_lake_goes_on(tmp_path: Path) -> None:
    filled(tmp_path / "old")
    shutil.move(tmp_path / "old", tmp_path / "new")
    lake = Lake.open(tmp_path / "new")
    assert counts(lake) == {"one": 10, "two": 20}
    assert counts(lake, "dns") == {"q": 1}
    assert lake.exercise
    assert [receipt.duplicate for receipt in lake.append([packets("one", 10), packets("three", 30)])] == [True, False]
    lake.sweep()
    lake.compact("packet")
    assert counts(Lake.open(tmp_path / "new")) == {"one": 10, "two": 20, "three": 30}


def test_a_copy_is_a_lake_of_its_own(tmp_path: Path) -> None:
    filled(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    copy = Lake.open(tmp_path / "there")
    list(copy.append([packets("only there", 3)]))
    assert counts(copy) == {"one": 10, "two": 20, "only there": 3}
    assert counts(Lake.open(tmp_path / "here")) == {"one": 10, "two": 20}


def test_moving_keeps_the_order_of_arrival(tmp_path: Path) -> None:
    filled(tmp_path / "old")
    before = Lake.open(tmp_path / "old").arrived()
    shutil.move(tmp_path / "old", tmp_path / "new")
    assert Lake.open(tmp_path / "new").arrived() == before


def test_half_a_copy_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    filled(tmp_path / "old")
    shutil.move(tmp_path / "old", tmp_path / "new")
    shutil.rmtree(tmp_path / "new" / "events" / "packet" / "metadata")
    with pytest.raises(LakeError, match=r"came from .*old"):
        Lake.open(tmp_path / "new")


def test_a_lake_behind_a_link_is_the_same_lake(tmp_path: Path) -> None:
    filled(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Lake.open(tmp_path / "link").root == tmp_path / "real"
    assert counts(Lake.open(tmp_path / "link")) == {"one": 10, "two": 20}
