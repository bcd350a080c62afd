"""Packet logs made of noise, near-lines and hostile JSON: read or counted, never a failure."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.observe.reader import read

HEADER = b"time,src,dst,proto,sport,flags,options,payload\n"
GOOD = b"1793534400,192.0.2.1,198.18.0.1,6,40000,S,0,\n"
cell = st.sampled_from(
    ["", "0", "-1", "1e9", "192.0.2.1", "::", "::1", '"', "0x", "99999999999999999999", "2026-11-01T00:00:00Z"]
)
cells = cell | st.text(max_size=12).map(lambda text: text.replace("\n", " ").replace("\r", " "))
lines = st.lists(cells, max_size=10).map(lambda row: ",".join(row).encode() + b"\n") | st.binary(max_size=60).map(
    lambda b: b + b"\n"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | cells,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["time", "src", "a"]), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from(["time", "src", "dst", "dport", "flags", "payload", "other"]), values, max_size=7)


@given(st.lists(lines | st.just(GOOD), max_size=12))
@settings(max_examples=250, deadline=None)
def test_whatever_stands_in_the_columns_it_is_read_or_counted(body: list[bytes]) -> None:
    rows, opened = read(HEADER + GOOD + b"".join(body), as_="packet-csv")
    assert len(rows) == opened.rows
    blank = sum(1 for line in b"".join(body).split(b"\n") if not line.strip())
    assert opened.rows + opened.quarantined + blank >= 1


@given(st.lists(objects.map(json.dumps).map(str.encode) | st.binary(max_size=40), max_size=8))
@settings(max_examples=250, deadline=None)
def test_whatever_an_object_holds_it_is_read_or_counted(body: list[bytes]) -> None:
    first = b'{"time": 1793534400, "src": "192.0.2.1", "dst": "198.18.0.1"}'
    rows, opened = read(b"\n".join([first, *body, first]) + b"\n", as_="packet-json")
    assert len(rows) == opened.rows >= 1


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_a_first_line_of_noise_is_refused_or_read(noise: bytes) -> None:
    rows, opened = read(
        b"time;src;dst;" + noise.replace(b"\n", b"") + b"\n1793534400;192.0.2.1;198.18.0.1" + b";" * 400 + b"\n",
        as_="packet-csv",
    )
    assert len(rows) == opened.rows
