"""The lake takes each segment exactly once, and gives back what it took."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hinomi.lake.errors import LakeError
from hinomi.lake.lake import Lake
from hinomi.schema.events import EVENTS
from hinomi.schema.segments import PAUSE, Segment

from .events import NOON, batch, bulk, counts, packets


def test_what_is_appended_is_there_with_a_receipt(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    (receipt,) = lake.append([packets("morning", 100)])
    assert (receipt.segment, receipt.kind, receipt.rows, receipt.duplicate) == ("morning", "packet", 100, False)
    assert receipt.first == NOON
    assert lake.holds("morning")
    assert lake.rows("packet") == 100
    assert counts(lake) == {"morning": 100}


def test_a_resent_segment_is_acknowledged_and_adds_nothing(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("once", 50)]))
    decoded = []
    again = Segment("once", "packet", "telescope", lambda: decoded.append(1) or [])
    (receipt,) = lake.append([again])
    assert receipt.duplicate
    assert receipt.rows == 0
    assert not decoded, "a held segment costs a look-up, not a decode"
    assert counts(lake) == {"once": 50}


def test_the_same_segment_twice_in_one_run_counts_once(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    receipts = list(lake.append([packets("twin", 30), packets("other", 10), packets("twin", 30)]))
    assert [(one.segment, one.duplicate) for one in receipts] == [("twin", False), ("other", False), ("twin", True)]
    assert counts(lake) == {"twin": 30, "other": 10}


def test_a_segment_without_rows_is_remembered(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    empty = Segment("nothing", "packet", "telescope", list)
    (receipt,) = lake.append([empty])
    assert (receipt.rows, receipt.first, receipt.duplicate) == (0, None, False)
    assert Lake.open(tmp_path).holds("nothing")
    assert lake.span("packet") is None


def test_an_empty_lake_answers(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    assert (lake.rows("dns"), lake.span("dns"), lake.kinds(), lake.arrived()) == (0, None, [], [])
    assert list(lake.append([])) == []


def test_rows_are_split_by_day_and_sorted_inside_a_file(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    backwards = [NOON + timedelta(hours=hours) for hours in (30, 1, 14, 2, 50)]
    list(lake.append([Segment("late", "packet", "telescope", lambda: [batch("packet", "late", backwards)])]))
    files = sorted(tmp_path.rglob("*.parquet"))
    assert {file.parent.name for file in files} == {"time_day=2026-04-01", "time_day=2026-04-02", "time_day=2026-04-03"}
    for file in files:
        times = pq.read_table(file, partitioning=None)["time"].to_pylist()
        assert times == sorted(times)
    span = lake.span("packet")
    assert span is not None
    assert span.start == min(backwards)
    assert span.end == max(backwards) + timedelta(microseconds=1)


def test_kinds_of_one_run_go_to_their_own_tables(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    queries = batch("dns", "dns-1", [NOON], qname=["example.jp"], answers=[["192.0.2.1", "192.0.2.2"]])
    dns = Segment("dns-1", "dns", "resolver", lambda: [queries])
    assert [one.kind for one in lake.append([packets("p", 5), dns])] == ["packet", "dns"]
    assert lake.kinds() == ["dns", "packet"]
    assert counts(lake, "dns") == {"dns-1": 1}


@pytest.mark.parametrize("kind", list(EVENTS))
def test_every_kind_comes_back_as_it_went_in(tmp_path: Path, kind: str) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([Segment("s", kind, "sensor", lambda: [batch(kind, "s", [NOON])])]))
    (file,) = tmp_path.rglob("*.parquet")
    assert pq.read_table(file, partitioning=None).cast(EVENTS[kind].arrow).to_pylist()[0]["time"] == NOON
    assert counts(lake, kind) == {"s": 1}


def test_a_failing_decoder_leaves_nothing_of_its_segment(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)

    def broken() -> object:
        yield from packets("broken", 70_000).decode()
        raise ValueError("cut off")

    with pytest.raises(ValueError, match="cut off"):
        list(lake.append([Segment("broken", "packet", "telescope", broken)]))
    assert not lake.holds("broken")
    assert list(tmp_path.rglob("*.parquet")) == []
    (receipt,) = lake.append([packets("broken", 10)])
    assert receipt.rows == 10


def test_an_exercise_lake_stays_marked(tmp_path: Path) -> None:
    assert Lake.open(tmp_path / "drill", exercise=True).exercise
    again = Lake.open(tmp_path / "drill")
    assert again.exercise
    list(again.append([packets("drill", 3)]))
    assert Lake.open(tmp_path / "drill", exercise=True).catalogue.table("packet").properties["hinomi.exercise"] == "true"


def test_a_real_lake_is_refused_to_an_exercise(tmp_path: Path) -> None:
    assert not Lake.open(tmp_path).exercise
    with pytest.raises(LakeError, match="holds real events"):
        Lake.open(tmp_path, exercise=True)


def test_a_pause_makes_durable_what_was_taken_and_no_more_is_said_of_it(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    seen: list[dict[str, int]] = []

    def stream() -> Iterator[Segment]:
        yield PAUSE
        yield packets("first", 3)
        yield packets("second", 4)
        yield PAUSE
        seen.append(counts(Lake.open(tmp_path)))
        yield PAUSE

    assert [one.segment for one in lake.append(stream())] == ["first", "second"]
    assert seen == [{"first": 3, "second": 4}]


def test_arrivals_tell_late_data(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("today", 3, NOON + timedelta(days=1))]))
    seen = lake.arrived()[-1].number
    list(lake.append([packets("yesterday", 4, NOON)]))
    (late,) = lake.arrived(seen)
    assert (late.kind, late.entry.segment, late.entry.span[0]) == ("packet", "yesterday", NOON)


def test_many_batches_end_in_few_files(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([bulk("large", 10_000, batches=20)]))
    assert lake.rows("packet") == 200_000
    assert len(list(tmp_path.rglob("*.parquet"))) <= 4
