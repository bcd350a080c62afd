"""A case told in STIX 2.1 is what the standard's own tools accept, in both languages, and the same every time."""

from __future__ import annotations

import json
from datetime import timedelta

import orjson
import pytest
import stix2
import stix2.v21
import stix2validator
from stix2.canonicalization.Canonicalize import canonicalize

from hinomi.casebook.patterns import matches
from hinomi.casebook.stix import Member, Note, Story, audience_of, tell, translate
from hinomi.casebook.stix.countermeasures import CATALOGUE, countermeasures
from hinomi.casebook.stix.envelope import Told
from hinomi.casebook.stix.indicators import pattern
from hinomi.casebook.stix.observables import address, observable, traffic
from hinomi.casebook.stix.techniques import NAMES, technique
from hinomi.casebook.validity import Invalid, check, is_valid
from hinomi.schema.findings import Finding, Indicator
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, IndicatorType, Severity, Text
from tests.casebook.stories import DAY, finding, infected, scanner, worm

MEMBER = Member("minato", "Minato Port", "みなと港", "port", DAY - timedelta(days=300))
VALUES = {
    "ipv6": "2001:db8::1",
    "cidr": "203.0.113.0/24",
    "domain": "bad.example",
    "url": "http://bad.example/a'b",
    "email": "x@bad.example",
    "sha256": "a" * 64,
    "md5": "b" * 32,
    "asn": "AS64500",
    "filename": "悪.exe",
    "mutex": "Global\\x'y",
    "registry-key": "HKLM\\Run\\x",
    "cve": "CVE-2026-1",
    "wallet": "bc1q",
    "port": "udp/53",
}
CASES = {
    "victim": (finding(),),
    "infected member": (infected(), infected(at=1)),
    "worm": (worm(), worm(at=1)),
    "scanners": (scanner("203.0.113.1", severity=Severity.MEDIUM, tool="masscan"), scanner("2001:db8::9", tool="masscan")),
    "every kind of value": (
        finding(indicators=tuple(Indicator(IndicatorType(kind), value) for kind, value in VALUES.items())),
    ),
}


def story(
    findings: tuple[Finding, ...], *, exercise: bool = False, tlp: Tlp = Tlp.AMBER_STRICT, owner: str = "minato"
) -> Story:
    return Story(
        id="incident--6a2b6cb2-53ba-5c15-9f8a-0a3b8a3c7c11",
        title=Text("Something happened", "何かが起きました"),
        status=CaseStatus.CONFIRMED,
        confirmed=True,
        severity=Severity.HIGH,
        owner="minato",
        tlp=Tlp.AMBER_STRICT,
        exercise=exercise,
        created=DAY,
        first=DAY,
        last=DAY + timedelta(hours=2),
        findings=findings,
        members=(MEMBER,),
        notes=(Note("1", DAY, "ルータを交換しました"),),
    )


