"""Every digest sits this examination, unasked: declaration, empty and shuffled input, and the same rows on every engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hinomi.detect.detector import Look
from hinomi.detect.digest import Digest
from hinomi.detect.run import detectors
from hinomi.lake.engine import Engine, EngineKind, open_engine
from hinomi.lake.lake import Lake
from hinomi.registry import plugins
from hinomi.schema.events import EVENTS
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.segments import Segment
from hinomi.testing import traffic
from hinomi.testing.memory import Memory
from tests.detect.story import HOUR, TELESCOPE, day, network

DIGESTS = plugins("hinomi.detect.digests", Digest)
NAMES = sorted(DIGESTS)
HALF_DARK = network("198.18.0.0/17", "hub", dark=True)


def look(networks: pa.Table = TELESCOPE) -> Look:
    return Look(day(), {}, {"networks": networks, "allowed": LOOKUPS["allowed"].empty_table()}, timedelta(days=1))


@pytest.fixture(scope="module")
def packets() -> pa.Table:
    """Two days, so that history has rows too, with tools, answers and a live conversation."""
    return traffic.together(
        traffic.background(4_000, start=-20 * HOUR, seconds=30 * HOUR),
        traffic.scan("203.0.113.1", [23, 2323], 400, 5 * HOUR, tool="mirai"),
        traffic.knock("203.0.113.3", "192.0.2.9", range(1, 30), 7 * HOUR),
        traffic.backscatter("203.0.113.80", 443, 300, 9 * HOUR),
    )


def rows(name: str, engine: Engine, at: Look) -> list[tuple[object, ...]]:
    """All rows of a digest in order."""
    one = DIGESTS[name]
    with engine.kept(name, one.query(engine.table(one.kind), at)) as kept:
        told = engine.run(kept)
    return sorted(zip(*(told[column].to_pylist() for column in sorted(told.schema.names)), strict=True), key=repr)


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete(name: str) -> None:
    one = DIGESTS[name]
    assert one.query.__doc__
    assert one.about.en.strip()
    assert re.search(r"[ぁ-ヿ一-鿿]", one.about.ja)
    assert one.kind in EVENTS


@pytest.mark.parametrize("name", NAMES)
def test_it_serves_more_than_one_detector_that_watches_its_kind(name: str) -> None:
    users = [one for one in detectors().values() if name in one.digests]
    assert len(users) > 1, "what one detector counts belongs into that detector"
    assert all(DIGESTS[name].kind in one.kinds for one in users)


@pytest.mark.parametrize("name", NAMES)
def test_no_events_no_rows(name: str) -> None:
    assert rows(name, Memory({"packet": traffic.SCHEMA.empty_table()}), look()) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_events_does_not_matter(name: str, packets: pa.Table) -> None:
    shuffled = packets.take(np.random.default_rng(1).permutation(packets.num_rows))
    told = rows(name, Memory({"packet": packets}), look())
    assert told
    assert told == rows(name, Memory({"packet": shuffled}), look())


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, packets: pa.Table) -> Iterator[Lake]:
    folder: Path = tmp_path_factory.mktemp("digests")
    with Lake.open(folder) as opened:
        list(opened.append([Segment("made", "packet", "telescope", packets.to_batches)]))
        yield opened


@pytest.mark.parametrize("networks", [TELESCOPE, HALF_DARK, LOOKUPS["networks"].empty_table()], ids=["dark", "half", "none"])
@pytest.mark.parametrize("name", NAMES)
def test_the_lake_gives_what_memory_gives(name: str, networks: pa.Table, lake: Lake, packets: pa.Table) -> None:
    with open_engine("duckdb", lake) as engine:
        assert rows(name, engine, look(networks)) == rows(name, Memory({"packet": packets}), look(networks))


@pytest.mark.spark
@pytest.mark.parametrize("name", NAMES)
def test_spark_and_duckdb_count_the_same(name: str, lake: Lake) -> None:
    if lacking := plugins("hinomi.lake.engine", EngineKind)["spark"].lacks():
        pytest.skip(lacking.en)
    with open_engine("spark", lake) as spark, open_engine("duckdb", lake) as duckdb:
        assert rows(name, spark, look(HALF_DARK)) == rows(name, duckdb, look(HALF_DARK))
