"""What a packet log says is read as it says it, or counted: no row is swallowed, no value guessed, no time invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.observe import days
from hinomi.observe.reading import InputError
from hinomi.schema import address
from tests.observe.reader import counts, read

WHEN = 1_793_491_200
NIGHT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = b"time,src,dst,dport,note\n"


def rows(number: int, note: str = "ok") -> bytes:
    return b"".join(b"%d,192.0.2.1,198.18.0.1,23,%s\n" % (WHEN + at, note.encode()) for at in range(number))


OPENED = b'1793491201,192.0.2.1,198.18.0.1,25,"5 inch\n'


# ── quotes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("note", ["ok", '"ok"', '""', '"a, b"', '"say ""ok"""'])
def test_a_quote_that_is_never_closed_takes_no_other_row_along(note: str) -> None:
    found, opened = read(NAMES + rows(2, note) + OPENED + rows(1000, note) + OPENED + OPENED + rows(3, note))
    assert [row["dport"] for row in found] == [23] * 2 + [25] + [23] * 1000 + [25] * 2 + [23] * 3
    assert opened.misfits == ()


def test_in_a_log_of_zeek_a_quote_is_a_letter() -> None:
    line = "1793491200\t192.0.2.1\t198.18.0.1\t{}\t{}\n"
    log = "#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tnote\n" + line.format(23, '"5 inch')
    log += "".join(line.format(24, note) for note in ('"', '""', '"a" b', 'x"'))
    found, opened = read(log.encode())
    assert ([row["dport"] for row in found], opened.misfits) == ([23, 24, 24, 24, 24], ())


def test_a_value_in_quotes_may_hold_line_ends() -> None:
    long = 'first, line\r\n\r\nsecond ""line""\n' + "and a third, " * 9
    found, opened = read(NAMES + rows(2) + rows(5, f'"{long}"') + b'"1793491200",192.0.2.1,"198.18.0.1",24,"\n"\n' + rows(1))
    assert [row["dport"] for row in found] == [23] * 7 + [24, 23]
    assert opened.misfits == ()


def test_where_quotes_are_never_closed_again_and_again_nothing_quotes() -> None:
    found, opened = read(NAMES + OPENED * 2000 + rows(1))
    assert (len(found), opened.misfits) == (2001, ())


notes = st.text(alphabet='ab,"\n\r', max_size=12)


@settings(deadline=None)
@given(st.lists(notes, max_size=8))
def test_what_is_quoted_as_the_standard_says_is_read_whole(texts: list[str]) -> None:
    log = b"time,src,dst,dport,ttl,proto,a,b,note\n"
    for at, text in enumerate(texts):
        quoted = '"' + text.replace(",", "").replace('"', '""') + '"'
        log += f"{WHEN},192.0.2.1,198.18.0.1,{at},64,6,,,{quoted}\n".encode()
    found, opened = read(log, as_="packet-csv")
    assert ([row["dport"] for row in found], opened.misfits) == (list(range(len(texts))), ())


def test_a_log_may_have_thousands_of_columns() -> None:
    many = b"".join(b",bit_%d" % at for at in range(3000))
    found, opened = read(b"time,src,dst,dport" + many + b"\n" + (rows(1)[:-4] + b",1" * 3000 + b"\n") * 3)
    assert ([row["dport"] for row in found], opened.misfits) == ([23] * 3, ())
    with pytest.raises(InputError, match="first line of more than 64 KiB"):
        read(b"time,src,dst,dport" + many * 3 + b"\n" + rows(3), as_="packet-csv")


# ── objects ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

NESTED = b'{"ts":%d,"source":{"ip":"192.0.2.1","port":4000},"destination":{"ip":"198.18.0.1","port":23}}\n'


@pytest.mark.parametrize("cut", [3, 20, 25, 26, 30, 45, 60, 80, 92])
def test_an_object_that_was_cut_off_takes_no_other_along(cut: int) -> None:
    lines = [NESTED % (WHEN + at) for at in range(30_000)]
    lines[99] = lines[99][:cut] + b"\n"
    lines[-7] = lines[-7][:cut] + b"\n"
    found, opened = read(b"".join(lines))
    assert (len(found), counts(opened)) == (29_998, {"bad-line": 2})
    assert [(one.line, one.first) for one in opened.misfits] == [(100, len(b"".join(lines[:99])))]


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("damage", ["brace", "quote"])
def test_a_damaged_record_of_an_array_takes_no_other_along(indent: int | None, damage: str) -> None:
    records = [{"ts": WHEN, "source": {"ip": "192.0.2.1"}, "list": [{"a": 1}, {"a": [{}, {"b": 2}]}]} for _ in range(50)]
    good = [json.dumps(one, indent=indent) for one in records]
    bad = good[9].replace("}", "", 1) if damage == "brace" else good[9].replace('"ip"', '"ip', 1)
    found, opened = read(("[" + ",\n".join([*good[:9], bad, *good[10:]]) + "]").encode())
    assert (len(found), counts(opened)) == (49, {"bad-line": 1})


