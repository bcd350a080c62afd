"""Findings into the casebook, in bulk: a window that is looked at again replaces what it said before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest, TruncHour
from django.utils import timezone

from hinomi.casebook import bulk
from hinomi.casebook.models import Finding as Row
from hinomi.casebook.models import FindingCount, FindingDay, FindingOrganisation
from hinomi.casebook.models import Outcome as OutcomeRow
from hinomi.casebook.shapes import finding_bytes
from hinomi.schema.findings import Finding, Outcome, Window
from hinomi.schema.words import Severity, Verdict

ANSWERS = (Verdict.FOUND, Verdict.CLEAN)  # a look that failed or did not apply takes nothing back
COLUMNS = (
    *("id", "detector", "subject_kind", "subject_value", "window_start", "window_end", "first", "last"),
    *("severity", "confidence", "title_en", "title_ja", "exercise", "body", "seen_at"),
)
CONCERNED = ("finding", "organisation", "exercise", "detector", "severity", "window_start")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = _DAY  # no detector's window is longer: what began this long ago may still be seen
Item = TypeVar("Item")


@dataclass(frozen=True)
class Recorded:
    """What a record changed: every finding said now, the ids of those taken back, and the cases they were part of."""

    findings: tuple[Finding, ...]
    taken_back: tuple[str, ...]
    cases: tuple[str, ...]


@transaction.atomic
def write(outcomes: Iterable[Outcome], *, exercise: bool, now: datetime | None = None) -> Recorded:
    """Write the outcomes of looks and their findings."""
    looks = list(outcomes)
    moment = now or timezone.now()
    said = {finding.id: finding for look in looks if look.verdict in ANSWERS for finding in look.findings}
    if strange := [finding.id for finding in said.values() if finding.exercise is not exercise]:
        raise ValueError(f"{len(strange)} findings are not marked exercise={exercise}: {strange[0]}")
    gone, cases = _take_back(looks, said, exercise)
    _write_findings(said, moment)
    _write_outcomes(looks, exercise, moment)
    for detector, span in _spans(looks).items():
        _count(detector, span, exercise)
    return Recorded(tuple(said.values()), gone, cases)


def _take_back(looks: Sequence[Outcome], said: dict[str, Finding], exercise: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove what the windows looked at said before and do not say now; answers ids and the cases that lose them."""
    gone: list[str] = []
    for look in looks:
        if look.verdict in ANSWERS:
            before = in_window(look.detector, look.window, exercise).values_list("id", flat=True)
            gone += [id_ for id_ in before if id_ not in said]
    cases: set[str] = set()
    for part in _parts(gone):
        cases |= set(Row.objects.filter(id__in=part).values_list("cases__case_id", flat=True))
        Row.objects.filter(id__in=part).delete()
    return tuple(gone), tuple(sorted(case for case in cases if case))


def in_window(detector: str, window: Window, exercise: bool) -> QuerySet[Row]:
    """The findings of a detector that begin in a window; the severities are named so that the index is used."""
    return Row.objects.filter(
        exercise=exercise,
        detector=detector,
        severity__in=list(Severity),
        window_start__gte=window.start,
        window_start__lt=window.end,
    )


def _write_findings(said: Mapping[str, Finding], now: datetime) -> None:
    bulk.insert(Row, COLUMNS, (_row(id_, finding, now) for id_, finding in said.items()), key="id", kept=("seen_at",))
    for ids in _parts(list(said)):
        FindingOrganisation.objects.filter(finding__in=ids).delete()
    bulk.insert(FindingOrganisation, CONCERNED, _concerned(said))


def _row(id_: str, finding: Finding, now: datetime) -> tuple[Any, ...]:
    subject, window = finding.subject, finding.window
    return (
        *(
            id_,
            finding.detector,
            subject.kind.value,
            subject.value[:255],
            window.start,
            window.end,
            finding.first,
            finding.last,
        ),
        *(int(finding.severity), finding.confidence, finding.title.en, finding.title.ja, finding.exercise),
        *(finding_bytes(finding, id_), now),
    )


def _concerned(said: Mapping[str, Finding]) -> Iterator[tuple[Any, ...]]:
    for id_, finding in said.items():
        for organisation in dict.fromkeys(finding.organisations):
            severity, start = int(finding.severity), finding.window.start
            yield id_, organisation, finding.exercise, finding.detector, severity, start


def _write_outcomes(looks: Sequence[Outcome], exercise: bool, now: datetime) -> None:
    rows = {
        (look.detector, look.window): OutcomeRow(
            detector=look.detector,
            window_start=look.window.start,
            window_end=look.window.end,
            exercise=exercise,
            verdict=look.verdict.value,
            reason_en=look.reason.en,
            reason_ja=look.reason.ja,
            findings=len(look.findings),
            rows=look.rows,
            seconds=look.seconds,
            looked_at=now,
        )
        for look in looks
    }
    OutcomeRow.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["exercise", "detector", "window_start", "window_end"],
        update_fields=["verdict", "reason_en", "reason_ja", "findings", "rows", "seconds", "looked_at"],
    )


def _spans(looks: Iterable[Outcome]) -> dict[str, Window]:
    """The whole hours that the looks of each detector touch."""
    by: dict[str, list[Window]] = defaultdict(list)
    for look in looks:
        by[look.detector].append(look.window)
    return {
        detector: Window(_hour(min(one.start for one in windows)), _hour(max(one.end for one in windows)) + _HOUR)
        for detector, windows in by.items()
    }


def _count(detector: str, span: Window, exercise: bool) -> None:
    """Count the hours of a span anew, for all and for each organisation; a finding counts in the hour it was first seen."""
    seen = Greatest(Coalesce("first", "window_start"), "window_start")  # never before its window
    near = in_window(detector, Window(span.start - LONGEST, span.end), exercise).annotate(hour=TruncHour(seen, tzinfo=UTC))
    hours = near.filter(hour__gte=span.start, hour__lt=span.end)
    whole = hours.values_list("severity", "hour").annotate(Count("id"))
    own = hours.filter(concerned__isnull=False).values_list("concerned__organisation", "severity", "hour")
    counted = [
        FindingCount(exercise=exercise, detector=detector, organisation=name, severity=severity, hour=hour, count=count)
        for name, severity, hour, count in [*(("", *row) for row in whole), *own.annotate(Count("id"))]
    ]
    FindingCount.objects.filter(exercise=exercise, detector=detector, hour__gte=span.start, hour__lt=span.end).delete()
    FindingCount.objects.bulk_create(counted)
    day = span.start.replace(hour=0)
    while day < span.end:
        _count_day(detector, day, exercise)
        day += _DAY


def _count_day(detector: str, day: datetime, exercise: bool) -> None:
    """Add up the hours of a day anew."""
    hours = FindingCount.objects.filter(exercise=exercise, detector=detector, hour__gte=day, hour__lt=day + _DAY).order_by()
    summed = [
        FindingDay(exercise=exercise, detector=detector, organisation=name, severity=severity, day=day, count=count)
        for name, severity, count in hours.values_list("organisation", "severity").annotate(Sum("count"))
    ]
    FindingDay.objects.filter(exercise=exercise, detector=detector, day=day).delete()
    FindingDay.objects.bulk_create(summed)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _parts(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
