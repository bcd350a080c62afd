"""Every recorded capture reads as Wireshark reads it: addresses, ports, flags, sequence numbers, TTL, IP id, length.

Where we differ on purpose:
- a packet inside a packet (tunnels, ICMP quotes) is Wireshark's second occurrence; a row is the outer packet;
- a length of 0 in the header (segmentation left to the card) is unknown to us, guessed by Wireshark;
- a quoted packet's ports are `inner_*` here.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hinomi.observe.reading import open_input
from hinomi.schema import address
from hinomi.testing import packets as p

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")

ASKED = (
    *("frame.time_epoch", "ip.src", "ip.dst", "ip.proto", "ip.ttl", "ip.id", "ip.len", "ip.frag_offset"),
    *(
        "ipv6.src",
        "ipv6.dst",
        "ipv6.hlim",
        "ipv6.plen",
        "tcp.srcport",
        "tcp.dstport",
        "tcp.flags",
        "tcp.seq_raw",
        "tcp.ack_raw",
    ),
    *(
        "tcp.window_size_value",
        "tcp.hdr_len",
        "udp.srcport",
        "udp.dstport",
        "icmp.type",
        "icmp.code",
        "icmpv6.type",
        "icmpv6.code",
    ),
)
QUIET = (
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
)
CAPTURES = ("*.pcap", "*.pcapng", "*.cap", "*.pcap_.gz")


def captures(folder: Path) -> list[Path]:
    return sorted(path for pattern in CAPTURES for path in folder.rglob(pattern) if path.stat().st_size < 20_000_000)


def wireshark(path: Path) -> list[dict[str, str]]:
    """What Wireshark says of every frame whose outermost network header is IP; only first occurrences."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=f", "-E", "separator=|"]
    command += [part for option in QUIET for part in ("-o", option)] + [part for field in ASKED for part in ("-e", field)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    frames = [dict(zip(ASKED, line.split("|"), strict=True)) for line in lines]
    return [frame for frame in frames if frame["ip.src"] or frame["ipv6.src"]]


def rows(path: Path) -> list[dict[str, Any]]:
    return [row for segment in open_input(path, sensor="test") for batch in segment.decode() for row in batch.to_pylist()]


def number(text: str) -> int | None:
    return int(text, 0) if text else None


def as_seen(row: dict[str, Any]) -> dict[str, Any]:
    """Our row in Wireshark's words."""
    six = not address.is_ipv4(row["src"])
    return {
        "time": f"{row['time'].timestamp():.6f}",
        "src": address.text(row["src"]),
        "dst": address.text(row["dst"]),
        "ttl": row["ttl"],
        "ipid": row["ipid"],
        "length": row["length"] - 40 if six and row["length"] else row["length"],
        **{name: row[name] for name in ("sport", "dport", "flags", "seq", "ack", "window")},
        **{name: row[name] for name in ("icmp_type", "icmp_code")},
    }


def expected(frame: dict[str, str], row: dict[str, Any]) -> dict[str, Any]:
    """Wireshark's frame in the same words; transport only where the outer packet has it."""
    family = "ip" if address.is_ipv4(row["src"]) else "ipv6"
    proto, later = row["proto"], bool(row["fragment"])
    transport = {6: "tcp", 17: "udp"}.get(proto) if not later else None
    icmp = {1: "icmp", 58: "icmpv6"}.get(proto) if not later else None
    tcp = frame if transport == "tcp" else dict.fromkeys(ASKED, "")
    flags = number(tcp["tcp.flags"])
    return {
        "time": f"{float(frame['frame.time_epoch'][:-3]):.6f}",
        "src": frame[f"{family}.src"],
        "dst": frame[f"{family}.dst"],
        "ttl": number(frame["ip.ttl" if family == "ip" else "ipv6.hlim"]),
        "ipid": number(frame["ip.id"]) if family == "ip" else None,
        "length": number(frame["ip.len" if family == "ip" else "ipv6.plen"]) if row["length"] else None,
        "sport": number(frame[f"{transport}.srcport"]) if transport else None,
        "dport": number(frame[f"{transport}.dstport"]) if transport else None,
        "flags": None if flags is None else flags & 0xFF,
        "seq": number(tcp["tcp.seq_raw"]),
        "ack": number(tcp["tcp.ack_raw"]),
        "window": number(tcp["tcp.window_size_value"]),
        "icmp_type": number(frame[f"{icmp}.type"]) if icmp else None,
        "icmp_code": number(frame[f"{icmp}.code"]) if icmp else None,
    }


def differences(path: Path) -> list[tuple[object, ...]]:
    """Where our rows and Wireshark's frames part, at the first such row."""
    ours, theirs = rows(path), wireshark(path)
    found: list[tuple[object, ...]] = [] if len(ours) == len(theirs) else [(path.name, "rows", len(ours), len(theirs))]
    for at, (row, frame) in enumerate(zip(ours, theirs, strict=False)):
        if as_seen(row) != (want := expected(frame, row)):
            seen = as_seen(row)
            return [*found, (path.name, at, {name: (seen[name], want[name]) for name in seen if seen[name] != want[name]})]
    return found


@pytest.mark.real_data
def test_every_capture_reads_as_wireshark_reads_it(real_data: Path) -> None:
    paths = captures(real_data / "observe")
    assert len(paths) > 80
    different = [each for path in paths for each in differences(path)]
    assert not different, "\n".join(map(str, different))


# ── captures that we make ourselves ──────────────────────────────────────────────────────────────────────────────────────


def v4(carried: bytes, **fields: Any) -> bytes:
    return p.ipv4("192.0.2.1", "198.18.0.7", carried, **fields)


INSIDE = (
    v4(p.tcp(40_000, 23, seq=7, options=bytes.fromhex("020405b4"))),
    v4(p.tcp(1, 2, flags="SFRPAUEC", payload=b"z" * 10)),
    v4(p.udp(5, 6, b"x" * 100), proto=p.UDP, ttl=1, ipid=0xFFFF, options=bytes.fromhex("94040000")),
    v4(p.icmp(3, 3, v4(p.udp(1, 53))), proto=p.ICMP),
    v4(bytes(40), offset=100),
    v4(p.tcp(3, 4), more=True),
    v4(bytes(6), proto=47),
    v4(v4(p.tcp(1, 2)), proto=4),
    p.ipv6("2001:db8::1", "2001:db8::ffff", p.udp(53, 1024, b"hello"), proto=p.UDP),
    p.ipv6(
        "fe80::1", "ff02::1", p.icmp(128, 0, b"ping"), proto=p.ICMP6, extensions=[(0, p.extension()), (60, p.extension(16))]
    ),
    p.ipv6("2001:db8::1", "2001:db8::2", p.tcp(9, 10), extensions=[(44, p.fragment6(0, True))]),
)
ETHERNET = [
    *map(p.ethernet, INSIDE),
    *(p.ethernet(each, tags=[(0x8100, 5)]) for each in INSIDE),
    *(p.ethernet(each, tags=[(0x88A8, 5), (0x8100, 9)]) for each in INSIDE),
    *(p.ethernet(p.pppoe(each), p.PPPOE) for each in INSIDE),
    *(p.ethernet(p.mpls(each, 2), 0x8847) for each in INSIDE),
]


def ppp(packet: bytes) -> bytes:
    return b"\xff\x03" + struct.pack(">H", 0x0021 if p.kind_of(packet) == p.IPV4 else 0x0057) + packet


def hdlc(packet: bytes) -> bytes:
    return struct.pack(">HH", 0x0F00, p.kind_of(packet)) + packet


FRAMED: dict[int, list[bytes]] = {
    0: [p.loopback(each) for each in INSIDE],
    1: ETHERNET,
    9: [ppp(each) for each in INSIDE],
    12: list(INSIDE),
    50: [ppp(each) for each in INSIDE],
    51: [p.pppoe(each) for each in INSIDE],
    101: list(INSIDE),
    104: [hdlc(each) for each in INSIDE],
    108: [p.loopback(each, big=True) for each in INSIDE],
    113: [p.sll(each) for each in INSIDE],
    228: [each for each in INSIDE if p.kind_of(each) == p.IPV4],
    229: [each for each in INSIDE if p.kind_of(each) == p.IPV6],
    276: [p.sll2(each) for each in INSIDE],
}


@pytest.mark.parametrize("link", FRAMED)
def test_every_link_type_that_we_make_reads_as_wireshark_reads_it(tmp_path: Path, link: int) -> None:
    for big in (False, True):
        for nano in (False, True):
            path = tmp_path / f"{link}-{big}-{nano}.pcap"
            path.write_bytes(p.capture(FRAMED[link], link=link, big=big, nano=nano))
            assert not differences(path)


@pytest.mark.parametrize("big", [False, True])
def test_the_patched_format_reads_as_wireshark_reads_it(tmp_path: Path, big: bool) -> None:
    path = tmp_path / "patched.pcap"
    path.write_bytes(p.capture(ETHERNET, big=big, patched=True))
    assert len(rows(path)) == len(ETHERNET)
    assert not differences(path)


def option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(link: int, *options: bytes) -> bytes:
    return p.block(1, struct.pack("<HHI", link, 0, 0) + b"".join(options) + bytes(4))


def packet(number: int, ticks: int, frame: bytes, *options: bytes) -> bytes:
    head = struct.pack("<IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return p.block(6, head + frame + bytes(-len(frame) % 4) + b"".join(options))


def test_interfaces_clocks_options_and_unknown_blocks_of_one_pcapng_read_as_wireshark_reads_them(tmp_path: Path) -> None:
    noon, first, second = p.NOON // 1_000_000, INSIDE[0], INSIDE[-1]
    content = p.section() + b"".join(
        [
            interface(1, option(2, b"eth0"), option(9, b"\x06")),
            interface(101, option(9, b"\x09"), option(12, b"Linux")),
            interface(113, option(9, b"\x83")),
            interface(276, option(9, b"\x8a"), option(14, struct.pack("<q", -3600))),
            interface(1, option(9, b"\x00")),
            packet(0, noon * 10**6 + 5, ETHERNET[0], option(1, b"a comment"), option(2, bytes(4)), bytes(4)),
            packet(1, noon * 10**9 + 123_456_789, second),
            p.block(4, bytes(12)),  # names
            packet(2, noon * 8 + 3, p.sll(first)),
            packet(3, (noon + 3600) * 1024 + 512, p.sll2(second)),
            p.block(5, struct.pack("<III", 0, 1, 2) + option(1, b"statistics")),
            p.block(10, struct.pack("<II", 0x544C534B, 4) + b"keys"),
            p.block(0x40000BAD, b"nobody knows"),
            interface(101),
            packet(4, noon, ETHERNET[3]),
            packet(5, noon * 10**6, first),
        ]
    )
    path = tmp_path / "many.pcapng"
    path.write_bytes(content + p.section() + interface(101) + packet(0, noon * 10**6, first) + p.capture_ng(ETHERNET, big=True))
    assert not differences(path)
