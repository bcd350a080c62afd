"""What may be asked, and how a wrong question is told."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.share.taxii.query import LARGEST_PAGE, PAGE, Query, QueryError, parse

INDICATOR = "indicator--5f2a3c1e-8b0d-5c7e-9a41-68696e6f6d69"


def test_silence_is_the_first_page() -> None:
    assert parse("") == Query(limit=PAGE)


def test_a_large_limit_gets_a_large_page() -> None:
    assert parse("limit=999999").limit == LARGEST_PAGE


def test_a_moment_is_a_place() -> None:
    assert parse("added_after=1970-01-01T00:00:01.5Z").added_after == 1_500_000
    assert parse("added_after=1970-01-01T00:00:01.123456789Z").added_after == 1_123_456


def test_values_are_separated_by_commas() -> None:
    assert parse("match[type]=malware,indicator").types == ("indicator", "malware")
    assert parse(f"match%5Bid%5D={INDICATOR}").ids == (INDICATOR,)


def test_a_version_is_found_in_every_spelling() -> None:
    half = ("2020-01-01T00:00:00.5Z", "2020-01-01T00:00:00.500Z", "2020-01-01T00:00:00.500000Z")
    for spelling in half:
        assert set(parse(f"match[version]={spelling}").versions) == set(half)
    assert "2020-01-01T00:00:00.000Z" in parse("match[version]=2020-01-01T00:00:00Z").versions
    assert "2020-01-01T00:00:00Z" in parse("match[version]=2020-01-01T00:00:00.000Z").versions


def test_other_parameters_are_not_ours_to_judge() -> None:
    assert parse("_=1732280000") == Query()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limit=0", "limit must be"),
        ("limit=-1", "limit must be"),
        ("limit=1e9", "limit must be"),
        ("limit=" + "9" * 30, "limit must be"),
        ("limit=٣", "limit must be"),
        ("limit=", "limit must be"),
        ("added_after=yesterday", "added_after"),
        ("added_after=2026-13-45T00:00:00Z", "added_after"),
        ("added_after=2026-01-01", "added_after"),
        ("added_after=2026-01-01T00:00:00+09:00", "added_after"),
        ("added_after=", "added_after"),
        ("match[version]=newest", r"match\[version\]"),
        ("match[id]=all", "STIX identifier"),
        ("match[id]=" + "a" * 4_000, "STIX identifier"),
        ("match[id]=" + ",".join([INDICATOR] * 33), "more than 32"),
        ("match[type]=' OR 1=1 --", "object type"),
        ("match[type]=indicator%00", "NUL"),
        ("match[spec_version]=latest", "STIX version"),
        ("match[owner]=minato", "no filter"),
        ("limit=1&limit=2", "given twice"),
        ("a=" + "b" * 9_000, "longer than"),
        ("%ff=%fe", "UTF-8"),
        ("&".join(f"a{n}=1" for n in range(40)), "more than 32"),
    ],
)
def test_a_wrong_question_is_told(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse(text)


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for asked in (text, f"limit={quote(text)}", f"added_after={quote(text)}", f"match[version]={quote(text)}"):
        with suppress(QueryError):
            assert 1 <= parse(asked).limit <= LARGEST_PAGE
