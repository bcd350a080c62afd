"""Compaction and retention: the same rows in fewer files, and whole days that go for good."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq

from hinomi.lake.engine import open_engine
from hinomi.lake.lake import Lake

from .events import NOON, bulk, counts, packets

DAY = timedelta(days=1)


def files(lake: Lake) -> list[Path]:
    return sorted(lake.root.rglob("*.parquet"))


def scattered(lake: Lake, segments: int) -> dict[str, int]:
    """A lake that took many small segments one by one, out of order."""
    for number in range(segments):
        list(lake.append([packets(f"s{number}", 20 + number, NOON + timedelta(minutes=(7 * number) % segments))]))
    return counts(lake)


def test_compaction_keeps_every_row_in_fewer_sorted_files(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    before = scattered(lake, 8)
    assert len(files(lake)) == 8
    assert lake.compact("packet") == 7
    (file,) = files(lake)
    times = pq.read_table(file, partitioning=None)["time"].to_pylist()
    assert times == sorted(times)
    assert counts(lake) == before
    assert Lake.open(tmp_path).holds("s3")
    assert lake.compact("packet") == 0, "a compact day is left alone"


def test_addresses_keep_their_type(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    scattered(lake, 4)
    lake.compact("packet")
    (file,) = files(lake)
    assert str(pq.read_schema(file).field("src").type) == "fixed_size_binary[16]"
    assert pq.ParquetFile(file).schema_arrow.field("src").metadata[b"PARQUET:field_id"] == b"4"


def test_days_are_compacted_apart(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for number in range(6):
        list(lake.append([packets(f"s{number}", 10, NOON + (number % 2) * DAY)]))
    lake.compact("packet")
    assert {file.parent.name for file in files(lake)} == {"time_day=2026-04-01", "time_day=2026-04-02"}
    assert len(files(lake)) == 2


def test_appending_during_compaction_loses_nothing(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    scattered(lake, 5)
    writer = threading.Thread(target=lambda: [list(Lake.open(tmp_path).append([packets(f"new{n}", 9)])) for n in range(6)])
    writer.start()
    lake.compact("packet")
    writer.join()
    lake.compact("packet")
    assert counts(lake) == {f"s{n}": 20 + n for n in range(5)} | {f"new{n}": 9 for n in range(6)}


def test_a_reader_keeps_the_files_it_planned(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    scattered(lake, 4)
    with open_engine("duckdb", lake) as engine:
        packet = engine.table("packet")
        lake.compact("packet")
        assert len(files(lake)) == 5
        assert engine.run(packet.aggregate(rows=packet.count()))["rows"].to_pylist() == [86]
    assert lake.sweep() >= 4
    assert len(files(lake)) == 1


def test_retention_drops_whole_days_and_their_files(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets(f"day{n}", 10 + n, NOON + n * DAY) for n in range(4)]))
    assert lake.retain("packet", NOON + 2 * DAY) == 10 + 11
    assert counts(lake) == {"day2": 12, "day3": 13}
    assert {file.parent.name for file in files(lake)} == {"time_day=2026-04-03", "time_day=2026-04-04"}
    assert len(lake.catalogue.table("packet").metadata.snapshots) == 1
    assert lake.days("packet") == {(NOON + 2 * DAY).date(): 12, (NOON + 3 * DAY).date(): 13}


def test_what_was_dropped_stays_out_when_sent_again(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("old", 10)]))
    lake.retain("packet", NOON + 9 * DAY)
    (receipt,) = Lake.open(tmp_path).append([packets("old", 10)])
    assert receipt.duplicate
    assert lake.rows("packet") == 0
    assert lake.retain("packet", NOON + 9 * DAY) == 0
    assert lake.retain("dns", NOON) == 0


def test_snapshots_do_not_pile_up_and_the_ledger_outlives_them(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for number in range(45):
        list(lake.append([packets(f"s{number}", 1)]))
    assert len(lake.catalogue.table("packet").metadata.snapshots) <= 41
    assert Lake.open(tmp_path).holds("s0")
    assert lake.rows("packet") == 45


def test_a_large_day_is_left_in_sorted_row_groups(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for number in range(3):
        list(lake.append([bulk(f"b{number}", 100_000, NOON + timedelta(seconds=number))]))
    lake.compact("packet")
    assert counts(lake) == {f"b{number}": 100_000 for number in range(3)}
