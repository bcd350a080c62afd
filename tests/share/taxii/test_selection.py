"""No question about a page walks through rows that are not on it (SQLite's own account of its plans)."""

import pytest
from django.db import connection

from hinomi.schema.release import Reader
from hinomi.share.policy import Audiences, audiences_of
from hinomi.share.taxii import selection
from hinomi.share.taxii.query import parse

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(connection.vendor != "sqlite", reason="the plans are SQLite's")]
MEMBER = audiences_of(Reader("minato"), member=True)
OPERATOR = audiences_of(Reader("", operator=True), member=False)


def plan(audiences: Audiences, query: str) -> list[str]:
    clause = selection.page(audiences, parse(query), 101)
    with connection.cursor() as database:
        database.execute("EXPLAIN QUERY PLAN " + clause.sql, clause.after(0))
        return [row[3] for row in database.fetchall()]


@pytest.mark.parametrize("audiences", [MEMBER, OPERATOR])
@pytest.mark.parametrize("query", ["", "match[type]=malware,indicator", "match[version]=all", "match[version]=first,last"])
def test_a_walk_goes_along_an_index_from_where_the_page_begins(audiences: Audiences, query: str) -> None:
    steps = plan(audiences, query)

    assert not [step for step in steps if step.startswith(("SCAN o", "SCAN d"))]
    assert not [step for step in steps if "TEMP B-TREE" in step]
    stretches = [step for step in steps if step.startswith("SEARCH o USING") and "seq>?" in step]
    assert len(stretches) >= (1 if audiences.everything else len(audiences.keys))
    assert [step for step in steps if step.startswith("SEARCH d")]
    assert all("(id=?" in step for step in steps if step.startswith("SEARCH d"))


@pytest.mark.parametrize("audiences", [MEMBER, OPERATOR])
def test_a_moment_that_nobody_has_is_found_to_be_nobodys(audiences: Audiences) -> None:
    steps = plan(audiences, "match[version]=2020-01-01T00:00:00Z,2021-01-01T00:00:00.5Z&match[type]=indicator")

    stretches = [step for step in steps if step.startswith("SEARCH o") and "(seq=?)" not in step]
    assert stretches
    assert all("stix_version (version=?" in step for step in stretches), steps
    assert not [step for step in steps if step.startswith(("SCAN o", "SCAN d"))]


def test_the_longest_questions_stay_within_what_sqlite_joins() -> None:
    """SQLite joins 500 selects: 32 moments or 32 types, for every key, in each way that they may be spelled."""
    moments = ",".join(f"2020-01-01T00:00:{second:02d}.5Z" for second in range(32))
    kinds = ",".join(f"x-kind-{number}" for number in range(32))
    for audiences in (MEMBER, OPERATOR):
        for query in (f"match[version]={moments}", f"match[type]={kinds}&match[version]=all,first"):
            assert plan(audiences, query)


@pytest.mark.parametrize("audiences", [MEMBER, OPERATOR])
def test_ids_are_found_by_their_index(audiences: Audiences) -> None:
    steps = plan(audiences, "match[id]=indicator--5f2a3c1e-8b0d-4c7e-9a41-68696e6f6d69&match[version]=all")

    assert all("(id=?" in step for step in steps if step.startswith(("SEARCH", "SCAN")))


def test_who_may_see_nothing_asks_nothing() -> None:
    assert "1 = 0" in selection.page(Audiences(frozenset()), parse(""), 101).sql
