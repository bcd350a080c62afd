"""Scanner tools: called only when every SYN of a source bears the sign, and at least three do."""

from pathlib import Path

import pytest

from hinomi.detect.packets import signs
from hinomi.schema.words import TOOLS
from hinomi.testing import traffic
from hinomi.testing.memory import Memory
from tests.detect.story import ALWAYS, capture, day_of, findings, network, outcome


def test_every_tool_has_a_sign_and_the_most_telling_is_asked_first() -> None:
    assert list(signs(Memory({"packet": traffic.SCHEMA.empty_table()}).table("packet"))) == list(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_is_named_for_the_source_and_for_all_its_sources(tool: str) -> None:
    found = findings("scanner-tool", traffic.scan("203.0.113.1", 23, 50, tool=tool))
    assert set(found) == {"203.0.113.1", tool}
    assert found["203.0.113.1"].measures["tool"] == tool
    assert found[tool].measures["sources"] == 1
    assert all(one.severity.word == "info" for one in found.values())


def test_an_ordinary_scanner_is_not_called() -> None:
    assert not findings("scanner-tool", traffic.scan("203.0.113.1", 23, 500))


def test_one_syn_that_disagrees_clears_the_source() -> None:
    mixed = traffic.together(traffic.scan("203.0.113.1", 23, 500, tool="zmap"), traffic.scan("203.0.113.1", 23, 1, seed=2))
    assert not findings("scanner-tool", mixed)


def test_two_syns_are_too_few() -> None:
    assert not findings("scanner-tool", traffic.scan("203.0.113.1", 23, 2, tool="mirai"))
    assert findings("scanner-tool", traffic.scan("203.0.113.1", 23, 3, tool="mirai"))


def test_a_loud_masscan_that_hits_zmaps_number_by_chance_is_still_masscan() -> None:
    found = findings("scanner-tool", traffic.scan("203.0.113.1", 23, 200_000, tool="masscan"))
    assert set(found) == {"203.0.113.1", "masscan"}


def test_a_source_that_bears_two_signs_is_told_once_with_both() -> None:
    """A bot with the destination as sequence number and the port as IP-ID answers to Masscan's sign too."""
    worm = traffic.scan("203.0.113.1", 23, 50, tool="mirai")
    worm = worm.set_column(worm.schema.get_field_index("ipid"), worm.schema.field("ipid"), worm["dport"].cast("int32"))
    told = outcome("scanner-tool", traffic.together(worm, traffic.scan("203.0.113.2", 23, 50, tool="masscan", seed=2))).findings
    assert len({one.id for one in told}) == len(told) == 4
    found = {one.subject.value: one for one in told}
    assert found["203.0.113.1"].measures["tool"] == "mirai, masscan"
    assert "Mirai and Masscan" in found["203.0.113.1"].title.en
    assert "Mirai・Masscan" in found["203.0.113.1"].title.ja
    assert found["203.0.113.1"].attack == ("T1595.001", "T1584.005")
    assert [found[tool].measures["sources"] for tool in ("masscan", "mirai")] == [2, 1]


def test_the_loudest_sources_are_told_and_all_are_counted() -> None:
    worm = traffic.worm(23, 50, each=4)
    told = outcome("scanner-tool", worm, params={"most": 3})
    assert len(told.findings) == 4
    assert next(one for one in told.findings if one.subject.value == "mirai").measures["sources"] == 50


@pytest.mark.real_data
def test_the_published_counts_of_the_telescope_log_come_out(real_data: Path) -> None:
    """Counts are of packets; no source of the hour sent three that agree, so none is called."""
    (path,) = (real_data / "observe/ibr").glob("*raw*.csv")
    packets = capture(path)
    told = outcome("scanner-tool", packets, network("10.0.0.0/8", "none", since=ALWAYS), window=day_of(packets))
    assert not told.findings
    assert told.reason.en.endswith("from 37 sources; signs of Masscan on 4, Mirai on 0, ZMap on 11.")
