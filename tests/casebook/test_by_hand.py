"""A case that a person opens: what was typed is recognised, checked, kept as it is, and told in STIX like any other."""

from __future__ import annotations

import orjson
import pytest
import stix2validator

from hinomi.casebook import actions, queries
from hinomi.casebook.audience import HUB
from hinomi.casebook.draft import Draft, written
from hinomi.casebook.models import Case, CaseEvent
from hinomi.casebook.recognition import recognise, recognised
from hinomi.schema.findings import Indicator, Outcome
from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.scope import Tlp
from hinomi.schema.words import IndicatorType, Severity, Verdict
from tests.casebook.stories import finding, window

RECOGNISED = [
    ("203.0.113.5", "ipv4", "203.0.113.5"),
    (" 203[.]0[.]113[.]5 ", "ipv4", "203.0.113.5"),
    ("２０３．０．１１３．５", "ipv4", "203.0.113.5"),  # full width, as Japanese input methods write it
    ("2001:DB8::0001", "ipv6", "2001:db8::1"),
    ("203.0.113.9/24", "cidr", "203.0.113.0/24"),
    ("203.0.113.9/32", "ipv4", "203.0.113.9"),
    ("evil[.]example", "domain", "evil.example"),
    ("日本語.example", "domain", "xn--wgv71a119e.example"),
    ("hxxps://Evil[.]example/Path?q=1", "url", "https://evil.example/Path?q=1"),
    ("x(at)evil.example", "email", "x@evil.example"),
    ("D41D8CD98F00B204E9800998ECF8427E", "md5", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a" * 40, "sha1", "a" * 40),
    ("b" * 64, "sha256", "b" * 64),
    ("c" * 128, "sha512", "c" * 128),
    ("cve-2026-12345", "cve", "CVE-2026-12345"),
    ("as64500", "asn", "AS64500"),
    ("TCP/23", "port", "tcp/23"),
    ("filename: 請求書.exe", "filename", "請求書.exe"),
    ("registry-key: HKLM\\Run\\x", "registry-key", "HKLM\\Run\\x"),
]


@pytest.mark.parametrize(("typed", "type_", "value"), RECOGNISED)
def test_what_was_typed_is_recognised(typed: str, type_: str, value: str) -> None:
    assert recognise(typed) == Indicator(IndicatorType(type_), value)


@pytest.mark.parametrize(
    "typed", ["hello", "1.2.3", "127.0.0.1", "203.0.113.0/8", "tcp/0", "tcp/70000", "abc123", "x@", "AS0", "filename:", "a b"]
)
def test_what_is_no_indicator_is_refused(typed: str) -> None:
    with pytest.raises(WrongUse):
        recognise(typed)


def test_all_lines_that_fit_nothing_are_named_at_once() -> None:
    with pytest.raises(WrongUse, match=r"2: hello · 4: what: this fits.*5: 127.0.0.1: nobody can be found") as caught:
        recognised("203.0.113.5\nhello\n\nwhat\n127.0.0.1\n")
    assert "種類" in caught.value.told("ja")
    assert recognised("203.0.113.5\n\n203.0.113.5\n") == (Indicator(IndicatorType.IPV4, "203.0.113.5"),)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"title": " "}, "needs a title"),
        ({"title": "x" * 201}, "too many"),
        ({"severity": "awful"}, "severity"),
        ({"tlp": "TLP:PINK"}, "marking"),
        ({"sectors": ["moon"]}, "sector"),
    ],
)
def test_a_draft_that_cannot_stand_says_why(words: dict[str, object], said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        written(**({"title": "x", "severity": "high"} | words))  # type: ignore[arg-type]  # one wrong word at a time


def phished() -> Draft:
    return written(
        title="Phishing against banks",
        severity="high",
        tlp="amber",
        sectors=["finance"],
        description="Reported by telephone.",
        indicators="hxxps://evil[.]example/login\n203.0.113.5",
    )


@pytest.mark.django_db
def test_a_case_is_opened_once_with_its_line_and_its_objects() -> None:
    draft = phished()
    case = actions.open_case(draft, actor="hana")
    assert actions.open_case(draft, actor="hana").id == case.id
    assert Case.objects.count() == 1
    whole = queries.case(case.id, HUB)
    assert (whole["status"], whole["severity"], whole["tlp"], whole["sectors"]) == (
        "proposed",
        "high",
        "TLP:AMBER",
        ["finance"],
    )
    assert whole["description"] == "Reported by telephone."
    assert [(one["actor"], one["kind"]) for one in whole["timeline"]] == [("hana", "opened")]
    kinds = [one["type"] for one in whole["objects"]]
    assert kinds.count("indicator") == 2
    assert {"incident", "grouping", "course-of-action"} <= set(kinds)
    assert "language-content" not in {one["type"] for one in whole["objects"] if one.get("object_ref") == case.id}
    incident = next(one for one in whole["objects"] if one["type"] == "incident")
    (core,) = incident["extensions"].values()
    assert core["detection_methods"] == ["human-review"]
    bundle = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": whole["objects"]}
    result = stix2validator.validate_instance(orjson.loads(orjson.dumps(bundle)))
    assert result.is_valid, result.errors


@pytest.mark.django_db
def test_findings_that_are_attached_add_to_it_and_never_take_its_words() -> None:
    seen = finding("198.51.100.9", detector="telescope-scan", severity=Severity.LOW, attack=("T1595",), organisations=())
    actions.record([Outcome("telescope-scan", window(), Verdict.FOUND, (seen,))])
    case = actions.open_case(written(title="Mine", severity="critical", indicators="tcp/23", findings=[seen.id]), actor="hana")
    case.refresh_from_db()
    assert (case.title_ja, case.severity, case.findings) == ("Mine", Severity.CRITICAL, 1)
    assert [one["value"] for one in case.indicators] == ["tcp/23", "198.51.100.9"]
    actions.record([Outcome("telescope-scan", window(), Verdict.CLEAN)])
    case.refresh_from_db()
    assert (case.status, case.title_en, [one["value"] for one in case.indicators]) == ("proposed", "Mine", ["tcp/23"])


@pytest.mark.django_db
def test_real_and_played_never_mix_and_what_is_not_there_is_named() -> None:
    played = finding(exercise=True)
    actions.record([Outcome("backscatter", window(), Verdict.FOUND, (played,))], exercise=True)
    with pytest.raises(Problem, match="never mix"):
        actions.open_case(written(title="x", severity="low", findings=[played.id]), actor="hana")
    with pytest.raises(Problem, match="no such finding"):
        actions.open_case(written(title="x", severity="low", findings=["finding--nothing"]), actor="hana")
    assert not Case.objects.exists()
    case = actions.open_case(written(title="x", severity="low", findings=[played.id], exercise=True), actor="hana")
    assert case.exercise
    assert CaseEvent.objects.count() == 1


def test_silence_about_the_marking_means_own_organisation_only() -> None:
    assert written(title="x", severity="low").tlp is Tlp.AMBER_STRICT
