"""A file that is read again when it has grown gives its new rows once, however often, and whoever was killed between."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hinomi.lake.engine import open_engine
from hinomi.lake.lake import Lake
from hinomi.observe.reading import open_input
from hinomi.testing import packets as p

SCAN = [p.ethernet(p.ipv4("192.0.2.1", f"198.18.{n // 256}.{n % 256}", p.tcp(40000, 23, seq=n))) for n in range(3000)]
LINES = [json.dumps({"time": 1_793_534_400 + n, "src": "192.0.2.1", "dst": "198.18.0.1", "seq": n}) + "\n" for n in range(3000)]
ROWS = [f"{1_793_534_400 + n},192.0.2.1,198.18.0.1,{n}\n" for n in range(3000)]
FORMATS = {
    "pcap": lambda rows: p.capture(SCAN[:rows]),
    "pcapng": lambda rows: p.capture_ng(SCAN[:rows]),
    "json": lambda rows: "".join(LINES[:rows]).encode(),
    "csv": lambda rows: ("time,src,dst,seq\n" + "".join(ROWS[:rows])).encode(),
}


def observe(lake: Lake, content: bytes, folder: Path, name: str = "growing") -> tuple[int, int]:
    """Read a file into the lake: rows that were new, segments that were not."""
    path = folder / name
    path.write_bytes(content)
    receipts = list(lake.append(open_input(path, sensor="s")))
    return sum(one.rows for one in receipts), sum(one.duplicate for one in receipts)


def held(lake: Lake) -> list[int]:
    """The sequence numbers in the lake."""
    if not lake.rows("packet"):
        return []
    with open_engine("duckdb", lake) as engine:
        events = engine.table("packet")
        return sorted(engine.run(events.select("seq"))["seq"].to_pylist())


@pytest.mark.parametrize("format_", FORMATS)
def test_each_time_it_has_grown_only_the_new_rows_are_taken(tmp_path: Path, format_: str) -> None:
    lake, made = Lake.open(tmp_path / "lake"), FORMATS[format_]
    assert observe(lake, made(1000), tmp_path) == (1000, 0)
    assert observe(lake, made(1000), tmp_path) == (0, 1), "the same file again is a resend"
    assert observe(lake, made(1001), tmp_path) == (1, 0)
    assert observe(lake, made(2500), tmp_path) == (1499, 0)
    assert observe(lake, made(2500), tmp_path) == (0, 1), "and so is the grown one, at any length that was read"
    assert observe(lake, made(1001), tmp_path) == (0, 1)
    assert observe(lake, made(3000), tmp_path, "moved") == (500, 0), "its name does not matter"
    assert held(lake) == list(range(3000))


def test_a_last_record_that_was_still_being_written_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    lake, whole = Lake.open(tmp_path / "lake"), p.capture(SCAN[:10])
    assert observe(lake, whole[:-7], tmp_path) == (9, 0)
    assert observe(lake, whole, tmp_path) == (1, 0)
    assert held(lake) == list(range(10))


def test_both_copies_in_one_run_count_once(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    for name, rows in (("1", 500), ("2", 900)):
        (tmp_path / name).write_bytes(p.capture(SCAN[:rows]))
    both = (segment for name in "12" for segment in open_input(tmp_path / name, sensor="s"))
    assert [one.rows for one in lake.append(both)] == [500, 400]
    assert held(lake) == list(range(900))


def test_a_file_that_begins_alike_but_goes_on_otherwise_is_another(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    observe(lake, p.capture(SCAN[:100]), tmp_path)
    assert observe(lake, p.capture([*SCAN[:50], *SCAN[200:400]]), tmp_path) == (250, 0)


READS_AND_DIES = """
import os, sys
from pathlib import Path
from hinomi.lake import ledger
from hinomi.lake.lake import Lake
from hinomi.observe.reading import open_input

turn, when = ledger._turn, sys.argv[3]
def killed(*given):
    if when == "after":
        turn(*given)
    os.kill(os.getpid(), 9)
lake = Lake.open(Path(sys.argv[1]))
ledger._turn = killed
list(lake.append(open_input(sys.argv[2], sensor="s")))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reader_killed_at_its_commit_leaves_the_rest_to_the_next(tmp_path: Path, when: str) -> None:
    lake = Lake.open(tmp_path / "lake")
    observe(lake, p.capture(SCAN[:1000]), tmp_path)
    (tmp_path / "growing").write_bytes(p.capture(SCAN[:2000]))
    command = [sys.executable, "-c", READS_AND_DIES, str(tmp_path / "lake"), str(tmp_path / "growing"), when]
    assert subprocess.run(command, check=False).returncode == -9
    again = Lake.open(tmp_path / "lake")
    assert held(again) == list(range(1000)), "the database had not been told to keep it"
    assert observe(again, p.capture(SCAN[:2000]), tmp_path) == (1000, 0)
    assert observe(again, p.capture(SCAN), tmp_path) == (1000, 0)
    assert held(again) == list(range(3000))
