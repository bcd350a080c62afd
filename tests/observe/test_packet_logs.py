"""Packet logs in columns and as JSON lines: dialects by their header, the user's own columns, and lines that do not fit."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.observe.reading import InputError
from hinomi.schema import address
from tests.observe.reader import counts, read

SPOKI = (
    b"ts|saddr|daddr|ipid|ttl|proto|sport|dport|anum|snum|options|payload|syn|ack|rst|fin|window size|probed\n"
    b"1634159076593|192.0.2.39|198.18.28.17|20378|117|tcp|40425|22|0|64476129|sack_permitted:window_scale:mss||1|0|0|0|8192|true\n"
    b"1634159075497|198.18.28.17|192.0.2.125|906|64|tcp|22|63019|7|9|timestamp|7cf2|0|1|0|1|998|true\n"
)


def test_a_spoki_log_is_read_by_its_header() -> None:
    rows, opened = read(SPOKI)
    assert opened.format == "packet-csv"
    first, second = rows
    assert first["time"] == datetime(2021, 10, 13, 21, 4, 36, 593000, tzinfo=UTC)
    assert (address.text(first["src"]), address.text(first["dst"])) == ("192.0.2.39", "198.18.28.17")
    assert (first["seq"], first["ack"], first["flags"], first["options"], first["payload"]) == (64476129, 0, 2, 12, b"")
    assert (second["flags"], second["options"], second["payload"], second["window"]) == (17, 12, b"\x7c\xf2", 998)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_may_stand_apart_by_any_usual_sign(delimiter: str) -> None:
    log = "timestamp,src_ip,dst_ip,protocol,dst_port\n2026-11-01 12:00:00,192.0.2.1,2001:db8::1,udp,53\n"
    [row] = read(log.replace(",", delimiter).encode())[0]
    assert row["time"] == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert (row["proto"], row["dport"], address.text(row["dst"])) == (17, 53, "2001:db8::1")


def test_a_user_may_say_which_column_is_which() -> None:
    log = b"When;Von;Nach;Tor\n1793534400;192.0.2.1;198.18.0.1;23\n"
    [row] = read(log, as_="packet-csv:When=time,Von=src,Nach=dst,Tor=dport")[0]
    assert (row["dport"], row["time"]) == (23, datetime(2026, 11, 1, 12, tzinfo=UTC))
    with pytest.raises(InputError, match=r"no columns for time and address .* When, Von, Nach, Tor"):
        read(log, as_="packet-csv")
    with pytest.raises(InputError, match="Hafen: no such column"):
        read(log, as_="packet-csv:When=time,Von=src,Hafen=dport")
    with pytest.raises(InputError, match="harbour: no such field"):
        read(log, as_="packet-csv:When=time,Von=src,Tor=harbour")
    with pytest.raises(InputError, match="cannot be read"):
        read(log, as_="packet-csv:When")


NAMELESS = b"1793534400.25,6,192.0.2.1,198.18.0.1,23\n1793534401.25,17,2001:db8::1,2001:db8::2,53\n"


@pytest.mark.parametrize("names", [b"", b"# printed by tshark -T fields -E separator=,\n", b"when,what,from,to,port\n"])
def test_columns_without_names_are_told_by_their_numbers(names: bytes) -> None:
    rows, opened = read(names + NAMELESS, as_="packet-csv:1=time,3=src,4=dst,2=proto,5=dport")
    assert [(row["proto"], row["dport"], address.text(row["dst"])) for row in rows] == [
        (6, 23, "198.18.0.1"),
        (17, 53, "2001:db8::2"),
    ]
    assert not counts(opened)


def test_a_column_may_be_named_or_counted_and_a_name_goes_before_a_number() -> None:
    [row] = read(b"src,1,time,2\n192.0.2.1,53,1793534400,23\n", as_="packet-csv:1=sport,4=dport")[0]
    assert (row["sport"], row["dport"], address.text(row["src"])) == (53, 23, "192.0.2.1")
    with pytest.raises(InputError, match=r"6: no such column \(there are: 1, 2, 3, 4, 5\)"):
        read(NAMELESS, as_="packet-csv:1=time,6=src")


@pytest.mark.parametrize("said", [None, "packet-csv"])
def test_a_log_without_names_is_refused_with_the_words_that_read_it(said: str | None) -> None:
    with pytest.raises(InputError, match="columns have no names") as refused:
        read(NAMELESS, as_=said)
    (words,) = re.findall(r"--as (\S+)", refused.value.told("en"))
    assert words == "packet-csv:1=time,3=src,4=dst"
    assert words in refused.value.told("ja")
    assert len(read(NAMELESS, as_=words)[0]) == 2


def test_what_tshark_prints_is_read_whichever_protocol_filled_the_column() -> None:
    log = (
        b"frame.time_epoch,ip.src,ip.dst,ip.proto,ip.id,tcp.srcport,udp.srcport,tcp.flags\n"
        b"1793534400.123456789,192.0.2.1,198.18.0.1,6,0xd431,40000,,0x0012\n"
        b"1793534401.000000000,192.0.2.1,198.18.0.1,17,0x0001,,53,\n"
    )
    first, second = read(log)[0]
    assert (first["sport"], first["ipid"], first["flags"]) == (40000, 54321, 18)
    assert (second["sport"], "flags" in second) == (53, False)


def test_lines_that_do_not_fit_are_counted_and_the_others_read() -> None:
    log = b"time,src,dst,dport\n" + b"1793534400,192.0.2.1,198.18.0.1,23\n" * 3
    log += b"1793534400,192.0.2.1\n" + b"yesterday,192.0.2.1,198.18.0.1,23\n" + b"1793534400,here,there,23\n"
    log += b"1793534400,192.0.2.1,198.18.0.1,99999\n"
    rows, opened = read(log)
    assert [row.get("dport") for row in rows] == [23, 23, 23, None]
    assert counts(opened) == {"bad-line": 1, "bad-value": 4, "no-time": 1, "no-address": 1}
    assert opened.quarantined == 3, "a row that lacks one value is still a row"


def test_a_last_line_without_its_end_is_counted_not_half_read() -> None:
    rows, opened = read(b"time,src,dst,dport\n1793534400,192.0.2.1,198.18.0.1,2323\n1793534400,192.0.2.1,198.18.0.1,23")
    assert [row["dport"] for row in rows] == [2323]
    assert counts(opened) == {"cut-end": 1}


def test_json_lines_may_hold_numbers_texts_truths_and_nothing() -> None:
    lines = [
        {"time": "2026-11-01T12:00:00Z", "src": "192.0.2.1", "dst": "198.18.0.1", "dport": 23, "flags": "S"},
        {"time": 1793534400.25, "src": "192.0.2.1", "dst": "198.18.0.1", "dport": "23", "payload": "0d0a"},
        {"time": 1793534400250, "src": "192.0.2.1", "dst": None, "extra": {"deep": [1, 2]}},
    ]
    rows, opened = read(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    assert [row.get("dport") for row in rows] == [23, 23, None]
    assert rows[1]["time"] == rows[2]["time"] == datetime(2026, 11, 1, 12, 0, 0, 250000, tzinfo=UTC)
    assert [row.get("payload") for row in rows] == [None, b"\r\n", None]
    assert opened.misfits == ()


def test_a_broken_json_line_does_not_take_its_neighbours_along() -> None:
    good = b'{"time": 1793534400, "src": "192.0.2.1", "dst": "198.18.0.1"}\n'
    rows, opened = read(good * 50 + b'{"time": 17935\n' + good * 50 + b"\n[1, 2]\n" + good)
    assert len(rows) == 101
    assert counts(opened) == {"bad-line": 2}


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1) | st.integers(0, 2**128 - 1))
def test_an_address_reads_as_python_reads_it(number: int) -> None:
    text = str(ip_address(number))
    [row] = read(f"time,src,dst\n1793534400,{text},198.18.0.1\n".encode())[0]
    assert row["src"] == address.pack(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789abcdef:.", max_size=40))
def test_what_is_no_address_to_python_is_none_to_us(text: str) -> None:
    [row] = read(f"time,src,dst\n1793534400,{text},198.18.0.1\n".encode())[0]
    try:
        expected = address.pack(text) if text else None
    except ValueError:
        expected = None
    assert row.get("src") == expected


@pytest.mark.real_data
def test_a_real_telescope_hour_reads_whole_with_the_published_tool_counts(real_data: Path) -> None:
    [log] = (real_data / "observe" / "ibr").glob("*raw*.csv")
    rows, opened = read(log)
    assert len(rows) == 5069
    assert opened.misfits == ()
    syns = [row for row in rows if row["flags"] == 2]
    assert (len(syns), len({row["src"] for row in syns})) == (374, 37)
    # Published are 368 SYNs from 37 sources: those that came into the telescope's /24. The log holds six more pure SYNs, all
    # of them connections that a machine inside that /24 opened outwards to port 443. They are packets that were seen, so they
    # are rows; whether a source is inside is for the members' networks to say.
    inside = Counter(row["dst"][:15] for row in syns).most_common(1)[0][0]
    outward = [row for row in syns if row["dst"][:15] != inside]
    assert (len(syns) - len(outward), len({row["src"] for row in syns if row["dst"][:15] == inside})) == (368, 37)
    assert {(row["src"][:15], row["dport"]) for row in outward} == {(inside, 443)}
    low = [(int.from_bytes(row["dst"][12:], "big") ^ row["dport"] ^ row["seq"]) & 0xFFFF for row in syns]
    assert sum(row["ipid"] == 54321 for row in syns) == 11
    assert sum(row["ipid"] == sign for row, sign in zip(syns, low, strict=True)) == 4
    assert sum(row["seq"] == int.from_bytes(row["dst"][12:], "big") for row in syns) == 0
    assert (sum(row["ttl"] > 200 for row in syns), sum(row["options"] == 0 for row in syns)) == (23, 18)
