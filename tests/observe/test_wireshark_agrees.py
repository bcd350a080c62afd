"""Every recorded capture reads as Wireshark reads it: addresses, ports, flags, sequence numbers, TTL, IP id, length.

Where we differ on purpose:
- a packet inside a packet (tunnels, ICMP quotes) is Wireshark's second occurrence; a row is the outer packet;
- a length of 0 in the header (segmentation left to the card) is unknown to us, guessed by Wireshark;
- a quoted packet's ports are `inner_*` here.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hinomi.observe.reading import open_input
from hinomi.schema import address

pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")]

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


def test_every_capture_reads_as_wireshark_reads_it(real_data: Path) -> None:
    found = captures(real_data / "observe")
    assert len(found) > 80
    different = []
    for path in found:
        ours, theirs = rows(path), wireshark(path)
        if len(ours) != len(theirs):
            different.append((path.name, "rows", len(ours), len(theirs)))
        for at, (row, frame) in enumerate(zip(ours, theirs, strict=False)):
            if as_seen(row) != (want := expected(frame, row)):
                seen = as_seen(row)
                different.append((path.name, at, {name: (seen[name], want[name]) for name in seen if seen[name] != want[name]}))
                break
    assert not different, "\n".join(map(str, different))
