"""What pages, the API and the command line ask of findings: one name per question, each served by an index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson

from hinomi.casebook import cursor
from hinomi.casebook.case_queries import CasePage, case, case_page, cases
from hinomi.casebook.cursor import Place
from hinomi.casebook.findings import LONGEST
from hinomi.casebook.models import Finding, FindingCount, FindingOrganisation, Outcome
from hinomi.casebook.shapes import Shape, read_finding
from hinomi.schema.findings import Finding as Whole
from hinomi.schema.findings import Window
from hinomi.schema.words import Severity, Text, Verdict


@dataclass(frozen=True)
class Wanted:
    """Which findings: of an exercise or real, at least so severe, of one detector, organisation or time."""

    exercise: bool = False
    least: Severity = Severity.INFO
    detector: str | None = None
    organisation: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def severities(self) -> tuple[Severity, ...]:
        return tuple(one for one in Severity if one >= self.least)


@dataclass(frozen=True)
class FindingPage:
    """Some findings, newest first, and the cursor of those that follow ("" when there are none)."""

    items: tuple[Shape, ...]
    after: str


def finding_page(wanted: Wanted, after: str = "", limit: int = 50) -> FindingPage:
    """The next findings after a cursor.

    Each severity is asked for by itself and the answers are merged: so every question walks one index from where the
    last page ended, whatever is filtered, and never sorts (1 M findings: milliseconds).
    """
    place = cursor.read(after)
    keys = sorted((key for severity in wanted.severities for key in _keys(wanted, severity, place, limit + 1)), reverse=True)
    here = keys[:limit]
    bodies = dict(Finding.objects.filter(id__in=[id_ for _, id_ in here]).values_list("id", "body"))
    items = tuple(orjson.loads(bodies[id_]) for _, id_ in here if id_ in bodies)
    return FindingPage(items, cursor.write(here[-1]) if len(keys) > limit else "")


def findings(
    *, exercise: bool = False, least: Severity = Severity.INFO, detector: str | None = None, organisation: str | None = None
) -> Iterator[Shape]:
    """All findings, newest first, in the shape of `hinomi findings --json`; read in pages, so memory does not grow."""
    wanted, after = Wanted(exercise, least, detector, organisation), ""
    while True:
        page = finding_page(wanted, after, 500)
        yield from page.items
        after = page.after
        if not after:
            return


def _keys(wanted: Wanted, severity: Severity, place: Place | None, limit: int) -> list[Place]:
    """Where to go on for one severity: the beginnings and ids of its next findings."""
    if wanted.organisation is None:
        found, id_ = Finding.objects.filter(exercise=wanted.exercise, severity=severity), "id"
    else:
        own = FindingOrganisation.objects.filter(organisation=wanted.organisation)
        found, id_ = own.filter(exercise=wanted.exercise, severity=severity), "finding_id"  # type: ignore[assignment]  # both have the columns asked for here
    if wanted.detector is not None:
        found = found.filter(detector=wanted.detector)
    if wanted.since is not None:
        found = found.filter(window_start__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(window_start__lt=wanted.until)
    if place is not None:
        found = found.filter(window_start__lte=place[0]).exclude(**{"window_start": place[0], f"{id_}__gte": place[1]})
    return list(found.order_by("-window_start", f"-{id_}").values_list("window_start", id_)[:limit])


def finding(id_: str) -> Shape | None:
    """One whole finding; None when there is none."""
    body = Finding.objects.filter(id=id_).values_list("body", flat=True).first()
    return orjson.loads(body) if body else None


def heard(window: Window, exercise: bool = False) -> Iterator[Whole]:
    """The whole findings whose window meets a time, oldest first."""
    found = Finding.objects.filter(
        exercise=exercise,
        severity__in=list(Severity),
        window_start__gte=window.start - LONGEST,
        window_start__lt=window.end,
        window_end__gt=window.start,
    )
    for body in found.order_by("window_start", "id").values_list("body", flat=True).iterator():
        yield read_finding(body)


def about(kind: str, value: str, *, exercise: bool = False, limit: int = 100) -> list[Shape]:
    """The newest findings about one subject."""
    found = Finding.objects.filter(subject_value=value, subject_kind=kind, exercise=exercise)
    return [orjson.loads(body) for body in found.order_by("-window_start").values_list("body", flat=True)[:limit]]


class Hour(NamedTuple):
    """How many findings of a detector and severity began in an hour."""

    hour: datetime
    detector: str
    severity: Severity
    findings: int


def hourly(window: Window, *, exercise: bool = False, organisation: str | None = None) -> list[Hour]:
    """The counts of the heat strip, for all or for one organisation."""
    counts = FindingCount.objects.filter(
        exercise=exercise, organisation=organisation or "", hour__gte=window.start, hour__lt=window.end
    ).order_by("hour", "detector", "severity")
    level = tuple(Severity)
    rows = counts.values_list("hour", "detector", "severity", "count")
    return [Hour(hour, detector, level[severity], count) for hour, detector, severity, count in rows]


@dataclass(frozen=True)
class Look:
    """How one look ended."""

    detector: str
    window: Window
    verdict: Verdict
    reason: Text
    findings: int
    rows: int
    seconds: float
    at: datetime


def looks(window: Window, *, exercise: bool = False, only: tuple[Verdict, ...] = tuple(Verdict)) -> list[Look]:
    """The last look of every detector at every window that meets a time; `only` failed ones, say."""
    rows = Outcome.objects.filter(
        exercise=exercise,
        window_start__gte=window.start - LONGEST,
        window_start__lt=window.end,
        window_end__gt=window.start,
        verdict__in=[one.value for one in only],
    ).order_by("detector", "window_start")
    return [
        Look(
            row.detector,
            Window(row.window_start, row.window_end),
            Verdict(row.verdict),
            Text(row.reason_en, row.reason_ja),
            row.findings,
            row.rows,
            row.seconds,
            row.looked_at,
        )
        for row in rows
    ]


def rows_seen(exercise: bool = False) -> dict[tuple[str, datetime], int]:
    """How many events each look at each window saw: what the watch compares with the lake to find late rows."""
    answered = Outcome.objects.filter(exercise=exercise).exclude(verdict=Verdict.FAILED.value)
    return {(detector, start): rows for detector, start, rows in answered.values_list("detector", "window_start", "rows")}


__all__ = [
    "CasePage",
    "FindingPage",
    "Hour",
    "Look",
    "Wanted",
    "about",
    "case",
    "case_page",
    "cases",
    "finding",
    "finding_page",
    "findings",
    "heard",
    "hourly",
    "looks",
    "rows_seen",
]
