"""What the pages ask of the casebook and the members: one name per question, each served by an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db.models import CharField, Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Cast, Substr

from hinomi.casebook.models import Case, CaseEvent, Finding, FindingCount, FindingOrganisation, Outcome, StixObject
from hinomi.casebook.shapes import case_shape, read_finding
from hinomi.casebook.stix.envelope import identify
from hinomi.members.models import Contact, Network, Organisation
from hinomi.schema.findings import Finding as Whole
from hinomi.schema.findings import Window
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Severity, Text, Verdict

LONGEST = timedelta(days=1)  # no detector's window is longer
LOOKED = (Verdict.FOUND.value, Verdict.CLEAN.value)


@dataclass(frozen=True)
class Row:
    """A finding as a line of a table."""

    id: str
    detector: str
    subject_kind: str
    subject: str
    start: datetime
    end: datetime
    first: datetime | None
    last: datetime | None
    severity: int
    confidence: int
    title: Text
    exercise: bool


@dataclass(frozen=True)
class Level:
    """The threat level of one sector: its members, the worst severity that concerns them, and how many findings do."""

    members: int
    severity: int | None
    findings: int


COLUMNS = (
    *("id", "detector", "subject_kind", "subject_value", "window_start", "window_end", "first", "last"),
    *("severity", "confidence", "title_en", "title_ja", "exercise"),
)


def rows(found: QuerySet[Finding]) -> list[Row]:
    """Findings as lines; read as tuples, because a page reads hundreds to show fifty."""
    return [_row(dict(zip(COLUMNS, values, strict=True))) for values in found.values_list(*COLUMNS)]


def _row(one: dict[str, Any]) -> Row:
    return Row(
        id=one["id"],
        detector=one["detector"],
        subject_kind=one["subject_kind"],
        subject=one["subject_value"],
        start=one["window_start"],
        end=one["window_end"],
        first=one["first"],
        last=one["last"],
        severity=one["severity"],
        confidence=one["confidence"],
        title=Text(one["title_en"], one["title_ja"]),
        exercise=one["exercise"],
    )


def newest(exercise: bool) -> datetime | None:
    """The end of the last window that was looked at with success."""
    last = (
        Outcome.objects.filter(exercise=exercise, verdict__in=LOOKED)
        .order_by("-window_start")
        .values_list("window_end")
        .first()
    )
    return last[0] if last else None


def oldest(exercise: bool) -> datetime | None:
    """The start of the first window that was looked at with success."""
    first = (
        Outcome.objects.filter(exercise=exercise, verdict__in=LOOKED)
        .order_by("window_start")
        .values_list("window_start")
        .first()
    )
    return first[0] if first else None


def looked(window: Window, exercise: bool) -> bool:
    """Whether any detector looked at any part of a window."""
    found = Outcome.objects.filter(exercise=exercise, window_start__gte=window.start - LONGEST, window_start__lt=window.end)
    return found.filter(window_end__gt=window.start, verdict__in=LOOKED).exists()


def watching(names: Sequence[str], exercise: bool) -> set[str]:
    """Which of these detectors have ever looked."""
    return {name for name in names if Outcome.objects.filter(exercise=exercise, detector=name, verdict__in=LOOKED).exists()}


def worst(window: Window, exercise: bool, organisation: str | None, limit: int) -> list[Row]:
    """The most severe findings of a window, the newest first; severity by severity, so that an index serves each."""
    found: list[Row] = []
    for severity in reversed(Severity):
        found += rows(_of(window, exercise, organisation, int(severity))[: limit - len(found)])
        if len(found) >= limit or severity <= Severity.LOW:
            break
    return found


def _of(window: Window, exercise: bool, organisation: str | None, severity: int) -> QuerySet[Finding]:
    span = {"severity": severity, "window_start__gt": window.start - LONGEST, "window_start__lt": window.end}
    if organisation is None:
        return Finding.objects.filter(exercise=exercise, **span).order_by("-window_start", "-id")
    own = FindingOrganisation.objects.filter(organisation=organisation, exercise=exercise, **span)
    ids = list(own.order_by("-window_start", "-finding").values_list("finding", flat=True)[:100])
    return Finding.objects.filter(pk__in=ids).order_by("-window_start", "-id")


def concern(window: Window, exercise: bool, organisation: str | None) -> list[tuple[str, int, int]]:
    """Which members the findings of a window concern: id, worst severity, how many."""
    ids = [organisation] if organisation is not None else list(_organisations(exercise).values_list("id", flat=True))
    return _levels(ids, window, exercise)


def sector_levels(seen: Sequence[tuple[str, int, int]], exercise: bool) -> Mapping[str, Level]:
    """The threat level of every sector that has members, from which of them were seen."""
    sectors = dict(_organisations(exercise).values_list("id", "sector"))
    counts = Counter(sectors.values())
    worst_of: dict[str, int] = {}
    sums: Counter[str] = Counter()
    for organisation, severity, count in seen:
        if sector := sectors.get(organisation):
            worst_of[sector] = max(severity, worst_of.get(sector, 0))
            sums[sector] += count
    return {sector: Level(members, worst_of.get(sector), sums[sector]) for sector, members in counts.items()}


def _organisations(exercise: bool) -> QuerySet[Organisation]:
    return Organisation.objects.filter(exercise=exercise, left=None).order_by()


def _levels(organisations: Sequence[str], window: Window, exercise: bool) -> list[tuple[str, int, int]]:
    span = {"hour__gte": window.start, "hour__lt": window.end}
    counts = FindingCount.objects.filter(exercise=exercise, organisation__in=organisations, severity__gte=Severity.LOW, **span)
    return list(counts.values_list("organisation").annotate(Max("severity"), Sum("count")))


def finding(name: str, organisation: str | None) -> Whole | None:
    """The whole finding of an id, None when there is none or when it does not concern the organisation that asks."""
    found = Finding.objects.filter(pk=name)
    if organisation is not None:
        found = found.filter(concerned__organisation=organisation)
    one = found.first()
    return read_finding(one.body) if one else None


def history(detector: str, kind: str, subject: str, exercise: bool, around: datetime, most: int = 120) -> list[Whole]:
    """What a detector found of one subject before and up to a time, at most so many windows, the oldest first."""
    found = Finding.objects.filter(
        subject_value=subject, subject_kind=kind, window_start__lte=around, detector=detector, exercise=exercise
    )
    return [read_finding(one.body) for one in found.order_by("-window_start")[:most]][::-1]


def about_subject(kind: str, subject: str, exercise: bool, most: int = 8) -> list[Row]:
    """The newest findings of any detector about one subject."""
    found = Finding.objects.filter(subject_value=subject, subject_kind=kind, exercise=exercise)
    return rows(found.order_by("-window_start")[:most])


def organisations(names: Sequence[str]) -> list[Organisation]:
    """The organisations of these ids, by name."""
    return list(Organisation.objects.filter(pk__in=names))


def cases_of(finding: str) -> list[Case]:
    """The cases that a finding is part of."""
    return list(Case.objects.filter(parts__finding=finding).order_by("-modified"))


def readable(organisation: str) -> Q:
    """The cases an organisation may read: its own, and what is marked for all members; the wall of `share.policy`."""
    return Q(owner=organisation, exercise=False) | Q(tlp__lte=Tlp.GREEN, exercise=False)


def case(name: str, organisation: str | None) -> Case | None:
    """The case of an id, None when there is none or when it is not the asking organisation's to see."""
    found = Case.objects.filter(pk=name)
    if organisation is not None:
        found = found.filter(readable(organisation))
    return found.first()


