"""The referee: compares what was found with what was planted, and says for each thing why it stands as it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from hinomi.drill.scenario import Known
from hinomi.drill.truth import Plant, Truth
from hinomi.schema.findings import Finding
from hinomi.schema.words import Severity, Text

LOUD = Severity.MEDIUM  # what is "raised above low"


class Ruling(StrEnum):
    """How one thing stands."""

    FOUND = "found"
    MISSED = "missed"
    QUIET = "quiet"  # harmless, and nobody raised it
    FALSE = "false"  # raised above low, and nothing planted explains it


@dataclass(frozen=True)
class Mark:
    """One line of the score: a planted thing and one detector that should say so, or one false finding."""

    planted: str
    title: Text
    ruling: Ruling
    detector: str
    why: Text
    findings: tuple[str, ...] = ()
    severity: Severity | None = None
    after: timedelta | None = None

    def record(self) -> dict[str, object]:
        return {
            "planted": self.planted,
            "title": self.title._asdict(),
            "verdict": self.ruling.value,
            "detector": self.detector,
            "why": self.why._asdict(),
            "findings": list(self.findings),
            "severity": None if self.severity is None else self.severity.word,
            "seconds_to_detection": None if self.after is None else self.after.total_seconds(),
        }


@dataclass(frozen=True)
class Score:
    """The marks of one exercise; `complete` when nothing was missed and nothing falsely raised."""

    marks: tuple[Mark, ...]

    def count(self, ruling: Ruling) -> int:
        return sum(mark.ruling is ruling for mark in self.marks)

    @property
    def complete(self) -> bool:
        return not self.count(Ruling.MISSED) and not self.count(Ruling.FALSE)

    def records(self) -> Iterator[dict[str, object]]:
        """One JSON object per mark."""
        return (mark.record() for mark in self.marks)

    def rows(self, language: str = "en") -> Iterator[tuple[str, str, str, str]]:
        """The score as a table: planted, verdict, by, why."""
        for mark in self.marks:
            yield mark.planted, mark.ruling.value, mark.detector, mark.why.ja if language == "ja" else mark.why.en


def score(truth: Truth, findings: Iterable[Finding], blind: Mapping[str, Text] | None = None) -> Score:
    """What of the truth was found, what was missed, and what was raised above "low" without being planted.

    `blind` are the detectors that could not look, and why: what they missed was not overlooked.
    """
    heard = sorted(findings, key=lambda one: (one.window.end, one.detector, one.subject))
    marks = [_excused(mark, blind or {}) for plant in truth.plants for mark in _marks(plant, heard)]
    loud = (one for one in heard if one.severity >= LOUD)
    return Score((*marks, *(_false(one) for one in loud if not any(plant.explains(one) for plant in truth.plants))))


def _excused(mark: Mark, blind: Mapping[str, Text]) -> Mark:
    if mark.ruling is not Ruling.MISSED or mark.detector not in blind:
        return mark
    why = Text("could not look: {reason}", "調査できず: {reason}")
    reason = blind[mark.detector]
    return replace(mark, why=Text(why.en.format(reason=reason.en), why.ja.format(reason=reason.ja)))


def _marks(plant: Plant, heard: Sequence[Finding]) -> Iterator[Mark]:
    said = [one for one in heard if plant.explains(one)]
    if plant.ceiling is not None:
        yield _harmless(plant, plant.ceiling, said)
    for least, detectors in ((LOUD, plant.raised_by), (Severity.INFO, plant.found_by)):
        for detector in detectors:
            yield _expected(plant, detector, least, [one for one in said if one.detector == detector])


def _harmless(plant: Plant, ceiling: Severity, said: Sequence[Finding]) -> Mark:
    loud = [one for one in said if one.severity > ceiling and one.subject in plant.subjects]
    if not loud:
        why = Text("harmless, and nobody raised it above {limit}", "無害であり、{limit}を超える検知はなし")
        return Mark(plant.name, plant.title, Ruling.QUIET, "", why.fill(limit=ceiling.word))
    names = ", ".join(sorted({one.detector for one in loud}))
    why = Text("harmless, but {names} raised it above {limit}", "無害だが {names} が{limit}を超えて検知")
    worst = max(one.severity for one in loud)
    return Mark(plant.name, plant.title, Ruling.FALSE, names, why.fill(limit=ceiling.word, names=names), _ids(loud), worst)


def _expected(plant: Plant, detector: str, least: Severity, said: Sequence[Finding]) -> Mark:
    about = [one for one in said if one.subject in plant.subjects]
    loud = [one for one in about if one.severity >= least]
    named = {one.subject for one in loud if _of_member(plant, one) and _understood(plant, one)}
    silent = [subject.value for subject in plant.subjects if subject not in named]
    if silent:
        why = _missing(plant, about, loud, silent)
        return Mark(plant.name, plant.title, Ruling.MISSED, detector, why, _ids(about))
    # A look at the closed window names it for certain; `hinomi watch` looks at the open one, too, and may have been earlier.
    after = max(min(one.window.end for one in loud if one.subject == subject) for subject in named) - plant.window.start
    why = Text("all {count} named, at most {after} after the start", "{count}件すべて検知、遅くとも開始から{after}")
    worst = max(one.severity for one in loud)
    return Mark(
        plant.name, plant.title, Ruling.FOUND, detector, why.fill(count=len(named), after=after), _ids(loud), worst, after
    )


def _missing(plant: Plant, about: Sequence[Finding], loud: Sequence[Finding], silent: Sequence[str]) -> Text:
    names = ", ".join(silent[:3]) + (" …" if len(silent) > 3 else "")
    if not about:
        return Text("no finding names {names}", "{names} の検知なし").fill(names=names)
    if not loud:
        return Text("named, but only at low: {names}", "検知はあるが「低」にとどまる: {names}").fill(names=names)
    if not any(_of_member(plant, one) for one in loud):
        why = Text("{names} named, but not as {owner}'s", "{names} は検知、ただし {owner} と未対応")
        return why.fill(names=names, owner=plant.organisation)
    if mistaken := [one for one in loud if not _understood(plant, one)]:
        known = {one.measure: (mistaken[0].measures.get(one.measure), one.value) for one in _asked(plant, mistaken[0])}
        told = ", ".join(f"{measure} {said}, not {value}" for measure, (said, value) in known.items() if said != value)
        return Text("{names} named, but as {told}", "{names} は検知、ただし判別が誤り: {told}").fill(names=names, told=told)
    return Text("not all of them named: {names} missing", "一部のみ検知: {names} が未検知").fill(names=names)


def _of_member(plant: Plant, finding: Finding) -> bool:
    return not plant.organisation or plant.organisation in finding.organisations


def _understood(plant: Plant, finding: Finding) -> bool:
    return all(finding.measures.get(one.measure) == one.value for one in _asked(plant, finding))


def _asked(plant: Plant, finding: Finding) -> Iterator[Known]:
    return (one for one in plant.known_as if one.detector == finding.detector)


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(one.id for one in findings)


def _false(finding: Finding) -> Mark:
    why = Text("nothing planted explains {value}", "{value} に対応する仕込みなし").fill(value=finding.subject.value)
    return Mark("", finding.title, Ruling.FALSE, finding.detector, why, (finding.id,), finding.severity)
