"""The examination that every source sits: recognised, read, cut anywhere, read twice, alone in recognising its own."""

from __future__ import annotations

import inspect
import io
import sys

import pytest

from hinomi.observe.reading import InputError, open_input
from hinomi.observe.source import Source, sources
from hinomi.schema.events import EVENTS
from tests.observe.reader import read

NAMES = tuple(sources())


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(name: str) -> Source:
    return sources()[name]


def test_it_says_what_it_is(source: Source) -> None:
    module = inspect.getdoc(sys.modules[source.pieces.__module__]) or ""
    assert module.splitlines()[0].endswith(".") or len(module.splitlines()) > 1, "a docstring that a user can read"
    assert source.title.en
    assert source.title.ja
    assert source.kind in EVENTS
    assert all(suffix.startswith(".") for suffix in source.suffixes)
    assert source.version >= 1


def test_its_example_reads_whole(name: str, source: Source) -> None:
    rows, opened = read(source.example())
    assert opened.format == name
    assert opened.kind == source.kind
    assert len(rows) == opened.rows >= 3
    assert opened.misfits == ()
    assert opened.skipped == {}
    assert opened.bytes == len(source.example()), "the whole input was read"


def test_it_alone_recognises_its_example(name: str, source: Source) -> None:
    recognised = [other for other, each in sources().items() if each.sniff(source.example())]
    assert recognised == [name]


def test_it_recognises_neither_nothing_nor_noise(source: Source) -> None:
    for head in (b"", b"\0", b"\n", bytes(range(256)) * 8, b"hello, world\n" * 99, "火の見\n".encode() * 99):
        assert not source.sniff(head)


def test_an_empty_input_is_refused_in_words(name: str) -> None:
    with pytest.raises(InputError, match="is empty"):
        open_input(io.BytesIO(b""), sensor="test")


def test_cut_at_every_byte_it_reads_what_is_whole_and_counts_the_rest(name: str, source: Source) -> None:
    example = source.example()
    whole, _ = read(example)
    for cut in range(1, len(example)):
        try:
            rows, opened = read(example[:cut], as_=name)
        except InputError:  # the line of names, without which nothing can be read
            assert b"\n" not in example[:cut]
            continue
        assert rows == whole[: len(rows)], "what is read is what was there"
        assert opened.rows == len(rows)
        assert len(rows) < len(whole) or example[cut:].strip() == b""
        lost = sum(misfit.count for misfit in opened.misfits if misfit.reason == "cut-end")
        assert lost == (opened.bytes < cut), f"cut at {cut}: what is left over is counted once"


def test_the_same_input_has_the_same_ids_and_another_sensor_others(source: Source) -> None:
    def ids(sensor: str) -> list[str]:
        return [segment.id for segment in open_input(io.BytesIO(source.example()), sensor=sensor)]

    assert ids("north") == ids("north")
    assert not set(ids("north")) & set(ids("south"))


def test_ids_are_known_before_anything_is_decoded(source: Source) -> None:
    opened = open_input(io.BytesIO(source.example()), sensor="test")
    assert [segment.id for segment in opened]
    assert opened.rows == 0


def test_every_batch_has_exactly_the_schema_of_its_kind_and_is_stamped(source: Source) -> None:
    for segment in open_input(io.BytesIO(source.example()), sensor="north"):
        for batch in segment.decode():
            assert batch.schema == EVENTS[source.kind].arrow
            assert set(batch["sensor"].to_pylist()) == {"north"}
            assert set(batch["segment"].to_pylist()) == {segment.id}
