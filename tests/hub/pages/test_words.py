"""Numbers and names as people read them."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from hinomi.hub.health import CHECKS
from hinomi.hub.pages import sample
from hinomi.hub.pages.finding import Fact
from hinomi.hub.pages.measures import measured, shown
from hinomi.hub.pages.words import number
from hinomi.hub.templatetags.hinomi import calling, examined
from hinomi.members.models import ContactKind


@pytest.mark.parametrize(
    ("value", "said"), [(452.7, "453"), (659.748, "660"), (1234.5, "1,234"), (99.96, "100"), (0.034164, "0.0342"), (7, "7")]
)
def test_no_digit_is_shown_that_was_not_measured(value: float, said: str) -> None:
    assert number(value) == said


def test_every_check_of_the_installation_has_a_name_for_people() -> None:
    names = [one.__name__.strip("_") for one in CHECKS]
    assert not [name for name in names if examined(name) == name]


def test_a_yes_or_no_stands_without_a_threshold() -> None:
    assert not Fact(measured("telescope-scan", "aggressive"), value=False, threshold=6554).compared
    assert Fact(measured("backscatter", "packets"), value=30, threshold=25).compared


def test_a_value_is_said_as_its_detector_declares_it() -> None:
    with override("ja"):
        assert shown(measured("backscatter", "target_port"), 8080) == "8080"
        assert shown(measured("backscatter", "packets"), 8080) == "8,080"
        assert shown(measured("telescope-scan", "shape"), "block") == "ブロック（範囲全体の多数のポート）"
        assert shown(measured("new-port", "fingerprint"), "w1024 o0 l40") == "w1024 o0 l40"
        assert measured("backscatter", "known").meaning.ja == "無害と知られる理由"
        assert measured("no-longer-installed", "queries_seen").meaning.ja == "queries seen"


def test_every_kind_of_contact_and_no_other_has_words() -> None:
    assert not [kind for kind in ContactKind.values if calling(kind) == kind]


@pytest.mark.parametrize(
    ("name", "stored", "said"),
    [
        ("time", "2026-11-20T01:02:37+00:00", "2026-11-20 01:02:37"),
        ("time", "2026-11-20T01:02:37.123456Z", "2026-11-20 01:02:37.123"),
        ("note", "tcp/23", "tcp/23"),
        ("dport", 23, 23),
        ("proto", 6, "tcp"),
        ("inner_proto", 253, "253"),
        ("flags", 18, "SYN ACK"),
        ("flags", 0, "–"),
        ("flags", None, None),
    ],
)
def test_a_value_of_a_sample_row_is_said_as_people_write_it(name: str, stored: object, said: object) -> None:
    assert sample.said(name, stored) == said


def test_what_all_sample_rows_share_is_said_once() -> None:
    rows = [{"src": "192.0.2.1", "dport": 23, "ttl": None}, {"src": "192.0.2.1", "dport": 2323, "ttl": 64}]
    several = sample.sample_of({"evidence": {"rows": rows}})
    assert [(name, value) for name, _meaning, value in several.shared] == [("src", "192.0.2.1")]
    assert [name for name, _meaning in several.columns] == ["dport", "ttl"]
    assert several.rows == ((("dport", 23), ("ttl", None)), (("dport", 2323), ("ttl", 64)))
    alone = sample.sample_of({"evidence": {"rows": rows[:1]}})
    assert [name for name, _meaning in alone.columns] == ["src", "dport"]
    assert not alone.shared
