"""The hub's house-keeping: what nobody reads any more goes, what somebody waits for stays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hinomi.home import home
from hinomi.hub.schedule import queue
from hinomi.hub.schedule.jobs.tidy_hub import KEPT, PICTURES, work
from hinomi.hub.schedule.work import Task

YOUNG = timedelta(hours=1)


@pytest.fixture
def left() -> Iterator[list[Path]]:
    """Files that a story left; what the house-keeping does not take is taken away here."""
    files: list[Path] = []
    yield files
    for file in files:
        file.unlink(missing_ok=True)


def put(left: list[Path], file: Path, age: timedelta) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"{}")
    then = time.time() - age.total_seconds()
    os.utime(file, (then, then))
    left.append(file)
    return file


def test_old_uploads_and_sums_go_and_those_in_use_stay(db: None, left: list[Path]) -> None:
    inbox, pictures = home().inbox, home().pictures
    old, young = put(left, inbox / "old", KEPT + YOUNG), put(left, inbox / "young", YOUNG)
    awaited = put(left, inbox / "awaited", KEPT + YOUNG)
    queue.add("capture", {"path": str(awaited)})
    drawn, fresh = put(left, pictures / "growth" / "a.json", PICTURES + YOUNG), put(left, pictures / "growth" / "b.json", KEPT)
    hour = put(left, pictures / "atlas" / "real" / "20200101T00.rows", PICTURES + YOUNG)
    style = put(left, home().static / "page.0123.css", PICTURES + YOUNG)
    told = work.run(Task({}, lambda _: None))
    assert (told["uploads"], told["pictures"]) == (1, 2)
    assert [file.exists() for file in (old, drawn, hour)] == [False] * 3
    assert all(file.exists() for file in (young, awaited, fresh, style))
    assert work.run(Task({}, lambda _: None))["uploads"] == 0
