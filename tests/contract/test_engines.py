"""The examination of every engine: the same expression gives the same rows in the same types, whatever engine runs it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pytest

from hinomi.lake.engine import Engine, EngineKind, open_engine
from hinomi.lake.errors import LakeError
from hinomi.lake.lake import Lake
from hinomi.registry import plugins
from hinomi.schema.address import pack, prefix
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.problems import WrongUse
from hinomi.schema.segments import Segment
from tests.lake.events import NOON, batch, packets

ENGINES = plugins("hinomi.lake.engine", EngineKind)
WITHOUT_JAVA = shutil.which("java") is None or find_spec("pyspark") is None
MARKS = {"spark": [pytest.mark.spark, pytest.mark.skipif(WITHOUT_JAVA, reason="Spark needs Java and PySpark")]}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    answers = batch("dns", "dns-1", [NOON], qname=["例え.jp"], answers=[["192.0.2.1", None]])
    extremes = batch(
        *("packet", "extremes", [NOON + timedelta(hours=1, microseconds=n) for n in range(3)]),
        src=[pack("255.255.255.255"), pack("2001:db8::1"), None],
        seq=[2**32 - 1, 0, None],
        payload=[b"\x00\xff", b"", None],
    )
    list(
        lake.append(
            [
                packets("first", 300, NOON, seconds=60),
                packets("second", 200, NOON + timedelta(seconds=60), seconds=30),
                Segment("dns-1", "dns", "resolver", lambda: [answers]),
                Segment("extremes", "packet", "telescope", lambda: [extremes]),
            ]
        )
    )
    return lake


@pytest.fixture(scope="module", params=[pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES])
def engine(request: pytest.FixtureRequest, lake: Lake) -> Iterator[Engine]:
    with open_engine(request.param, lake) as opened:
        yield opened


def minute(number: int) -> Window:
    start = NOON + timedelta(minutes=number)
    return Window(start, start + timedelta(minutes=1))


def test_the_window_is_half_open(engine: Engine) -> None:
    rows = engine.run(engine.table("packet", minute(0)).select("time"))["time"].to_pylist()
    assert len(rows) == 300
    assert min(rows) == NOON
    assert max(rows) < NOON + timedelta(minutes=1)
    edge = Window(NOON, NOON + timedelta(microseconds=1))
    assert engine.run(engine.table("packet", edge).select("time")).num_rows == 1


def test_a_whole_kind_without_a_window(engine: Engine) -> None:
    packet = engine.table("packet")
    assert engine.run(packet.aggregate(rows=packet.count()))["rows"].to_pylist() == [503]


@pytest.mark.parametrize("kind", ["lease", "packet"])
def test_no_events_is_an_empty_typed_table(engine: Engine, kind: str) -> None:
    events = engine.table(kind, Window(NOON - timedelta(days=9), NOON - timedelta(days=8)))
    answer = engine.run(events)
    assert answer.num_rows == 0
    assert answer.schema.names == EVENTS[kind].arrow.names
    assert answer.schema.field("time").type == pa.timestamp("us", tz="UTC")


def test_types_are_the_same_everywhere(engine: Engine) -> None:
    packet = engine.table("packet", minute(0))
    answer = engine.run(
        packet.group_by("src").agg(
            *[packet.count().name("packets"), packet.dst.nunique().name("targets")],
            *[packet.dport.sum().name("sum"), packet.dport.mean().name("mean"), packet.time.min().name("first")],
            *[(packet.dport.max() > 0).name("is"), packet.sensor.max().name("sensor")],
        )
    )
    wanted = [pa.binary(), *[pa.int64()] * 3, pa.float64(), pa.timestamp("us", tz="UTC"), pa.bool_(), pa.string()]
    assert answer.schema.types == wanted
    assert sum(answer["packets"].to_pylist()) == 300


def test_what_is_kept_is_computed_once_in_the_types_it_was_declared_in_and_forgotten(engine: Engine) -> None:
    packet = engine.table("packet", minute(0))
    counted = packet.group_by("src").agg(packets=packet.count(), sum=packet.dport.cast("int64").sum())
    with engine.kept("counted", counted) as kept:
        again = engine.run(kept.agg(sources=kept.count(), packets=kept.packets.sum(), sum=kept["sum"].sum()))
        assert again.schema.types == [pa.int64()] * 3
        assert again["packets"].to_pylist() == [300]
        assert sorted(engine.run(kept).to_pylist(), key=repr) == sorted(engine.run(counted).to_pylist(), key=repr)
    with engine.kept("counted", counted.filter(counted.packets < 0)) as none:
        assert engine.run(none).num_rows == 0


def test_values_survive_at_their_limits(engine: Engine) -> None:
    packet = engine.table("packet", minute(60))
    rows = engine.run(packet.order_by("time").select("src", "seq", "payload")).to_pylist()
    assert rows == [
        {"src": pack("255.255.255.255"), "seq": 2**32 - 1, "payload": b"\x00\xff"},
        {"src": pack("2001:db8::1"), "seq": 0, "payload": b""},
        {"src": None, "seq": None, "payload": None},
    ]


def test_lists_and_japanese_text_survive(engine: Engine) -> None:
    rows = engine.run(engine.table("dns").select("qname", "answers", "client")).to_pylist()
    assert rows == [{"qname": "例え.jp", "answers": ["192.0.2.1", None], "client": None}]


def test_times_are_cut_to_slots_in_utc(engine: Engine) -> None:
    packet = engine.table("packet", Window(NOON, NOON + timedelta(minutes=2)))
    slots = packet.group_by(slot=packet.time.truncate("m")).agg(rows=packet.count()).order_by("slot")
    found = engine.run(slots).to_pylist()
    assert found == [{"slot": NOON, "rows": 300}, {"slot": NOON + timedelta(minutes=1), "rows": 200}]


def test_addresses_join_prefixes_as_ranges(engine: Engine) -> None:
    low, high = prefix("198.51.100.0/25"), prefix("198.51.100.128/25")
    networks = pa.table(
        {
            "first": [low.first, high.first],
            "last": [low.last, high.last],
            "organisation": ["low", "high"],
            "sector": ["water"] * 2,
            "country": ["JP"] * 2,
            "dark": [True] * 2,
            "valid_from": [NOON - timedelta(days=1)] * 2,
            "valid_until": [None] * 2,
            "name_en": ["Low", "High"],
            "name_ja": [None] * 2,
        },
        schema=LOOKUPS["networks"],
    )
    known = engine.lookup("networks", networks)
    packet = engine.table("packet", minute(0))
    joined = packet.join(known, [packet.dst >= known["first"], packet.dst <= known["last"]])
    found = engine.run(joined.group_by("organisation").agg(rows=joined.count())).to_pylist()
    assert {one["organisation"] for one in found} == {"low", "high"}
    assert sum(one["rows"] for one in found) == 300


def test_an_empty_lookup_joins_to_nothing(engine: Engine) -> None:
    known = engine.lookup("allowed", LOOKUPS["allowed"].empty_table())
    packet = engine.table("packet", minute(0))
    clean = packet.anti_join(known, [packet.src >= known["first"], packet.src <= known["last"]])
    assert engine.run(clean.aggregate(rows=clean.count()))["rows"].to_pylist() == [300]


def test_two_windows_of_one_kind_live_side_by_side(engine: Engine) -> None:
    now, before = engine.table("packet", minute(1)), engine.table("packet", minute(0))
    fresh = now.anti_join(before, "dport")
    old = set(engine.run(before.select("dport"))["dport"].to_pylist())
    assert not old & set(engine.run(fresh.select("dport"))["dport"].to_pylist())


def test_window_functions_and_bits(engine: Engine) -> None:
    packet = engine.table("packet", minute(0))
    rank = ibis.row_number().over(group_by="src", order_by=["time", "dst", "dport"])
    first = packet.mutate(rank=rank, low=packet.dport.cast("int64") & 0xFF).filter(lambda t: t["rank"] == 0)
    answer = engine.run(first.select("src", "low", "dport"))
    assert answer.num_rows == len(set(engine.run(packet.select("src"))["src"].to_pylist()))
    assert all(row["low"] == row["dport"] & 0xFF for row in answer.to_pylist())


def test_an_unknown_engine_is_named_with_those_there_are(lake: Lake) -> None:
    with pytest.raises(WrongUse, match=r"no such engine.*duckdb, spark"), open_engine("oracle", lake):
        pass


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES])
def test_a_file_that_lost_its_bytes_is_never_a_quiet_day(name: str, tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("first", 300, NOON, seconds=60)]))
    for file in tmp_path.rglob("*.parquet"):
        file.write_bytes(b"")
    with open_engine(name, lake) as engine, pytest.raises((LakeError, duckdb.Error)):
        engine.run(engine.table("packet"))


def test_files_older_than_a_column_read_as_null(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(tmp_path)
    full = EVENTS["web"]
    monkeypatch.setitem(EVENTS, "web", type(full)("web", full.row, ("client", "url")))
    list(lake.append([Segment("old", "web", "proxy", lambda: [batch("web", "old", [NOON], url=["http://a.example/"])])]))
    monkeypatch.setitem(EVENTS, "web", full)
    lake = Lake.open(tmp_path)
    new = Segment("new", "web", "proxy", lambda: [batch("web", "new", [NOON], status=[404])])
    list(lake.append([new]))
    for name, kind in ENGINES.items():
        if kind.lacks() is None:
            with open_engine(name, lake) as engine:
                rows = engine.run(engine.table("web").order_by("segment").select("segment", "status", "url"))
            assert rows.to_pylist() == [
                {"segment": "new", "status": 404, "url": None},
                {"segment": "old", "status": None, "url": "http://a.example/"},
            ]


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES])
def test_a_lake_is_read_alone_whatever_its_folder_is_called(name: str, tmp_path: Path) -> None:
    """Engines take some signs in a path for patterns: a copy of the lake in a folder that looks so is not read along."""
    for folder in ("火 の見", "%20a?b#c", "x*z", "{a,b}", "[ab]", "it's \"$;é", "back\\slash [ab]"):
        with Lake.open(tmp_path / "lakes" / folder) as lake:
            list(lake.append([packets("one", 30)]))
            shutil.copytree(lake.root, tmp_path / "lakes" / "xyz", dirs_exist_ok=True)
            with open_engine(name, lake) as engine:
                assert engine.run(engine.table("packet").count().as_table()).to_pydict().popitem()[1] == [30]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lakes"]