def everything(told: Story) -> list[Told]:
    base = tell(told)
    versions = {one.object["id"]: one.object.get("modified", "") for one in base}
    return [*base, *translate(base, versions, told)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("exercise", [False, True])
def test_the_standards_own_validator_and_library_accept_every_object(name: str, exercise: bool) -> None:
    objects = [one.object for one in everything(story(CASES[name], exercise=exercise))]
    bundle = {"type": "bundle", "id": "bundle--6a2b6cb2-53ba-4c15-9f8a-0a3b8a3c7c11", "objects": objects}
    options = stix2validator.ValidationOptions(version="2.1")
    judged = stix2validator.validate_string(json.dumps(bundle), options)
    assert judged.is_valid, [str(error) for error in judged.errors]
    for one in objects:
        check(one)
        stix2.parse(one, allow_custom=one["type"] in ("incident", "marking-definition"))


@pytest.mark.parametrize("name", CASES)
def test_whatever_is_referred_to_is_there(name: str) -> None:
    objects = [one.object for one in everything(story(CASES[name]))]
    ids = {one["id"] for one in objects}
    for one in objects:
        for key, value in one.items():
            if key.endswith("_ref"):
                assert value in ids, (one["id"], key)
            elif key.endswith("_refs"):
                assert set(value) <= ids, (one["id"], key)
    assert len(ids) == len(objects)


@pytest.mark.parametrize("name", CASES)
def test_the_same_case_gives_the_same_bytes_whatever_order_its_findings_came_in(name: str) -> None:
    told = [orjson.dumps(one.object) for one in everything(story(CASES[name]))]
    assert told == [orjson.dumps(one.object) for one in everything(story(tuple(reversed(CASES[name]))))]


def test_a_case_has_counter_measures_a_grouping_and_japanese() -> None:
    told = everything(story(CASES["infected member"]))
    kinds = [one.object["type"] for one in told]
    assert kinds.count("incident") == kinds.count("grouping") == 1
    assert "course-of-action" in kinds
    spoken = {one.object["object_ref"].partition("--")[0] for one in told if one.object["type"] == "language-content"}
    assert {"incident", "grouping", "indicator", "course-of-action", "identity"} <= spoken
    incident = next(one.object for one in told if one.object["type"] == "incident")
    core = incident["extensions"]["extension-definition--ef765651-680c-498d-9894-99799f2fa126"]
    assert core == {
        "extension_type": "property-extension",
        "determination": "confirmed",
        "investigation_status": "open",
        "criticality": 75,
        "detection_methods": ["automated-tool"],
        "incident_types": ["infected-by-known-malware"],
    }


def test_the_catalogue_of_help_is_in_both_languages() -> None:
    for one in CATALOGUE.values():
        assert one.name.en
        assert one.name.ja
        assert len(one.steps.en) > 80
        assert one.steps.ja


def test_help_fits_what_was_found_and_is_never_nothing() -> None:
    victim = finding(detector="member-in-darknet", measures={"relation": "victim"})
    assert [one.key for one in countermeasures([victim])] == ["withstand-denial-of-service"]
    assert [one.key for one in countermeasures([infected()])] == ["isolate-and-clean"]
    assert [one.key for one in countermeasures([finding(detector="somebody-elses")])] == ["look-closer"]
    assert len(countermeasures([])) == 1


def test_every_technique_has_a_name_of_its_own() -> None:
    told = [technique(attack, exercise=False).object["name"] for attack in NAMES]
    assert len(set(told)) == len(told)
    assert technique("T1584.005", exercise=False).object["name"] == "Compromise Infrastructure: Botnet"


def test_help_is_told_in_the_order_of_detectors_each_once() -> None:
    found = [scanner("203.0.113.1"), infected(), scanner("203.0.113.2"), finding(), finding(detector="somebody-elses")]
    keys = ["withstand-denial-of-service", "isolate-and-clean", "look-closer", "limit-scanners"]
    assert [one.key for one in countermeasures(found)] == keys


@pytest.mark.parametrize(
    "blameless",
    [finding(), finding(detector="member-in-darknet", measures={"relation": "spoofed"}, attack=("T1595",))],
    ids=["victim of a flood", "forged address"],
)
def test_nobody_is_told_to_look_for_the_one_who_did_nothing(blameless: Finding) -> None:
    objects = [one.object for one in everything(story((blameless,)))]
    assert not [one for one in objects if one["type"] in ("indicator", "sighting")]
    assert [one["value"] for one in objects if one["type"] == "ipv4-addr"] == ["198.51.100.7"]


def test_a_victim_that_attacks_too_is_looked_for() -> None:
    objects = [one.object for one in everything(story((finding("198.51.100.77"), infected("198.51.100.77"))))]
    assert "[ipv4-addr:value = '198.51.100.77']" in [one["pattern"] for one in objects if one["type"] == "indicator"]


def test_exercise_objects_say_so_and_have_no_audience() -> None:
    for one in everything(story(CASES["worm"], exercise=True)):
        if "modified" in one.object:
            assert one.object["labels"] == ["exercise"]
        assert audience_of(one.owner, one.tlp, True) == ""


def test_a_darknet_address_is_in_no_object() -> None:
    told = everything(story((finding(),)))
    traffics = [one.object for one in told if one.object["type"] == "network-traffic"]
    assert all("dst_ref" not in one for one in traffics)


def test_observables_have_the_ids_of_the_standard() -> None:
    source = address("198.51.100.7", Tlp.GREEN)
    assert source["id"] == stix2.v21.IPv4Address(value="198.51.100.7").id
    assert address("2001:db8::1", Tlp.RED)["id"] == stix2.v21.IPv6Address(value="2001:db8::1").id
    made = traffic(source, "tcp", 23, Tlp.GREEN)
    theirs = stix2.v21.NetworkTraffic(src_ref=source["id"], dst_port=23, protocols=["ipv4", "tcp"])
    assert made["id"] == theirs.id
    name = "例え.example"
    assert observable("domain-name", Tlp.GREEN, value=name)["id"] == stix2.v21.DomainName(value=name).id


@pytest.mark.parametrize("value", ["plain", "日本語 'q' \\ \" \u0001\n", "é"])
def test_our_canonical_json_is_that_of_rfc_8785(value: str) -> None:
    ours = orjson.dumps({"value": value, "b": 5, "a": ["x"]}, option=orjson.OPT_SORT_KEYS).decode()
    assert ours == canonicalize({"value": value, "b": 5, "a": ["x"]}, utf8=False)


@pytest.mark.parametrize("tlp", list(Tlp))
def test_only_the_narrow_colours_depend_on_whose_it_is(tlp: Tlp) -> None:
    ours, theirs = audience_of("minato", tlp, False), audience_of("umi", tlp, False)
    assert (ours == theirs) is (tlp <= Tlp.GREEN)
    assert ours.startswith(tlp.label)


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ({"type": "indicator"}, "spec_version"),
        ({"type": "nonsense", "id": "nonsense--1"}, "not one of STIX"),
        ({}, "not one of STIX"),
        ({"type": "url", "spec_version": "2.1", "id": "url--ed17d4ec-3f5e-5ff3-ac43-8b45180d18db", "value": "no url"}, "uri"),
        ({"type": ["indicator"]}, "not one of STIX"),
    ],
)
def test_what_is_not_stix_is_refused_with_the_place(broken: dict[str, object], where: str) -> None:
    assert not is_valid(broken)
    with pytest.raises(Invalid, match=where):
        check(broken)


