"""Compiling ahead reads every example, so that not even the first damaged file has to wait."""

from hinomi.observe.source import sources
from hinomi.observe.warming import warm


def test_warming_reads_the_example_of_every_source() -> None:
    assert warm() == 2 * 3 * len(sources()), "once whole and once damaged"