def test_lines_between_objects_that_are_no_json_are_counted_with_their_place() -> None:
    log = NESTED % WHEN + b"\n  \nNov 27 host kernel: dropped\n" + NESTED % WHEN + b"[oops], and more\n" + NESTED % WHEN
    found, opened = read(log)
    assert (len(found), counts(opened)) == (3, {"bad-line": 2})
    assert [(one.line, log[one.first :][:6]) for one in opened.misfits] == [(4, b"Nov 27")]


def test_an_object_that_is_cut_off_at_the_end_is_told_as_such() -> None:
    found, opened = read(NESTED % WHEN * 3 + (NESTED % WHEN)[:40])
    assert (len(found), counts(opened)) == (3, {"cut-end": 1})


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def one(column: str, written: str, time: str = str(WHEN)) -> tuple[object, dict[str, int]]:
    """What becomes of a value in a column, and what is told of it."""
    found, opened = read(f"time;src;dst;{column}\n{time};192.0.2.1;198.18.0.1;{written}\n".encode())
    target = {"tcp_flags": "flags", "ip.len": "length", "is_syn": "flags"}.get(column, column)
    return (found[0].get(target) if found else None), counts(opened)


@pytest.mark.parametrize("written", ["tcp/23", "t", "f", "true", "false", "fe12", "ffff", "two", "-1"])
@pytest.mark.parametrize("column", ["dport", "ipid", "ttl", "window"])
def test_a_word_is_no_number(column: str, written: str) -> None:
    assert one(column, written) == (None, {"bad-value": 1})


@pytest.mark.parametrize(
    ("written", "port"), [("telnet", 23), ("ftp", 21), ("tftp", 69), ("HTTPS", 443), ("ms-wbt-server", 3389)]
)
def test_a_port_may_be_called_by_the_name_of_its_service(written: str, port: int) -> None:
    assert one("dport", written) == (port, {})
    assert one("ttl", written) == (None, {"bad-value": 1})


@pytest.mark.parametrize(("written", "bits"), [("true", 2), ("False", 0), ("T", 2), ("f", 0), ("1", 2), ("0", 0)])
def test_a_single_flag_may_be_a_truth(written: str, bits: int) -> None:
    assert one("is_syn", written) == (bits, {})
    assert one("is_syn", "tcp") == (None, {"bad-value": 1})


@pytest.mark.parametrize("written", ["-", "--", "?", "*"])
def test_unknown_flags_are_no_null_scan(written: str) -> None:
    assert one("tcp_flags", written) == (None, {})


@pytest.mark.parametrize("written", ["------", "······", "........", "0", "0x000"])
def test_no_flag_at_all_is_known_to_be_none(written: str) -> None:
    assert one("tcp_flags", written) == (0, {})


COMMAS = (
    *(("length", "1,234", 1234), ("length", "1,234,567.0", 1_234_567), ("length", "60,40", 60), ("window", "64,240", 64240)),
    *(("ip.len", "1,234", 1), ("ip.len", "152,128", 152), ("ttl", "64,64", 64)),
)


@pytest.mark.parametrize(("column", "written", "meant"), COMMAS)
def test_a_comma_stands_between_thousands_or_in_tsharks_fields_between_values(column: str, written: str, meant: int) -> None:
    assert one(column, written) == (meant, {})


def test_a_number_with_thousands_that_is_too_large_is_counted() -> None:
    assert one("ttl", "1,234") == (None, {"bad-value": 1})


# ── times ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("written", ["0", "0.000000", "12.5", "45963.375", "99999999.9", "1e3"])
def test_a_small_number_is_no_time(written: str) -> None:
    assert one("dport", "23", written) == (None, {"early-time": 1, "no-time": 1})


def test_wiresharks_own_export_is_read_when_its_times_are_and_its_length_is_the_frames() -> None:
    names = '"No.","Time","Source","Destination","Protocol","Length","Info"\n'
    line = '"1","{}","192.0.2.1","198.18.0.1","TCP","60","40000 > 23 [SYN] Seq=0"\n'
    found, opened = read((names + line.format("0.000000") + line.format("1.5")).encode())
    assert (found, counts(opened)) == ([], {"early-time": 2, "no-time": 2})
    assert "tshark -T fields" in opened.misfits[0].text.en
    assert "tshark -T fields" in opened.misfits[0].text.ja
    [row], opened = read((names + line.format("2026-11-01 00:00:00.000000Z")).encode())
    assert (row["time"], row["proto"], address.text(row["dst"])) == (NIGHT, 6, "198.18.0.1")
    assert "length" not in row
    assert opened.misfits == ()


NO_DAYS = ("2026-02-31T00:00:00Z", "2025-02-29 00:00:00Z", "2026/04/31 0:00:00Z", "2026-11-00T00:00:00Z")