def test_a_wrong_pattern_is_refused() -> None:
    indicator = next(one.object for one in everything(story(CASES["worm"])) if one.object["type"] == "indicator")
    with pytest.raises(Invalid, match="/pattern"):
        check(indicator | {"pattern": "[ipv4-addr:value = "})


@pytest.mark.parametrize("one", CASES["every kind of value"][0].indicators, ids=lambda one: one.type.value)
def test_what_a_pattern_looks_for_is_found_again_in_it(one: Indicator) -> None:
    written = pattern(one)
    if written is None:
        assert one.type in (IndicatorType.CVE, IndicatorType.WALLET)
        return
    found = matches(written)
    if one.type is IndicatorType.PORT:
        assert [(match.path, match.value) for match in found] == [
            ("network-traffic:dst_port", "53"),
            ("network-traffic:protocols[*]", "udp"),
        ]
    else:
        assert [(match.type, match.value) for match in found] == [(one.type.value, one.value.removeprefix("AS"))]


def test_prefixes_sets_and_case_in_foreign_patterns() -> None:
    found = matches("[ipv4-addr:value ISSUBSET '203.0.113.0/24' OR domain-name:value IN ('Bad.Example', 'a,b\\'c')]")
    assert [(one.type, one.value) for one in found] == [
        ("cidr", "203.0.113.0/24"),
        ("domain", "bad.example"),
        ("domain", "a,b'c"),
    ]
    assert found[0].first is not None
    assert found[0].last is not None
    assert matches("[file:size > 5]") == []
    assert matches("[ipv4-addr:value != '203.0.113.1']") == []
