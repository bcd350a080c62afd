"""Killed writers, rival writers, a full disk: nothing that was acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hinomi.lake import snapshot
from hinomi.lake.errors import LakeError, writing_to
from hinomi.lake.lake import Lake
from hinomi.lake.ledger import Entry, Ledger
from hinomi.lake.locks import Token, tokens

from . import lives
from .events import bulk, counts, packets


def on_disk(lake: Lake) -> set[str]:
    return {str(file) for file in lake.root.rglob("*.parquet")}


@pytest.mark.slow
def test_two_hundred_killed_writers_lose_and_double_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.lake.lives", str(tmp_path), "200", "20261122"]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280)
    acknowledged = set(json.loads(run.stdout))
    lake = Lake.open(tmp_path)
    found = counts(lake)
    assert len(acknowledged) >= 3
    assert acknowledged <= set(found), "an acknowledged segment is there"
    assert {name: lives.rows(name) for name in found} == found, "every segment is there whole, and once"
    assert all(lake.holds(name) for name in found)
    assert {arrival.entry.segment for arrival in lake.arrived()} == set(found)
    lake.sweep()
    assert on_disk(lake) == {file.path for file in lake.catalogue.plan("packet")}, "the dead leave no litter"
    assert tokens(lake.layout.tokens) == (set(), set())


def test_two_writers_of_the_same_input_double_nothing(tmp_path: Path) -> None:
    Lake.open(tmp_path).close()
    command = [sys.executable, "-m", "tests.lake.lives", str(tmp_path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280).stdout
    receipts = [line.split() for line in said.splitlines()]
    taken = [name for name, duplicate in receipts if duplicate == "0"]
    assert len(receipts) == 2 * 13, "each writer hears of each of its segments"
    assert sorted(taken) == sorted(set(taken)), "only one of them took a segment"
    assert counts(Lake.open(tmp_path)) == {f"s{n}": lives.rows(f"s{n}") for n in [*range(12), 100, 101]}


def test_a_slower_rival_in_one_group_is_cut_out(tmp_path: Path) -> None:
    mine, rival = Lake.open(tmp_path), Lake.open(tmp_path)

    def segments() -> object:
        yield packets("shared", 40)
        yield packets("mine", 10)
        list(rival.append([packets("shared", 40)]))

    receipts = {one.segment: one for one in mine.append(segments())}
    assert receipts["shared"].duplicate
    assert not receipts["mine"].duplicate
    assert counts(mine) == {"shared": 40, "mine": 10}


def crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_at_the_commit_leaves_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("before", 5)]))
    monkeypatch.setattr(lake.ledger, "enter", crash)
    with pytest.raises(KeyboardInterrupt):
        list(lake.append([packets("hanging", 7)]))
    again = Lake.open(tmp_path)
    assert counts(again) == {"before": 5}
    (receipt,) = again.append([packets("hanging", 7)])
    assert not receipt.duplicate
    assert counts(again) == {"before": 5, "hanging": 7}


def test_a_crash_between_a_tidying_commit_and_the_ledger_heals_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("before", 5)]))
    monkeypatch.setattr(snapshot, "MANY", 0)  # so that PyIceberg commits, which knows nothing of the ledger
    monkeypatch.setattr(lake.ledger, "enter", crash)
    with pytest.raises(KeyboardInterrupt):
        list(lake.append([packets("hanging", 7)]))
    healed = Lake.open(tmp_path)
    assert healed.holds("hanging")
    (receipt,) = healed.append([packets("hanging", 7)])
    assert receipt.duplicate
    assert counts(healed) == {"before": 5, "hanging": 7}


def test_a_dead_writers_files_are_swept_and_a_living_ones_are_not(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("kept", 5)]))
    folder = lake.layout.data("packet") / "time_day=2026-04-01"
    living = Token(lake.layout.tokens)
    theirs, litter = folder / f"{living.name}-0-0.parquet", folder / f"{'0' * 32}-0-0.parquet"
    theirs.write_bytes(b"unfinished")
    litter.write_bytes(b"unfinished")
    (lake.layout.tokens / ("0" * 32)).touch()
    Lake.open(tmp_path)
    assert theirs.exists()
    assert not litter.exists()
    living.release()


# A limit on the size of any file stands for a full disk; the system says `File too large`.
ON_A_SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
from hinomi.lake.errors import LakeError
from hinomi.lake.lake import Lake
from hinomi.lake.ledger import Entry, Ledger
from tests.lake.events import bulk, packets
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    list(Lake.open(Path(sys.argv[1])).append([packets("fits", 10), bulk("huge", 200_000)]))
except LakeError as error:
    print(error)
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("before", 5)]))
    files = on_disk(lake)
    command = [sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert "The disk is full" in said
    assert str(tmp_path) in said
    assert on_disk(lake) == files
    assert tokens(lake.layout.tokens) == (set(), set())
    receipts = list(Lake.open(tmp_path).append([packets("fits", 10), bulk("huge", 200_000)]))
    assert [one.duplicate for one in receipts] == [False, False]
    assert counts(lake) == {"before": 5, "fits": 10, "huge": 200_000}


def test_a_catalogue_without_room_is_told_as_a_full_disk(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("before", 5)]))
    with closing(Ledger(lake.layout.database)) as ledger:
        (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
        many = [Entry(f"{n:064d}", 1, 0, 0) for n in range(20_000)]
        metadata, fields = ledger.settled("packet")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            ledger.enter("packet", many, metadata, fields)
        assert ledger.settled("packet") == (metadata, fields)
    assert counts(Lake.open(tmp_path)) == {"before": 5}


@pytest.mark.parametrize(
    ("error", "said"), [(OSError(28, "No space left on device"), "disk is full"), (PermissionError(13, "no"), "Cannot write")]
)
def test_failures_say_what_to_do_in_both_languages(tmp_path: Path, error: OSError, said: str) -> None:
    with pytest.raises(LakeError, match=said) as caught, writing_to(tmp_path):
        raise error
    assert caught.value.told("ja") != caught.value.told("en")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LakeError, match=str(tmp_path / "file")):
        Lake.open(tmp_path / "file" / "lake")
