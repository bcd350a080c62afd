"""The fast decoder and the plain one agree on every frame, whole, cut anywhere, or made of noise."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.testing import packets as p
from tests.observe import plain
from tests.observe.reader import counts, read

LINKS = (0, 1, 9, 12, 50, 51, 101, 104, 108, 113, 276)
port = st.integers(0, 0xFFFF)
tail = st.binary(max_size=90)
four = st.integers(0, 2**32 - 1).map(lambda n: str(IPv4Address(n)))
six = st.integers(0, 2**128 - 1).map(lambda n: str(IPv6Address(n)))
flags = st.lists(st.sampled_from("FSRPAUEC"), unique=True).map("".join)

segments = st.builds(
    p.tcp, port, port, flags=flags, seq=st.integers(0, 2**32 - 1), options=st.binary(max_size=40), payload=tail
).map(lambda carried: (6, carried))
datagrams = st.builds(p.udp, port, port, tail).map(lambda carried: (17, carried))
others = st.tuples(st.sampled_from([2, 33, 47, 50, 132, 136]), tail)
flat = segments | datagrams | others
chains = st.lists(
    st.sampled_from(
        [(0, p.extension()), (60, p.extension(16)), (43, p.extension(24)), (51, bytes([4]) + bytes(22)), (44, p.fragment6(0))]
    ),
    max_size=3,
)


@st.composite
def packets_v4(draw: st.DrawFn, carried: st.SearchStrategy[tuple[int, bytes]] = flat) -> bytes:
    proto, inside = draw(carried)
    offset = draw(st.sampled_from([0, 0, 0, 1, 185, 0x1FFF]))
    options, total = draw(st.binary(max_size=40)), draw(st.sampled_from([None, None, None, 0, 5, 20, 60]))
    return p.ipv4(draw(four), draw(four), inside, proto=proto, offset=offset, options=options, total=total)


@st.composite
def packets_v6(draw: st.DrawFn, carried: st.SearchStrategy[tuple[int, bytes]] = flat) -> bytes:
    proto, inside = draw(carried)
    chain = draw(chains)
    if draw(st.integers(0, 4)) == 0:
        chain = [*chain, (44, p.fragment6(draw(st.integers(1, 0x1FFF))))]
    return p.ipv6(draw(six), draw(six), inside, proto=proto, extensions=chain, total=draw(st.sampled_from([None, None, 0, 13])))


errors_v4 = st.builds(p.icmp, st.sampled_from([3, 4, 5, 11, 12, 0, 8]), st.integers(0, 15), packets_v4()).map(lambda c: (1, c))
errors_v6 = st.builds(p.icmp, st.sampled_from([1, 2, 3, 4, 128]), st.integers(0, 15), packets_v6()).map(lambda c: (58, c))
anything = packets_v4() | packets_v6() | packets_v4(errors_v4) | packets_v6(errors_v6)


@st.composite
def frames(draw: st.DrawFn) -> tuple[int, bytes]:
    """A link type and a frame on it, perhaps cut short, perhaps padded."""
    link, packet = draw(st.sampled_from(LINKS)), draw(anything)
    tags = draw(st.lists(st.sampled_from([(0x8100, 7), (0x88A8, 8), (0x9100, 9)]), max_size=3))
    number = struct.pack(">H", 0x0021 if p.kind_of(packet) == p.IPV4 else 0x0057)
    made = {
        0: lambda: p.loopback(packet, big=draw(st.booleans())),
        1: lambda: draw(
            st.sampled_from(
                [
                    p.ethernet(packet, tags=tags),
                    p.ethernet(p.pppoe(packet), p.PPPOE, tags),
                    p.ethernet(p.mpls(packet, 2), 0x8847, tags),
                    p.ethernet(b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", p.kind_of(packet)) + packet, 300),
                    p.ethernet(bytes(28), p.ARP),
                ]
            )
        ),
        9: lambda: number + packet,
        12: lambda: packet,
        50: lambda: b"\xff\x03" + number + packet,
        51: lambda: p.pppoe(packet),
        101: lambda: packet,
        104: lambda: struct.pack(">HH", 0x0F00, p.kind_of(packet)) + packet,
        108: lambda: p.loopback(packet, big=True),
        113: lambda: p.sll(packet),
        276: lambda: p.sll2(packet),
    }[link]()
    cut = draw(st.integers(0, len(made)) | st.just(len(made)))
    return link, made[:cut] + draw(st.sampled_from([b"", b"", bytes(6)]))


def agreed(frame: bytes, link: int) -> None:
    rows, opened = read(p.capture([frame], link=link))
    expected = plain.decode(frame, link)
    found = {name: value for name, value in rows[0].items() if name != "time"} if rows else None
    assert found == expected
    assert opened.rows + opened.quarantined + sum(opened.skipped.values()) == 1


@given(frames())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_sent_both_decoders_read_the_same(made: tuple[int, bytes]) -> None:
    agreed(made[1], made[0])


@given(st.sampled_from(LINKS), st.binary(max_size=120))
@settings(max_examples=300, deadline=None)
def test_noise_is_read_the_same_or_counted(link: int, frame: bytes) -> None:
    agreed(frame, link)


@given(st.binary(max_size=400), st.booleans(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_noise_behind_a_capture_header_never_fails(noise: bytes, big: bool, nano: bool) -> None:
    rows, opened = read(p.capture([], big=big, nano=nano) + noise)
    assert len(rows) == opened.rows
    assert noise == b"" or opened.rows + opened.quarantined + sum(opened.skipped.values()) > 0


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=300, deadline=None)
def test_noise_behind_a_section_header_never_fails(noise: bytes, big: bool) -> None:
    rows, opened = read(p.section(big) + p.interface(big=big) + noise)
    assert len(rows) == opened.rows


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 6, 5, 0x0A0D0D0A]), st.binary(max_size=80)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_blocks_of_noise_are_read_or_counted(blocks: list[tuple[int, bytes]]) -> None:
    content = p.section() + p.interface() + b"".join(p.block(kind, body) for kind, body in blocks)
    rows, opened = read(content + p.capture_ng([p.ethernet(p.ipv4("192.0.2.1", "198.18.0.1", p.tcp(1, 23)))]))
    assert len(rows) == opened.rows
    assert rows, f"the sound section at the end was not read: {counts(opened)}"
