"""STIX objects at rest: bytes as they were written, versions in order, one sequence that readers can trust."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from hinomi.casebook import store
from hinomi.casebook.models import PatternMatch, StixObject
from hinomi.casebook.stix.envelope import Envelope, Told, stamp
from hinomi.casebook.stix.observables import address
from hinomi.casebook.validity import Invalid
from hinomi.schema.address import pack
from hinomi.schema.scope import Tlp
from tests.casebook.stories import DAY

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def identity(name: str, tlp: Tlp = Tlp.GREEN) -> Told:
    return Envelope("minato", tlp, DAY).wrap("identity", ("one",), name=name, identity_class="organization")


def foreign(modified: datetime, pattern: str = "[ipv4-addr:value = '203.0.113.9']", **more: object) -> bytes:
    thing = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created": stamp(DAY),
        "modified": stamp(modified),
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": stamp(DAY),
        **more,
    }
    return orjson.dumps(thing, option=orjson.OPT_INDENT_2)  # not how we would write it: kept all the same


def test_the_same_words_are_the_same_version() -> None:
    first = store.put([identity("Minato")], exercise=False, now=NOW)
    again = store.put([identity("Minato")], exercise=False, now=NOW + timedelta(hours=1))
    assert (first.added, again.added) == (1, 0)
    assert first.versions == again.versions


def test_other_words_are_a_new_version_later_than_the_old_and_the_old_stays_readable() -> None:
    store.put([identity("Minato")], exercise=False, now=NOW)
    store.put([identity("Minato Port")], exercise=False, now=DAY - timedelta(days=9))  # the clock jumped back
    old, new = StixObject.objects.order_by("seq")
    assert (old.current, new.current) == (False, True)
    assert old.version < new.version
    assert orjson.loads(new.content)["created"] == orjson.loads(old.content)["created"]
    assert orjson.loads(old.content)["name"] == "Minato"


def test_the_sequence_rises_even_when_the_clock_does_not() -> None:
    for minutes in (5, 0, 3):
        store.put([identity(f"Minato {minutes}")], exercise=False, now=NOW + timedelta(minutes=minutes))
    numbers = list(StixObject.objects.order_by("version").values_list("seq", flat=True))
    assert numbers == sorted(set(numbers))
    assert datetime.fromtimestamp(numbers[0] / 1e6, UTC) == NOW + timedelta(minutes=5)


def test_an_observable_of_two_organisations_has_a_row_for_each() -> None:
    one = address("203.0.113.9", Tlp.AMBER)
    for owner in ("minato", "umi", "minato"):
        store.put([Told(one, owner, Tlp.AMBER)], exercise=False)
    assert sorted(StixObject.objects.values_list("audience", "current")) == [
        ("TLP:AMBER:minato", True),
        ("TLP:AMBER:umi", True),
    ]


def test_bytes_of_others_are_kept_as_they_came() -> None:
    raw = foreign(DAY)
    assert store.keep([raw, raw], owner="minato").added == 1
    assert store.keep([raw], owner="minato").added == 0
    row = StixObject.objects.get()
    assert bytes(row.content) == raw
    assert row.audience == "TLP:AMBER+STRICT:minato"  # unmarked is the narrowest but one


def test_an_older_version_that_comes_later_does_not_become_the_current_one() -> None:
    store.keep([foreign(DAY + timedelta(days=2))], owner="minato")
    store.keep([foreign(DAY + timedelta(days=1))], owner="minato")
    store.keep([foreign(DAY + timedelta(days=3))], owner="minato")
    assert list(StixObject.objects.order_by("version").values_list("current", flat=True)) == [False, False, True]


def test_nobody_retires_what_another_says_under_the_same_id() -> None:
    ours = identity("Minato")
    store.put([ours], exercise=False, now=NOW)
    forged = orjson.dumps(ours.object | {"name": "Nobody", "modified": stamp(NOW + timedelta(days=9))})
    store.keep([forged], owner="umi")
    store.keep([foreign(DAY)], owner="minato")
    store.keep([foreign(DAY + timedelta(days=5))], owner="umi")
    current = sorted(StixObject.objects.filter(current=True).values_list("type", "owner", "received"))
    assert current == [
        *[("identity", "minato", False), ("identity", "umi", True)],
        *[("indicator", "minato", True), ("indicator", "umi", True)],
    ]
    assert store.put([ours], exercise=False).added == 0
    assert store.keep([orjson.dumps(ours.object | {"name": "The same version"})], owner="umi").added == 0


def test_what_is_marked_in_part_is_silent_about_the_rest() -> None:
    green = {"selectors": ["pattern"], "marking_ref": Tlp.GREEN.marking}
    assert store.markings_of(orjson.loads(foreign(DAY, granular_markings=[green]))) is Tlp.AMBER_STRICT


def test_granular_markings_count_too() -> None:
    marked = {
        "object_marking_refs": [Tlp.GREEN.marking],
        "granular_markings": [{"selectors": ["pattern"], "marking_ref": Tlp.RED.marking}],
    }
    store.keep([foreign(DAY, **marked)], owner="minato")
    assert StixObject.objects.get().audience == "TLP:RED:minato"


def test_nothing_is_kept_when_one_object_is_wrong() -> None:
    with pytest.raises(Invalid):
        store.keep([foreign(DAY), foreign(DAY + timedelta(days=1), pattern="[broken")], owner="minato")
    assert not StixObject.objects.exists()


def test_a_value_is_looked_up_and_not_read_out_of_patterns() -> None:
    store.keep([foreign(DAY, "[ipv4-addr:value = '203.0.113.0/24' OR domain-name:value = 'Bad.Example']")], owner="minato")
    assert PatternMatch.objects.get(type="domain", value="bad.example").object.type == "indicator"
    inside = pack("203.0.113.77")
    assert PatternMatch.objects.filter(first__lte=inside, last__gte=inside).get().value == "203.0.113.0/24"