def case_counts(exercise: bool, organisation: str | None) -> dict[str, int]:
    """How many cases are in each state."""
    found = Case.objects.filter(exercise=exercise)
    if organisation is not None:
        found = found.filter(readable(organisation))
    return dict(found.order_by().values_list("status").annotate(Count("id")))


def events(case: Case) -> list[CaseEvent]:
    """The time line of a case, the oldest line first."""
    return list(case.events.order_by("at", "id"))


def findings_of(case: Case, organisation: str | None, most: int) -> list[Row]:
    """The findings of a case that the reader may see, the oldest first."""
    found = Finding.objects.filter(cases__case=case)
    if organisation is not None:
        found = found.filter(concerned__organisation=organisation)
    return rows(found.order_by("window_start", "id")[:most])


def concerned(case: Case) -> list[Organisation]:
    """The members that a case concerns."""
    return organisations(list(case.concerned.values_list("organisation", flat=True)))


def objects_of(case: Case) -> list[dict[str, Any]]:
    """The current STIX objects that a case refers to, the case itself first."""
    ids = [case.id, *case.refers.values_list("stix_id", flat=True)]
    rows = StixObject.objects.filter(stix_id__in=ids, current=True, exercise=case.exercise).order_by("type", "seq")
    found: dict[str, dict[str, Any]] = {one.stix_id: orjson.loads(one.content) for one in rows}
    return sorted(found.values(), key=lambda one: (one["type"] != "incident", one["type"], one["id"]))


