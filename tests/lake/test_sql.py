"""SQL over the lake reads events and reaches nothing else."""

from __future__ import annotations

import errno
from decimal import Decimal
from pathlib import Path

import pytest

from hinomi.lake.errors import LakeError
from hinomi.lake.lake import Lake
from hinomi.lake.sql import query
from hinomi.schema.address import pack
from hinomi.schema.problems import WrongUse
from hinomi.schema.segments import Segment

from .events import NOON, batch, packets


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(tmp_path / "lake")
    six = batch("packet", "six", [NOON], src=[pack("2001:db8::ff:0:1")], dst=[None])
    list(lake.append([packets("four", 100), Segment("six", "packet", "telescope", lambda: [six])]))
    return lake


def asked(lake: Lake, statement: str) -> list[dict[str, object]]:
    with query(lake, statement) as answer:
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows()]


def one(lake: Lake, statement: str) -> object:
    (row,) = asked(lake, statement)
    (value,) = row.values()
    return value


def test_every_kind_is_a_view(lake: Lake) -> None:
    assert one(lake, "SELECT count(*) FROM packet") == 101
    assert one(lake, "SELECT count(*) FROM lease") == 0


@pytest.mark.parametrize(
    "written", ["192.0.2.1", "255.255.255.255", "0.0.0.0", "2001:db8::1", "::", "::1", "fe80::", "1:2:3:4:5:6:7:8"]
)
def test_addresses_as_text(lake: Lake, written: str) -> None:
    assert pack(str(one(lake, f"SELECT addr('{written}')"))) == pack(written)
    assert pack(str(one(lake, f"SELECT text(addr('{written}'))"))) == pack(written)


def test_events_by_address(lake: Lake) -> None:
    found = asked(lake, "SELECT DISTINCT text(src) AS src, text(dst) AS dst FROM packet WHERE src = addr('2001:db8::ff:0:1')")
    assert found == [{"src": "2001:db8::ff:0:1", "dst": None}]
    assert one(lake, "SELECT count(*) FROM packet WHERE src BETWEEN addr('203.0.113.0') AND addr('203.0.113.255')") == 100


def test_the_last_32_bits_of_an_address_are_a_number(lake: Lake) -> None:
    assert one(lake, "SELECT low32(addr('203.0.113.5'))") == 0xCB007105
    assert asked(lake, "SELECT low32(src) AS at FROM packet WHERE dst IS NULL") == [{"at": 1}]
    assert one(lake, "SELECT low32(dst) FROM packet WHERE dst IS NULL") is None


def test_what_is_no_address_is_named(lake: Lake) -> None:
    with pytest.raises(WrongUse, match="example"):
        asked(lake, "SELECT addr('example')")


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
    with pytest.raises(WrongUse, match=r"Only one SELECT"):
        asked(lake, statement.format(out=out, data=data, catalogue=catalogue))
    assert not out.exists()
    assert not (data / "planted.parquet").exists()


def test_a_wrong_statement_is_explained(lake: Lake) -> None:
    with pytest.raises(WrongUse, match=r"(?s)nosuch.*The views are packet"):
        asked(lake, "SELECT nosuch FROM packet")


@pytest.mark.parametrize("word", ["window", "end"])
def test_a_field_that_is_a_word_of_sql_is_to_be_quoted(lake: Lake, word: str) -> None:
    with pytest.raises(WrongUse, match=f'double quotes: "{word}"'):
        asked(lake, f"SELECT {word} FROM packet WHERE {word} > 1")
    with pytest.raises(WrongUse, match="The views are"):
        asked(lake, f'SELECT "{word}" FROM')


def test_columns_of_one_name_are_all_there(lake: Lake) -> None:
    assert asked(lake, "SELECT 1 a, 2 a, 3 a_1, 4 b") == [{"a": 1, "a_1": 2, "a_1_1": 3, "b": 4}]


SPELLED = {
    "addr('192.0.2.1') AS any": "192.0.2.1",
    "'0123456789abcdef'::BLOB AS payload": "30313233343536373839616263646566",
    "'\\x00\\xff'::BLOB": "00ff",
    "[addr('::1'), NULL]": ["::1", None],
    "{'who': addr('::1'), 'raw': '\\xAA'::BLOB}": {"who": "::1", "raw": "aa"},
    "INTERVAL '1 year 2 months 3 days 4 hours 5 minutes 6.5 seconds'": "P1Y2M3DT4H5M6.5S",
    "INTERVAL '-14 months'": "P-1Y-2M",
    "INTERVAL '-1.000001 seconds'": "PT-1.000001S",
    "INTERVAL '0 days'": "PT0S",
    "TIMESTAMPTZ '2026-03-15 09:00:00.25+09'": "2026-03-15T00:00:00.250000Z",
    "TIMESTAMP '1969-12-31 23:59:59'": "1969-12-31T23:59:59",
    "TIMESTAMP_NS '2026-03-15 00:00:00.123456789'": "2026-03-15T00:00:00.123456",
    "TIMESTAMPTZ '12026-03-15'": "+12026-03-15T00:00:00Z",
    "TIMESTAMP '0044-03-15 (BC)'": "-00043-03-15T00:00:00",
    "TIMESTAMP 'infinity'": "infinity",
    "DATE '-infinity'": "-infinity",
    "DATE '2026-03-15'": "2026-03-15",
    "NULL::TIMESTAMP": None,
    "(SELECT sum(dport) FROM (VALUES (1), (2)) AS r(dport))": 3,
    "170141183460469231731687303715884105727::HUGEINT": "170141183460469231731687303715884105727",
    "1.50::DECIMAL(4, 2)": Decimal("1.50"),
}


@pytest.mark.parametrize("written", SPELLED)
def test_values_are_written_as_the_house_writes_them(lake: Lake, written: str) -> None:
    assert one(lake, f"SELECT {written}") == SPELLED[written]


def test_what_fails_half_way_is_explained(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse, match=r"Could not convert|out of range"):
        asked(lake, "SELECT CAST(range AS TINYINT) FROM range(100000)")
    monkeypatch.setattr("hinomi.lake.engine.duckdb.MEMORY", "30MB")
    with pytest.raises(LakeError, match=r"(?i)out of memory"):
        asked(lake, "SELECT list(range) FROM range(100000000)")


def test_an_answer_is_drawn_not_gathered(lake: Lake) -> None:
    with query(lake, "SELECT range FROM range(1000000000000)") as answer:
        rows = answer.rows()
        assert [next(rows) for _ in range(3)] == [(0,), (1,), (2,)]


def test_who_may_only_read_is_answered(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("hinomi.lake.locks._open", refuse)
    monkeypatch.setattr("hinomi.lake.engine.duckdb.Path.mkdir", refuse)
    assert one(lake, "SELECT count(*) FROM packet") == 101
