"""pcapng: sections, interfaces with clocks of their own, packet blocks of three sorts, and blocks that lie."""

from __future__ import annotations

import struct

import pytest

from hinomi.testing import packets as p
from tests.observe.reader import counts, read, read_in_pieces

SYN = p.ethernet(p.ipv4("192.0.2.1", "198.18.0.7", p.tcp(40000, 23)))
ANSWER = p.ipv6("2001:db8::1", "2001:db8::2", p.udp(53, 1024), proto=p.UDP)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("resolution", [3, 6, 9, 0x80 | 20, 0x80 | 30])
@pytest.mark.parametrize("offset", [0, 3600, -7200])
def test_time_is_the_same_however_the_interface_counts_it(big: bool, resolution: int, offset: int) -> None:
    frames = [p.Record(SYN, p.NOON + n * 1_000_000) for n in range(3)]
    assert read(p.capture_ng(frames, big=big, resolution=resolution, offset=offset))[0] == read(p.capture(frames))[0]


@pytest.mark.parametrize(("ticks", "offset"), [(2**64 - 1, 0), (5, -4_000_000_000), (300_000_000_000_000_000, 0)])
def test_a_time_that_no_calendar_has_is_counted(ticks: int, offset: int) -> None:
    head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(SYN), len(SYN))
    rows, opened = read(p.section() + p.interface(offset=offset) + p.block(6, head + SYN) + p.capture_ng([SYN]))
    assert len(rows) == 1
    assert counts(opened) == {"no-time": 1}


def test_each_section_has_its_own_byte_order_and_interfaces() -> None:
    content = p.capture_ng([SYN]) + p.capture_ng([ANSWER], link=101, big=True) + p.capture_ng([SYN], big=True)
    rows, opened = read(content)
    assert [row["proto"] for row in rows] == [6, 17, 6]
    assert opened.misfits == ()


def test_packets_of_two_interfaces_are_read_by_their_own_link_types() -> None:
    def packet(number: int, frame: bytes) -> bytes:
        return p.block(6, struct.pack("<IIIII", number, p.NOON >> 32, p.NOON & 0xFFFFFFFF, len(frame), len(frame)) + frame)

    content = p.section() + p.interface(1) + p.interface(113)
    rows, _ = read(content + packet(1, p.sll(SYN[14:])) + packet(0, SYN))
    assert rows[0] == rows[1]


def test_the_old_packet_block_is_read_and_the_simple_one_is_counted_for_want_of_a_time() -> None:
    old = p.block(2, struct.pack("<HHIIII", 0, 0, p.NOON >> 32, p.NOON & 0xFFFFFFFF, len(SYN), len(SYN)) + SYN)
    simple = p.block(3, struct.pack("<I", len(SYN)) + SYN)
    rows, opened = read(p.section() + p.interface() + old + simple)
    assert len(rows) == 1
    assert counts(opened) == {"no-time": 1}


def test_blocks_that_are_not_packets_are_passed_by() -> None:
    names = p.block(4, bytes(16))
    rows, opened = read(p.section() + p.interface() + names + p.block(0xBAD, b"custom!") + p.capture_ng([SYN]))
    assert len(rows) == 1
    assert opened.misfits == ()


def test_a_packet_of_an_interface_that_nobody_described_is_counted() -> None:
    stray = p.block(6, struct.pack("<IIIII", 9, 0, 0, len(SYN), len(SYN)) + SYN)
    rows, opened = read(p.capture_ng([SYN]) + stray)
    assert len(rows) == 1
    assert counts(opened) == {"bad-block": 1}


def test_garbage_between_blocks_is_stepped_over_and_counted() -> None:
    first, second = p.capture_ng([SYN]), p.capture_ng([SYN, SYN])[28 + 44 :]
    rows, opened = read(first + b"\xee" * 123 + second)
    assert len(rows) == 3
    assert counts(opened) == {"garbage": 1}


def test_pieces_carry_what_earlier_blocks_said() -> None:
    frames = [
        p.Record(p.ethernet(p.ipv4("192.0.2.1", "198.18.0.7", p.udp(n, 53, bytes(500)))), p.NOON + n) for n in range(3000)
    ]
    whole, _ = read(p.capture_ng(frames, resolution=9))
    pieces, opened = read_in_pieces(p.capture_ng(frames, resolution=9), "pcapng", 1 << 19)
    assert pieces == whole
    assert len(whole) == 3000
    assert opened.misfits == ()


def test_a_file_of_nothing_but_interfaces_takes_no_time() -> None:
    rows, opened = read(p.section() + p.interface() * 20_000 + p.capture_ng([SYN]))
    assert len(rows) == 1
    assert opened.misfits == ()


def test_packets_on_a_link_that_we_do_not_read_are_counted_by_its_name() -> None:
    def packet(number: int) -> bytes:
        return p.block(6, struct.pack("<IIIII", number, p.NOON >> 32, p.NOON & 0xFFFFFFFF, len(SYN), len(SYN)) + SYN)

    content = p.section() + p.interface(127) + p.interface(1) + p.interface(117) + packet(0) * 3 + packet(1) + packet(2)
    rows, opened = read(content)
    assert len(rows) == 1
    assert [(one.text.en, one.count) for one in opened.misfits] == [
        ("link type that Hinomi does not read: OpenBSD packet filter log (pflog) (link type 117)", 1),
        ("link type that Hinomi does not read: IEEE 802.11 wireless LAN with radiotap header (link type 127)", 3),
    ]
    assert opened.damaged, "part of it was not read, and the exit status says so"