def in_japanese(objects: Sequence[dict[str, Any]], exercise: bool) -> list[dict[str, Any]]:
    """The same objects with their Japanese words (STIX 2.1 §7.1), where they have any."""
    ids = {identify("language-content", one["id"], "ja"): one["id"] for one in objects}
    rows = StixObject.objects.filter(stix_id__in=ids, current=True, exercise=exercise).values_list("stix_id", "content")
    words: dict[str, dict[str, Any]] = {ids[name]: orjson.loads(content)["contents"]["ja"] for name, content in rows}
    return [one | words.get(one["id"], {}) for one in objects]


def case_plain(case: Case) -> dict[str, Any]:
    """A case under the keys of the contract."""
    return case_shape({field.name: getattr(case, field.name) for field in Case._meta.concrete_fields})


@dataclass(frozen=True)
class Member:
    """An organisation as a line of the members' table."""

    id: str
    name: str
    name_ja: str
    sector: str
    country: str
    networks: int
    dark: int
    contacts: int


def members(exercise: bool, organisation: str | None) -> list[Member]:
    """The organisations that belong now, by name; one organisation sees itself."""
    found = _organisations(exercise).order_by("name")
    if organisation is not None:
        found = found.filter(pk=organisation)
    counts = dict(
        Network.objects.filter(organisation__exercise=exercise, valid_until=None)
        .order_by()
        .values_list("organisation")
        .annotate(Count("id"))
    )
    dark = dict(
        Network.objects.filter(organisation__exercise=exercise, dark=True)
        .order_by()
        .values_list("organisation")
        .annotate(Count("id"))
    )
    contacts = dict(
        Contact.objects.filter(organisation__exercise=exercise).order_by().values_list("organisation").annotate(Count("id"))
    )
    return [
        Member(
            one.id,
            one.name,
            one.name_ja,
            one.sector,
            one.country,
            counts.get(one.id, 0),
            dark.get(one.id, 0),
            contacts.get(one.id, 0),
        )
        for one in found
    ]


def member(name: str) -> Organisation | None:
    return Organisation.objects.filter(pk=name).prefetch_related("networks", "contacts").first()


def last_look(detector: str, exercise: bool) -> tuple[Outcome | None, int]:
    """The last look of a detector, and how many of its last hundred could not be made."""
    recent = list(Outcome.objects.filter(exercise=exercise, detector=detector).order_by("-window_start", "-window_end")[:100])
    return (recent[0] if recent else None), sum(one.verdict == Verdict.FAILED for one in recent)


def telescope_countries(exercise: bool) -> list[str]:
    """The countries in which telescopes stand; where exactly is nobody's to know."""
    held = Network.objects.filter(dark=True, organisation__exercise=exercise)
    return sorted(set(held.values_list("organisation__country", flat=True)))


def sums(window: Window, exercise: bool, organisation: str | None) -> dict[str, int]:
    """How many findings at or above "low" each detector had in a window; added up by the database."""
    counts = FindingCount.objects.filter(
        exercise=exercise,
        organisation=organisation or "",
        hour__gte=window.start,
        hour__lt=window.end,
        severity__gte=Severity.LOW,
    )
    return dict(counts.order_by().values_list("detector").annotate(Sum("count")))


def by_time(window: Window, exercise: bool, organisation: str | None, *, days: bool) -> list[tuple[str, datetime, int]]:
    """How many findings each detector had in each hour, or each day, of a window; grouped by the text of the time.

    A time's text begins with its day and hour in SQLite and in PostgreSQL alike (both speak UTC here), and cutting text
    is what both do fastest.
    """
    counts = FindingCount.objects.filter(
        exercise=exercise, organisation=organisation or "", hour__gte=window.start, hour__lt=window.end
    )
    cut = counts.annotate(cut=Substr(Cast("hour", CharField()), 1, 10 if days else 13)).order_by()
    grouped = cut.values_list("detector", "cut").annotate(Sum("count"))
    return [(detector, _moment(text), count) for detector, text, count in grouped]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text if len(text) == 10 else f"{text}:00").replace(tzinfo=UTC)


def looks(window: Window, exercise: bool, *, days: bool) -> list[tuple[str, datetime, datetime]]:
    """Which detector looked with success at which span, for the looks that touch a window; or only on which days."""
    found = Outcome.objects.filter(exercise=exercise, window_start__gte=window.start - LONGEST, window_start__lt=window.end)
    answered = found.filter(verdict__in=LOOKED).order_by()
    if not days:
        return list(answered.values_list("detector", "window_start", "window_end"))
    cut = answered.annotate(cut=Substr(Cast("window_start", CharField()), 1, 10)).values_list("detector", "cut").distinct()
    return [(detector, _moment(text), _moment(text) + LONGEST) for detector, text in cut]
