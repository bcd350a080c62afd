"""What is true of the data, held to be true."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.schema import address
from hinomi.schema.events import COMMON, EVENTS
from hinomi.schema.fields import FIELDS, Blur, Sensitivity
from hinomi.schema.findings import Evidence, Finding, Subject, Window
from hinomi.schema.release import Item, Reader, Release
from hinomi.schema.scope import SECTORS, TLP_EXTENSION, UNMARKED, Tlp, tlp_of
from hinomi.schema.words import Severity, SubjectKind, Text

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(st.ip_addresses())
def test_an_address_survives_packing(given_address: object) -> None:
    raw = address.pack(str(given_address))
    mapped = isinstance(given_address, IPv6Address) and given_address.ipv4_mapped
    assert len(raw) == 16
    assert address.text(raw) == str(mapped or given_address)


def test_a_prefix_is_a_range_of_bytes_in_either_family() -> None:
    v4, v6 = address.prefix("192.0.2.0/24"), address.prefix("2001:db8::/32")
    assert (v4.size, v6.size) == (256, 2**96)
    assert address.pack("192.0.2.255") in v4
    assert address.pack("192.0.3.0") not in v4
    assert address.pack("2001:db8:ffff::1") in v6


def test_a_prefix_with_host_bits_is_refused_with_the_right_one() -> None:
    with pytest.raises(ValueError, match=r"did you mean 192\.0\.2\.0/24"):
        address.prefix("192.0.2.7/24")


def test_every_field_is_used_explained_in_both_languages_and_blurred_when_it_can_hurt() -> None:
    used = {field.name for kind in EVENTS.values() for field in kind.fields}
    assert used == set(FIELDS)
    for field in FIELDS.values():
        assert field.meaning.en, field.name
        assert field.meaning.ja, field.name
        if field.sensitivity >= Sensitivity.VICTIM:
            assert field.blur is not Blur.KEEP, f"{field.name} can hurt and must be blurred"


def test_events_begin_with_time_sensor_segment_and_only_those_are_never_null() -> None:
    assert set(EVENTS) == {"packet", "flow", "dns", "login", "honeypot", "exposure", "web", "lease"}
    for kind in EVENTS.values():
        assert tuple(kind.arrow.names[:3]) == COMMON
        assert [field.name for field in kind.arrow if not field.nullable] == list(COMMON)
        assert not any(pa.types.is_unsigned_integer(field.type) for field in kind.arrow), "Iceberg knows no unsigned integers"


def finding(**changes: object) -> Finding:
    given_values = {
        "subject": Subject(SubjectKind.ADDRESS, "192.0.2.1"),
        "window": Window(NOON, NOON + timedelta(days=1)),
        "severity": Severity.LOW,
        "confidence": 80,
        "title": Text("scan", "スキャン"),
        "measures": {},
        "evidence": Evidence("packet", {}),
        "detector": "scan",
    }
    return Finding(**(given_values | changes))  # type: ignore[arg-type] -- a test changes any one field


def test_the_same_look_gives_the_same_id_and_an_exercise_another() -> None:
    assert finding().id == finding(confidence=10, measures={"packets": 7}).id
    assert len({finding().id, finding(detector="dos").id, finding(exercise=True).id}) == 3


def test_a_finding_refuses_a_naive_time_and_an_impossible_confidence() -> None:
    with pytest.raises(ValueError, match="time zone"):
        finding(window=Window(NOON.replace(tzinfo=None), NOON))
    with pytest.raises(ValueError, match="0 to 100"):
        finding(confidence=101)


def test_markings_are_ordered_and_silence_is_strict() -> None:
    assert Tlp.CLEAR < Tlp.GREEN < Tlp.AMBER < Tlp.AMBER_STRICT < Tlp.RED
    assert tlp_of([]) is UNMARKED is Tlp.AMBER_STRICT
    assert tlp_of([Tlp.CLEAR.marking, Tlp.RED.marking]) is Tlp.RED
    assert tlp_of(["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"]) is Tlp.GREEN
    assert Tlp.AMBER_STRICT.label == "TLP:AMBER+STRICT"


def test_marking_ids_are_those_of_oasis() -> None:
    from stix2.v21 import common

    assert {tlp.marking for tlp in Tlp}.isdisjoint({common.TLP_WHITE.id, common.TLP_RED.id}), "TLP 2.0 has ids of its own"
    assert tlp_of([common.TLP_AMBER.id]) is Tlp.AMBER
    assert TLP_EXTENSION == "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def test_a_release_cannot_hold_exercise_data() -> None:
    drilled = Item("incident--1", "1", Tlp.CLEAR, b"{}", exercise=True)
    with pytest.raises(ValueError, match="exercise data never leaves"):
        Release("release--1", Reader("kawa"), "own", Text("own", "自組織"), NOON, (drilled,))


def test_severities_have_words_and_unknown_words_name_the_known() -> None:
    assert [one.word for one in Severity] == ["info", "low", "medium", "high", "critical"]
    with pytest.raises(ValueError, match="info, low, medium"):
        Severity.named("huge")


def test_sectors_are_named_in_both_languages() -> None:
    assert all(name.en and name.ja for name in SECTORS.values())


def test_a_sentence_is_filled_in_with_the_words_of_its_own_language() -> None:
    filled = Text("{who} sent {n:,} packets", "{who}が {n:,} パケット送信").fill(who=Text("Minato City", "湊市"), n=17_984)
    assert filled == Text("Minato City sent 17,984 packets", "湊市が 17,984 パケット送信")


@pytest.mark.parametrize(("count", "said"), [(0, "0 packets"), (1, "1 packet"), (1200, "1,200 packets")])
def test_a_sentence_counts(count: int, said: str) -> None:
    text = Text("{n:,} {n:packet|packets}", "{n:,} パケット")
    assert text.fill(n=count) == Text(said, f"{count:,} パケット")
