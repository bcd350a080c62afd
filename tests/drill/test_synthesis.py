"""A scenario becomes packets: the same ones every time, and what is planted is really in them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hinomi.drill.scenario import Scenario
from hinomi.drill.scenarios.exercise_day import EXERCISE_DAY
from hinomi.drill.stage import Span, micros
from hinomi.drill.synthesis import HOUR, hour, identity, segments
from hinomi.drill.traffic import tools
from hinomi.drill.traffic.daily import Daily, OrdinaryScan
from hinomi.drill.truth import Plant, read, truth, write
from hinomi.schema.address import pack, prefix
from hinomi.schema.events import EVENTS
from hinomi.schema.words import SubjectKind

QUIET = replace(EXERCISE_DAY, history=0)


@pytest.fixture(scope="module")
def day() -> pa.Table:
    return pa.Table.from_batches([batch for segment in segments(QUIET, 1) for batch in segment.decode()])


def an_hour(scenario: Scenario, seed: int, number: int) -> pa.Table:
    start = micros(scenario.day) + number * HOUR
    return pa.Table.from_batches(hour(scenario, seed, Span(start, start + HOUR)))


def plant(name: str) -> Plant:
    return next(one for one in truth(QUIET, 1).plants if one.name == name)


def of(day: pa.Table, *addresses: str, column: str = "src") -> pa.Table:
    return day.filter(pc.is_in(day[column], pa.array([pack(one) for one in addresses], pa.binary(16))))


def test_an_hour_is_the_same_whenever_it_is_made() -> None:
    first, again = an_hour(QUIET, 1, 9), an_hour(QUIET, 1, 9)
    assert first.equals(again)


def test_another_seed_makes_another_day() -> None:
    assert not an_hour(QUIET, 1, 9)["time"].equals(an_hour(QUIET, 2, 9)["time"])
    assert truth(QUIET, 1).plants[0].subjects != truth(QUIET, 2).plants[0].subjects


def test_the_id_of_a_segment_is_the_same_in_another_process() -> None:
    code = (
        "from hinomi.drill.scenarios.exercise_day import EXERCISE_DAY as day\n"
        "from hinomi.drill.synthesis import segments\n"
        "print(next(segments(day, 1)).id)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == next(segments(EXERCISE_DAY, 1)).id


def test_ids_differ_by_hour_seed_and_declaration() -> None:
    span = Span(micros(QUIET.day), micros(QUIET.day) + HOUR)
    later = Span(span.end, span.end + HOUR)
    moved = replace(QUIET, planted=QUIET.planted[1:])
    ids = [identity(QUIET, 1, span), identity(QUIET, 1, later), identity(QUIET, 2, span), identity(moved, 1, span)]
    assert len(set(ids)) == 4


def test_packets_have_the_schema_of_the_lake_and_keep_to_their_span_and_order(day: pa.Table) -> None:
    day.validate(full=True)
    assert day.schema.equals(EVENTS["packet"].arrow)
    times = day["time"].cast(pa.int64()).to_numpy()
    assert np.all(np.diff(times) >= 0)
    assert micros(QUIET.day) <= times[0]
    assert times[-1] < micros(QUIET.end)


def test_everything_goes_to_the_telescope(day: pa.Table) -> None:
    first, last = prefix(QUIET.telescope)
    assert pc.min(day["dst"].cast(pa.binary())).as_py() >= first
    assert pc.max(day["dst"].cast(pa.binary())).as_py() <= last


def test_every_planted_subject_is_seen_in_its_time_and_not_before(day: pa.Table) -> None:
    for one in truth(QUIET, 1).plants:
        for subject in one.subjects:
            if subject.kind is SubjectKind.ADDRESS:
                rows = pa.concat_tables([of(day, subject.value), of(day, subject.value, column="inner_dst")])
                assert rows.num_rows, one.name
                assert pc.min(rows["time"]).as_py() >= one.window.start, one.name
                assert pc.max(rows["time"]).as_py() < one.window.end, one.name


def test_masscan_and_zmap_visit_every_dark_address_once_with_their_mark(day: pa.Table) -> None:
    masscan = of(day, plant("masscan-redis").subjects[0].value)
    zmap = of(day, plant("zmap-https").subjects[0].value)
    assert masscan.num_rows == len(masscan["dst"].unique()) == 65_536
    assert zmap.num_rows == len(zmap["dst"].unique()) == 65_536
    assert pc.all(pc.equal(zmap["ipid"], 54321)).as_py()
    for row in masscan.slice(0, 50).to_pylist():
        assert row["ipid"] == (int.from_bytes(row["dst"][12:], "big") ^ row["dport"] ^ row["seq"]) & 0xFFFF


def test_mirai_bots_carry_the_address_in_the_sequence_number(day: pa.Table) -> None:
    bots = of(day, *(subject.value for subject in plant("mirai-family").subjects))
    assert bots.num_rows == 24_000
    assert set(bots["dport"].unique().to_pylist()) == {23, 2323}
    assert all(row["seq"] == int.from_bytes(row["dst"][12:], "big") for row in bots.slice(0, 50).to_pylist())


def test_scans_have_the_shape_they_are_named_for(day: pa.Table) -> None:
    vertical = of(day, plant("vertical-nmap").subjects[0].value)
    strobe = of(day, plant("strobe-web").subjects[0].value)
    assert (len(vertical["dst"].unique()), len(vertical["dport"].unique())) == (1, 1000)
    assert (len(strobe["dst"].unique()), len(strobe["dport"].unique())) == (400, 30)


def test_the_worm_doubles_and_comes_from_many_networks(day: pa.Table) -> None:
    rows = day.filter(pc.and_(pc.equal(day["dport"], 9034), pc.equal(day["window"], 5808)))
    start = plant("worm-9034").window.start

    def hosts(after: int) -> int:
        seen = rows.filter(pc.less(rows["time"], pa.scalar(start + timedelta(hours=after), rows["time"].type)))
        return len(seen["src"].unique())

    assert 1.5 < hosts(6) / hosts(5) < 2.5
    assert len({address[:14] for address in rows["src"].unique().to_pylist()}) > 100


def test_the_flooded_member_answers_and_is_quoted(day: pa.Table) -> None:
    answers, quotes = of(day, "198.19.32.53"), of(day, "198.19.32.53", column="inner_dst")
    assert answers.num_rows + quotes.num_rows == 36_000
    assert 0.4 < quotes.num_rows / 36_000 < 0.6
    assert quotes["inner_src"].equals(quotes["dst"]), "a quoted datagram was forged with the address that gets the error"


def test_the_background_holds_nobody_who_would_count_as_a_scanner() -> None:
    """A hundred dark addresses in a day is a scan (Durumeric et al. 2014): planted, or one of the few of every day."""
    calm = replace(QUIET, planted=(), background=tuple(one for one in QUIET.background if not isinstance(one, Daily)))
    rows = pa.Table.from_batches([batch for segment in segments(calm, 1) for batch in segment.decode()])
    targets = rows.group_by(["src"]).aggregate([("dst", "count_distinct")])
    assert pc.max(targets["dst_count_distinct"]).as_py() < 100


def test_the_truth_can_be_kept_and_read_again(tmp_path: Path) -> None:
    known = truth(EXERCISE_DAY, 1)
    write(tmp_path, known)
    assert read(tmp_path) == known


def test_what_comes_daily_is_other_every_day_and_ends_before_midnight() -> None:
    habit = Daily(6.0, OrdinaryScan("240.0.0.0/5", (tools.linux,), (22, 80)))
    one = replace(QUIET, background=(habit,), planted=(), history=1)
    hours = [pa.Table.from_batches(segment.decode()) for segment in segments(one, 1) if list(segment.decode())]
    both = pa.concat_tables(hours)
    start = pa.scalar(one.day, pa.timestamp("us", tz="UTC"))
    before, after = (
        set(part["src"].to_pylist())
        for part in (both.filter(pc.less(both["time"], start)), both.filter(pc.greater_equal(both["time"], start)))
    )
    assert before
    assert after
    assert not before & after
