"""SQL over the lake reads events and reaches nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinomi.lake.errors import LakeError
from hinomi.lake.lake import Lake
from hinomi.lake.sql import query
from hinomi.schema.address import pack
from hinomi.schema.segments import Segment

from .events import NOON, batch, packets


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(tmp_path / "lake")
    six = batch("packet", "six", [NOON], src=[pack("2001:db8::ff:0:1")], dst=[None])
    list(lake.append([packets("four", 100), Segment("six", "packet", "telescope", lambda: [six])]))
    return lake


def one(lake: Lake, statement: str) -> object:
    (row,) = query(lake, statement).to_pylist()
    (value,) = row.values()
    return value


def test_every_kind_is_a_view(lake: Lake) -> None:
    assert one(lake, "SELECT count(*) FROM packet") == 101
    assert one(lake, "SELECT count(*) FROM lease") == 0


@pytest.mark.parametrize(
    "written", ["192.0.2.1", "255.255.255.255", "0.0.0.0", "2001:db8::1", "::", "::1", "fe80::", "1:2:3:4:5:6:7:8"]
)
def test_addresses_as_text(lake: Lake, written: str) -> None:
    assert one(lake, f"SELECT addr('{written}')") == pack(written)
    assert pack(str(one(lake, f"SELECT text(addr('{written}'))"))) == pack(written)


def test_events_by_address(lake: Lake) -> None:
    found = query(lake, "SELECT DISTINCT text(src) AS src, text(dst) AS dst FROM packet WHERE src = addr('2001:db8::ff:0:1')")
    assert found.to_pylist() == [{"src": "2001:db8::ff:0:1", "dst": None}]
    assert one(lake, "SELECT count(*) FROM packet WHERE src BETWEEN addr('203.0.113.0') AND addr('203.0.113.255')") == 100


def test_the_last_32_bits_of_an_address_are_a_number(lake: Lake) -> None:
    assert one(lake, "SELECT low32(addr('203.0.113.5'))") == 0xCB007105
    assert query(lake, "SELECT low32(src) AS at FROM packet WHERE dst IS NULL").to_pylist() == [{"at": 1}]
    assert one(lake, "SELECT low32(dst) FROM packet WHERE dst IS NULL") is None


def test_what_is_no_address_is_named(lake: Lake) -> None:
    with pytest.raises(LakeError, match="example"):
        query(lake, "SELECT addr('example')")


@pytest.mark.parametrize(
    "statement",
    [
        "COPY packet TO '{out}'",
        "COPY (SELECT 1) TO '{data}/planted.parquet' (FORMAT parquet)",
        "ATTACH '{out}' AS other",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_blob('{catalogue}')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "INSERT INTO packet SELECT * FROM packet",
        "CREATE TABLE mine AS SELECT 1",
        "DROP VIEW packet",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "EXPORT DATABASE '{out}'",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_everything_else_is_refused(lake: Lake, statement: str, tmp_path: Path) -> None:
    out, data, catalogue = tmp_path / "out", lake.layout.data("packet"), lake.layout.database
    with pytest.raises(LakeError, match=r"Only one SELECT"):
        query(lake, statement.format(out=out, data=data, catalogue=catalogue))
    assert not out.exists()
    assert not (data / "planted.parquet").exists()


def test_a_wrong_statement_is_explained(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"(?s)nosuch.*The views are packet"):
        query(lake, "SELECT nosuch FROM packet")
