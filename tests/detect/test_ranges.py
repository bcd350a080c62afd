"""Addresses in ranges: the sweep in one sort says what holding each against each says."""

from collections.abc import Iterable

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.detect.ranges import inside
from hinomi.testing.memory import Memory

ENGINE = Memory({})
few = st.integers(0, 40)
ranges = st.lists(st.tuples(few, few).map(lambda ends: (min(ends), max(ends))), max_size=8)


@given(asked=st.lists(few, max_size=30), given_ranges=ranges)
@settings(max_examples=60, deadline=None)
def test_an_address_is_inside_when_some_range_holds_it(asked: list[int], given_ranges: list[tuple[int, int]]) -> None:
    addresses = pa.table({"src": column(asked)})
    known = pa.table(
        {"first": column(first for first, _last in given_ranges), "last": column(last for _first, last in given_ranges)}
    )
    found = ENGINE.run(inside(ENGINE.lookup("asked", addresses), ENGINE.lookup("known", known)))
    expected = {one for one in asked if any(first <= one <= last for first, last in given_ranges)}
    assert sorted(found["src"].to_pylist()) == sorted(map(packed, expected))


def packed(number: int) -> bytes:
    return number.to_bytes(16, "big")


def column(numbers: Iterable[int]) -> pa.Array:
    return pa.array(map(packed, numbers), pa.binary())