@pytest.mark.parametrize("written", NO_DAYS)
@pytest.mark.parametrize("shape", ["csv", "json", "nested"])
def test_a_day_that_no_calendar_has_is_no_time(written: str, shape: str) -> None:
    assert read_time(written, shape) == (None, {"bad-value": 1, "no-time": 1})


NO_TIMES = ("2026-11-01", "2026-11-01T00:00:00+99:99", "2026-11-01T00:00:00+14:30", "2026-11-01T00:00:00+09:60")


@pytest.mark.parametrize("written", NO_TIMES)
@pytest.mark.parametrize("shape", ["csv", "json", "nested"])
def test_neither_a_bare_date_nor_an_impossible_zone_is_a_time(written: str, shape: str) -> None:
    assert read_time(written, shape) == (None, {"bad-value": 1, "no-time": 1})


MIDNIGHTS = (
    *("2026/11/01 00:00:00Z", "2026/11/1 0:00:00Z", "2026-11-01T09:00:00+09:00", "2026-11-01 09:00:00.000+0900"),
    *("2026-11-01 09:00:00,000+09", "2026-10-31T10:00:00-14:00", "2026-10-31T23:59:60Z"),
)


@pytest.mark.parametrize("written", MIDNIGHTS)
@pytest.mark.parametrize("shape", ["csv", "json", "nested"])
def test_a_time_of_day_is_read_in_the_kernel(written: str, shape: str) -> None:
    assert read_time(written, shape) == (NIGHT, {})


def test_the_years_have_the_leap_days_of_the_calendar() -> None:
    assert read_time("2028-02-29T00:00:00Z", "csv")[0] == datetime(2028, 2, 29, tzinfo=UTC)
    assert read_time("2000-02-29T00:00:00Z", "csv")[0] == datetime(2000, 2, 29, tzinfo=UTC)
    assert read_time("2100-02-29T00:00:00Z", "csv")[0] is None


@pytest.mark.parametrize("shape", ["csv", "json", "nested"])
def test_a_time_without_a_zone_is_told(shape: str) -> None:
    for written in ("2026-11-01 00:00:00", "2026/11/01 00:00:00.000", "20261101T000000", "Nov 1, 2026 00:00:00"):
        assert read_time(written, shape) == (NIGHT, {"no-zone": 1})
    assert read_time("2026-11-01 00:00:00", shape, name="utc_time") == (NIGHT, {})


def read_time(written: str, shape: str, name: str = "time") -> tuple[datetime | None, dict[str, int]]:
    record = {name: written, "src": "192.0.2.1"} | ({"dst": "198.18.0.1"} if shape == "json" else {})
    if shape == "nested":
        record |= {"destination": {"ip": "198.18.0.1"}}  # type: ignore[dict-item]  # an inner object is the point
    log = f"{name};src;dst\n{written};192.0.2.1;198.18.0.1\n" if shape == "csv" else json.dumps(record) + "\n"
    found, opened = read(log.encode())
    return (found[0]["time"] if found else None), counts(opened)


@settings(deadline=None)
@given(st.lists(st.integers(0, 999_999), min_size=1, max_size=20), st.sampled_from([1, 1000]), st.booleans())
def test_a_fraction_is_read_from_json_as_from_columns(micros: list[int], unit: int, nested: bool) -> None:
    times = [json.loads(f"{WHEN}.{micro:06}") if unit == 1 else (WHEN * 10**6 + micro) / 1000 for micro in micros]
    inner = {"ip": {"dst": "198.18.0.1"}} if nested else {}
    log = "".join(json.dumps({"time": time, "src": "192.0.2.1"} | inner) + "\n" for time in times)
    found, _ = read(log.encode())
    assert [row["time"].microsecond for row in found] == micros


def test_times_scattered_over_many_years_are_counted_and_the_good_ones_kept() -> None:
    good = [WHEN + at for at in range(9000)]
    wild = [10**8 + at * 86_400 * 7 for at in range(6000)]
    log = b"time,src\n" + b"".join(b"%d,192.0.2.1\n" % time for time in wild[:3000] + good + wild[3000:])
    found, opened = read(log)
    assert len({row["time"].date() for row in found}) <= days.MOST
    assert sum(row["time"] >= NIGHT and row["time"].year == 2026 for row in found) >= len(good)
    assert (len(found) + counts(opened)["far-time"], opened.quarantined) == (15_000, counts(opened)["far-time"])
    assert [(one.reason, one.line, one.first) for one in opened.misfits] == [("far-time", 2, log.index(b"1000"))]


def test_a_few_broken_clocks_and_slow_logs_are_kept_whole() -> None:
    slow = [WHEN - at * 86_400 for at in range(days.MOST - 100)]
    wild = [10**8 + at * 86_400 * 30 for at in range(100)]
    found, opened = read(b"time,src\n" + b"".join(b"%d,192.0.2.1\n" % time for time in slow + wild))
    assert (len(found), opened.misfits) == (days.MOST, ())
