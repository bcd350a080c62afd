"""The shapes in which telescopes, flow tools, honeypots and Wireshark write what they saw."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.observe.objects import flat
from hinomi.observe.reading import InputError
from hinomi.schema import address
from hinomi.testing import packets as p
from tests.observe.reader import Row, counts, read, read_in_pieces

ROW = b"1634159076,192.0.2.1,198.18.0.7,"
NIGHT = datetime(2021, 10, 13, 21, 4, 36, tzinfo=UTC)
HEADERS = {
    "corsaro": "time,src_ip,dst_ip,src_port,dst_port,protocol\n1634159076,192.0.2.1,198.18.0.7,4000,23,6\n",
    "addresses as numbers": "time,src_ip,dst_ip,src_port,dst_port,protocol\n1634159076,3221225985,3323068423,4000,23,6\n",
    "nfdump": "ts,te,sa,da,sp,dp,pr\n2021-10-13 21:04:36,2021-10-13 21:04:37,192.0.2.1,198.18.0.7,4000,23,TCP\n",
    "SiLK": "sIP|dIP|sPort|dPort|pro|sTime|\n192.0.2.1|198.18.0.7|4000|23|6|2021/10/13T21:04:36|\n",
    "IPFIX": "sourceIPv4Address;destinationIPv4Address;sourceTransportPort;destinationTransportPort;protocolIdentifier;ts\n"
    "192.0.2.1;198.18.0.7;4000;23;6;1634159076\n",
    "a table of floats": "ts,srcip,dstip,sport,dport,proto\n1634159076.0,192.0.2.1,198.18.0.7,4000.0,23.0,6.0\n",
    "tshark": 'frame.time\tip.src\tip.dst\ttcp.srcport\ttcp.dstport\tip.proto\n"Oct 13, 2021 21:04:36.000000000 UTC"\t'
    "192.0.2.1,198.18.0.9\t198.18.0.7,192.0.2.1\t4000\t23\t6,17\n",
    "in quotes": '"Timestamp","Source IP","Destination IP","Source Port","Destination Port","Protocol"\n'
    '"2021-10-13T21:04:36Z","192.0.2.1","198.18.0.7","4000","23","TCP (6)"\n',
    "in single quotes": "'time';'src';'dst';'sport';'dport';'proto'\n'1634159076';'192.0.2.1';'198.18.0.7';'4000';'23';'6'\n",
    "of Windows": "\ufeffTime,SrcAddr,DstAddr,SrcPort,DstPort,Proto\r\n1634159076,192.0.2.1,198.18.0.7,4000,23,tcp\r\n",
    "in Japanese": "時刻,送信元IP,宛先IP,送信元ポート,宛先ポート,プロトコル\n"
    "2021-10-14 06:04:36 JST,192.0.2.1,198.18.0.7,4000,23,TCP\n",
    "behind a remark": "# made by a script\n# time,src,dst,sport,dport,proto\n1634159076,192.0.2.1,198.18.0.7,4000,23,6\n",
    "rows with one sign more": "time,src,dst,sport,dport,proto\n1634159076,192.0.2.1,198.18.0.7,4000,23,6,\n",
    "day and time apart": "date,time,src,dst,sport,dport,proto\n2021-10-13,21:04:36,192.0.2.1,198.18.0.7,4000,23,6\n",
    "Zeek": "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n"
    "1634159076.000000\tC1\t192.0.2.1\t4000\t198.18.0.7\t23\ttcp\n#close\t2021-10-13-22-00-00\n",
    "ECS": json.dumps({"@timestamp": "2021-10-13T21:04:36Z", "network": {"transport": "tcp"}}
        | {"source": {"ip": "192.0.2.1", "port": 4000}, "destination": {"ip": "198.18.0.7", "port": 23}}) + "\n",
    "an array": json.dumps(
        [{"time": 1634159076, "src": "192.0.2.1", "dst": "198.18.0.7", "sport": 4000, "dport": 23, "proto": 6}]),
    "OpenCanary": json.dumps({"local_time": "2021-10-13 21:04:36.000000", "src_host": "192.0.2.1", "src_port": 4000}
        | {"proto": "tcp", "dst_host": "198.18.0.7", "dst_port": 23}),
}  # fmt: skip


@pytest.mark.parametrize("shape", HEADERS)
def test_a_log_is_understood_by_the_names_that_people_use(shape: str) -> None:
    [row], opened = read(HEADERS[shape].encode())
    assert (row["time"], address.text(row["src"]), address.text(row["dst"])) == (NIGHT, "192.0.2.1", "198.18.0.7")
    assert (row["sport"], row["dport"], row["proto"]) == (4000, 23, 6)
    assert set(counts(opened)) <= {"no-zone"}


TIMES = (
    *("1634159076", "1634159076000", "1634159076000000", "1634159076000000000", "1634159076.000", "1.634159076E9"),
    *("2021-10-13T21:04:36Z", "2021-10-13T23:04:36+0200", "2021-10-13T23:04:36.000+02", "2021-10-13 21:04:36 UTC"),
    *("2021/10/13 21:04:36", "13/Oct/2021:21:04:36 +0000", "2021-10-13 21:04:36,000", "20211013T210436Z"),
    *("Wed, 13 Oct 2021 21:04:36 GMT", "2021-10-14 6:04:36 JST"),
)


@pytest.mark.parametrize("written", TIMES)
def test_a_time_is_read_however_it_is_written(written: str) -> None:
    [row], _ = read(f"time;src;dst\n{written};192.0.2.1;198.18.0.7\n".encode())
    assert row["time"] == NIGHT


@pytest.mark.parametrize("written", ["Oct 13 21:04:36", "21:04:36", "yesterday", "2021-13-13T21:04:36Z", "0x616748A4"])
def test_a_time_that_may_mean_several_is_not_guessed(written: str) -> None:
    rows, opened = read(f"time;src;dst\n{written};192.0.2.1;198.18.0.7\n".encode())
    assert not rows
    assert counts(opened)["no-time"] == 1


FLAGS: dict[int | None, tuple[str, ...]] = {
    2: ("2", "2.0", "0x0002", "0x00000002", "S", "syn", "SYN", "[S]", "....S.", "······S·", "******S*", "Flags [S]"),
    18: ("18", "0x12", "SA", "S.", "[S.]", "SYN,ACK", "[SYN, ACK]", "SYN-ACK", "SYN|ACK", "SYNACK", "S, A", ".A..S."),
    16: (".", "A", "ACK", ".A...."),
    255: ("12UAPRSF",),
    None: ("none", "null"),
}


@pytest.mark.parametrize(("bits", "written"), [(bits, each) for bits, all_ in FLAGS.items() for each in all_])
def test_flags_are_read_as_numbers_letters_and_names(bits: int | None, written: str) -> None:
    [row], opened = read(f"time;src;dst;tcp_flags\n1634159076;192.0.2.1;198.18.0.7;{written}\n".encode())
    assert row.get("flags") == bits
    assert opened.misfits == ()


def test_single_flags_in_columns_of_their_own_are_put_together() -> None:
    rows, _ = read(b"ts,src_ip,dst_ip,syn,ack,fin,rst\n" + ROW + b"1,1,0,0\n" + ROW + b",,,\n")
    assert [row.get("flags") for row in rows] == [18, None]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0xC0000201", "192.0.2.1"), ("[2001:db8::1]", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"), ("192.0.2.1/32", "192.0.2.1")],
)
def test_an_address_is_read_however_it_is_written(written: str, meant: str) -> None:
    [row], _ = read(f"time;src;dst\n1634159076;{written};198.18.0.7\n".encode())
    assert address.text(row["src"]) == meant


def test_a_row_that_stands_for_several_packets_is_told() -> None:
    log = (
        b"time,src_ip,dst_net,dst_port,packet_cnt\n1634159076,192.0.2.1,198.18.0.0,23,1\n1634159077,192.0.2.1,198.18.0.0,23,9\n"
    )
    rows, opened = read(log)
    assert [row.get("dst") for row in rows] == [None, None], "a network is no address"
    assert [(one.reason, one.count, one.line) for one in opened.misfits] == [("many-packets", 1, 3)]
    assert opened.quarantined == 0
    assert not opened.damaged


def test_the_history_of_a_connection_says_with_which_packet_it_began() -> None:
    log = "ts,id.orig_h,id.resp_h,proto,history\n" + "".join(
        f"1634159076,192.0.2.1,198.18.0.7,tcp,{h}\n" for h in ("S", "ShADad", "D", "h", "-")
    )
    assert [row.get("flags") for row in read(log.encode())[0]] == [2, 2, None, None, None]


PROGRAMS = {
    "cowrie": '{"eventid": "cowrie.login.failed", "timestamp": "2021-10-13T21:04:36Z", "src_ip": "192.0.2.1"}\n',
    "Suricata": '{"timestamp": "2021-10-13T21:04:36.0+0200", "event_type": "dns", "src_ip": "192.0.2.1"}\n',
    "Zeek": "#fields\tts\tid.orig_h\tid.resp_h\tproto\tquery\n1634159076.5\t192.0.2.1\t198.18.0.7\tudp\texample.com\n",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_log_of_what_programs_did_is_no_packet_log_unless_one_insists(program: str) -> None:
    log = PROGRAMS[program].encode()
    with pytest.raises(InputError, match=r"is a log of what programs did .* --as packet-csv or --as packet-json"):
        read(log)
    assert len(read(log, as_="packet-json" if log.startswith(b"{") else "packet-csv")[0]) == 1


def test_a_refusal_names_the_columns_that_were_understood_and_those_that_were_not() -> None:
    with pytest.raises(InputError, match=r"understood: src_ip=src, dport=dport; not understood: moment, farbe"):
        read(b"moment,src_ip,dport,farbe\nnoon,192.0.2.1,23,rot\nnoon,192.0.2.1,23,rot\n")
    with pytest.raises(InputError, match=r"understood: none; not understood: a, b\.c"):
        read(b'{"a": 1, "b": {"c": 2}}\n')


def test_each_misfit_says_in_which_line_it_first_happened() -> None:
    log = b"time,src,dst,dport\n" + ROW + b"23\n\n1634159076,x,y,23\nfoo\n"
    log += b"bar,192.0.2.1,,\n" + ROW + b"port\n" + ROW + b"99999\n"
    rows, opened = read(log)
    assert len(rows) == 3
    found = {(one.reason, one.about): (one.count, one.line, log[one.first :].split(b"\n")[0]) for one in opened.misfits}
    assert found == {
        ("bad-value", "src"): (1, 4, b"1634159076,x,y,23"),
        ("bad-value", "dst"): (1, 4, b"1634159076,x,y,23"),
        ("no-address", ""): (1, 4, b"1634159076,x,y,23"),
        ("bad-line", ""): (1, 5, b"foo"),
        ("bad-value", "time"): (1, 6, b"bar,192.0.2.1,,"),
        ("no-time", ""): (1, 6, b"bar,192.0.2.1,,"),
        ("bad-value", "dport"): (2, 7, ROW + b"port"),
    }


def test_lines_are_counted_on_through_the_pieces_of_a_long_log() -> None:
    good = b"1634159076,192.0.2.1,198.18.0.7,23\n"
    _, opened = read_in_pieces(
        b"time,src,dst,dport\n" + good * 5000 + b"1634159076,192.0.2.1,198.18.0.7,x\n", "packet-csv", 1 << 16
    )
    assert [(one.reason, one.line) for one in opened.misfits] == [("bad-value", 5002)]


def test_a_whole_object_needs_no_line_end() -> None:
    line = b'{"time": 1634159076, "src": "192.0.2.1", "dst": "198.18.0.7"}'
    rows, opened = read(line + b"\n" + line)
    assert (len(rows), opened.misfits) == (2, ())
    assert counts(read(line + b"\n" + line[:-9])[1]) == {"cut-end": 1}


records = st.fixed_dictionaries(
    {"time": st.integers(10**8, 2**31), "src": st.just("192.0.2.1"), "note": st.text(), "deep": st.lists(st.text(), max_size=3)}
)


@settings(deadline=None, max_examples=50)
@given(st.lists(records, min_size=1, max_size=6), st.sampled_from([None, 2]))
def test_an_array_is_read_object_by_object_whatever_its_texts_hold(written: list[dict[str, Any]], indent: int | None) -> None:
    rows, opened = read(json.dumps(written, indent=indent).encode())
    assert [int(row["time"].timestamp()) for row in rows] == [record["time"] for record in written]
    assert opened.misfits == ()


def test_an_array_is_read_in_pieces_and_what_is_broken_in_it_is_counted() -> None:
    record = {"time": 1634159076, "src": "192.0.2.1", "dst": "198.18.0.7"}
    whole = json.dumps([record] * 3000, indent=1).encode()
    rows, opened = read_in_pieces(whole, "packet-json", 1 << 16)
    assert (len(rows), opened.misfits) == (3000, ())
    rows, opened = read(whole[:90] + whole[90:].replace(b"1634159076", b"1634 159076", 1) + b',{"time":' + b"{" * 5000)
    assert len(rows) == 2999, "what came before the damage is kept"
    assert {"bad-line", "cut-end"} <= set(counts(opened))
    rows, opened = read(whole[:-40] + b'"\n}' + whole)
    assert len(rows) == 5999, "a text that is never closed ends with its line"
    assert counts(opened) == {"bad-line": 1}


def test_letters_that_are_not_utf_8_spoil_neither_the_line_nor_its_place() -> None:
    line = b'{"time": 1634159076, "src": "192.0.2.1", "no\xff\xfete": "\xe9t\xe9"}\n'
    assert len(read(line * 3)[0]) == 3
    log = b"time,src,note\n1634159076,192.0.2.1,\xe9\n1634159076,192.0.2.1,\xff\nx,192.0.2.1,\n"
    rows, opened = read(log)
    assert len(rows) == 2
    assert {(one.line, one.first) for one in opened.misfits} == {(4, log.index(b"x,"))}


def test_a_log_that_invents_a_name_in_every_line_takes_no_memory_for_it() -> None:
    log = b"".join(b'{"time": 1634159076, "src": "192.0.2.1", "name %d": 1}\n' % number for number in range(20_000))
    assert len(read(log)[0]) == 20_000  # a table of all names would have 400 million places


def test_values_that_are_numbers_here_and_texts_there_are_read_line_by_line() -> None:
    log = b"".join(
        b'{"time": 1634159076, "src": "192.0.2.1", "dport": %s}\n' % (b'"23"' if n % 2 else b"23") for n in range(2000)
    )
    rows, opened = read(log)
    assert ({row["dport"] for row in rows}, len(rows), opened.misfits) == ({23}, 2000, ())


def test_names_may_be_in_the_letters_of_japanese_windows() -> None:
    [row], _ = read("日時,送信元IPアドレス,宛先ポート\r\n2021/10/13 21:04:36,192.0.2.1,23\r\n".encode("cp932"))
    assert (row["time"], row["dport"]) == (NIGHT, 23)


def test_names_of_inner_objects_stand_alone_when_they_say_where_they_belong() -> None:
    record = {
        "_source": {"layers": {"ip": {"ip.src": "a"}, "icmp": {"ip": {"ip.src": "b"}}, "udp": {"udp_udp_srcport": ["1", "2"]}}}
    }
    assert flat(record) == {"ip.src": "a", "icmp.ip.ip.src": "b", "udp_udp_srcport": "1"}


FIELDS = (
    *("frame.time_epoch", "ip.src", "ip.dst", "ip.proto", "ip.ttl", "ip.id", "tcp.srcport", "udp.srcport", "tcp.dstport"),
    *("udp.dstport", "tcp.flags", "icmp.type", "icmp.code"),
)
ASKED = [part for field in FIELDS for part in ("-e", field)]
WAYS = {
    "json": ["-T", "json"],
    "json of fields": ["-T", "json", *ASKED],
    "ek": ["-T", "ek"],
    "ek of fields": ["-T", "ek", *ASKED],
    "fields": ["-T", "fields", "-E", "header=y", *ASKED],
    "fields in quotes": ["-T", "fields", "-E", "header=y", "-E", "separator=,", "-E", "quote=d", *ASKED],
}


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("way", WAYS)
def test_what_tshark_makes_of_a_capture_reads_like_the_capture(tmp_path: Path, way: str) -> None:
    quoted = p.icmp(3, 3, p.ipv4("198.18.0.7", "192.0.2.1", p.udp(1, 53), proto=p.UDP))
    carried = [(p.tcp(40_000, 23), p.TCP), (p.udp(5, 6, b"x"), p.UDP), (quoted, p.ICMP), (p.tcp(1, 2, flags="SA"), p.TCP)]
    path = tmp_path / "night.pcap"
    path.write_bytes(p.capture([p.ethernet(p.ipv4("192.0.2.1", "198.18.0.7", each, proto=proto)) for each, proto in carried]))
    told = subprocess.run(["tshark", "-n", "-r", str(path), *WAYS[way]], capture_output=True, check=True).stdout
    names = ("time", "src", "dst", "proto", "ttl", "ipid", "flags", "icmp_type", "icmp_code")

    def seen(row: Row) -> Row:
        ports = ("sport", "dport") if row["proto"] != p.ICMP else ()  # tshark gives those of the quoted packet
        return {name: row.get(name) for name in (*names, *ports)}

    rows, opened = read(told)
    assert [seen(row) for row in rows] == [seen(row) for row in read(path)[0]]
    assert opened.quarantined == 0
