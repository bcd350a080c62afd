"""Compiling ahead reads every example once."""

from hinomi.observe.source import sources
from hinomi.observe.warming import warm


def test_warming_reads_the_example_of_every_source() -> None:
    assert warm() == 3 * len(sources())
