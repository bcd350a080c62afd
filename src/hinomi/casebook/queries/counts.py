"""How many findings there are, from the counts kept beside them: by the day for whole days, else by the hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count as Amount
from django.db.models import F, QuerySet, Sum

from hinomi.casebook.audience import concerned_among
from hinomi.casebook.models import FindingCount, FindingDay
from hinomi.casebook.queries.findings import MOST_ABOUT, Wanted, line_page, listed
from hinomi.schema.findings import Window
from hinomi.schema.release import Reader
from hinomi.schema.words import Severity

EVERYBODY = ("",)  # under this name all findings are counted; one that concerns two members counts for each of them, too


class Count(NamedTuple):
    """How many findings a detector had in the hour, or the day, that begins at a time."""

    detector: str
    start: datetime
    findings: int


class Concern(NamedTuple):
    """What the findings of a window say of one organisation: of which detector, how severe, how many."""

    organisation: str
    detector: str
    severity: Severity
    findings: int


def tally(wanted: Wanted) -> dict[str, int]:
    """How many findings `line_page` lists of each detector, from its first page to its last."""
    if wanted.subject:
        return dict(Counter(row.detector for row in line_page(wanted, limit=MOST_ABOUT).items))
    whose = concerned_among(wanted.reader, wanted.among)
    if wanted.since is None or wanted.until is None or len(whose) > 1 or not _is_days(Window(wanted.since, wanted.until)):
        return _one_by_one(wanted, whose)  # an hour of a day, or what concerns two of them and is listed once
    counts = _days(Window(wanted.since, wanted.until), wanted.exercise)
    counts = counts.filter(organisation__in=whose or EVERYBODY, severity__gte=wanted.least)
    if wanted.detectors:
        counts = counts.filter(detector__in=wanted.detectors)
    return dict(counts.order_by().values_list("detector").annotate(Sum("count")))


def _one_by_one(wanted: Wanted, whose: Sequence[str]) -> dict[str, int]:
    found, id_ = listed(wanted, whose)
    return dict(found.order_by().values_list("detector").annotate(Amount(id_, distinct=True)))


def by_time(
    window: Window,
    reader: Reader,
    among: Sequence[str] = (),
    *,
    exercise: bool,
    days: bool,
    least: Severity = Severity.INFO,
) -> list[Count]:
    """The counts of the heat strip, every hour or every day that has any."""
    counts = _days(window, exercise) if days else _hours(window, exercise)
    own = counts.filter(organisation__in=concerned_among(reader, among) or EVERYBODY, severity__gte=least).order_by()
    return [Count(*row) for row in own.values_list("detector", "start").annotate(Sum("count"))]


def sums(window: Window, reader: Reader, among: Sequence[str] = (), *, exercise: bool) -> dict[str, int]:
    """How many findings at or above "low" each detector had in a window; added up by the database."""
    whose = concerned_among(reader, among) or EVERYBODY
    counts = _counts(window, exercise).filter(organisation__in=whose, severity__gte=Severity.LOW)
    return dict(counts.order_by().values_list("detector").annotate(Sum("count")))


def concerns(organisations: Sequence[str], window: Window, *, exercise: bool) -> list[Concern]:
    """What was seen of organisations in a window, at or above "low"."""
    counts = _counts(window, exercise).filter(organisation__in=organisations, severity__gte=Severity.LOW).order_by()
    rows = counts.values_list("organisation", "detector", "severity").annotate(Sum("count"))
    return [Concern(organisation, detector, Severity(severity), count) for organisation, detector, severity, count in rows]


def _counts(window: Window, exercise: bool) -> QuerySet[Any]:
    """By the day where the window is made of whole days: twenty-four times less to add up."""
    return _days(window, exercise) if _is_days(window) else _hours(window, exercise)


def _is_days(window: Window) -> bool:
    return all((edge.hour, edge.minute, edge.second, edge.microsecond) == (0, 0, 0, 0) for edge in window)


def _hours(window: Window, exercise: bool) -> QuerySet[Any]:
    found = FindingCount.objects.filter(exercise=exercise, hour__gte=window.start, hour__lt=window.end)
    return found.annotate(start=F("hour"))


def _days(window: Window, exercise: bool) -> QuerySet[Any]:
    found = FindingDay.objects.filter(exercise=exercise, day__gte=window.start, day__lt=window.end)
    return found.annotate(start=F("day"))
