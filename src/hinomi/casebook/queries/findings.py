"""What is asked of findings: lists page by page, one of them whole, and what else is known of its subject.

Findings are indexed by severity first. A list over several severities takes the beginning of each and merges them, so that
a page costs the same among a thousand rows and among a million, and nothing is ever sorted by the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from django.db.models import Q, QuerySet

from hinomi.casebook import cursor
from hinomi.casebook.audience import concerned_among, concerning, finding_for
from hinomi.casebook.cursor import Place
from hinomi.casebook.findings import LONGEST
from hinomi.casebook.models import Finding, FindingOrganisation
from hinomi.casebook.shapes import Shape, read_finding, read_shape
from hinomi.schema.findings import Finding as Whole
from hinomi.schema.findings import Window
from hinomi.schema.release import Reader
from hinomi.schema.words import Severity, SubjectKind, Text

PAGE = 50
MOST_ABOUT = 2000  # findings about one subject that are put in order
COLUMNS = (
    *("id", "detector", "subject_kind", "subject_value", "window_start", "window_end", "first", "last"),
    *("severity", "confidence", "title_en", "title_ja", "exercise"),
)


@dataclass(frozen=True)
class Wanted:
    """Which findings: for whom, concerning which organisations, of an exercise or real, how severe, of which detectors,
    about what, seen when.

    `since` and `until` ask for what was seen between them: detectors look at days, people also ask about an hour of one.
    """

    reader: Reader
    among: tuple[str, ...] = ()
    exercise: bool = False
    least: Severity = Severity.INFO
    detectors: tuple[str, ...] = ()
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    severe_first: bool = False

    @property
    def severities(self) -> tuple[Severity, ...]:
        """From the gravest down."""
        return tuple(one for one in reversed(Severity) if one >= self.least)


@dataclass(frozen=True)
class FindingLine:
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
class FindingPage:
    """Some findings whole, and the cursor of those that follow ("" when there are none)."""

    items: tuple[Shape, ...]
    after: str


@dataclass(frozen=True)
class LinePage:
    """Some findings as lines of a table, and the cursor of those that follow ("" when there are none)."""

    items: tuple[FindingLine, ...]
    after: str


def finding_page(wanted: Wanted, after: str = "", limit: int = PAGE) -> FindingPage:
    """The next findings after a cursor, as the reader may know them."""
    here, following = _turned(wanted, after, limit)
    bodies = dict(Finding.objects.filter(id__in=[one.id for one in here]).values_list("id", "body"))
    shapes = (finding_for(read_shape(bodies[one.id]), wanted.reader) for one in here if one.id in bodies)
    return FindingPage(tuple(shapes), following)


def line_page(wanted: Wanted, after: str = "", limit: int = PAGE) -> LinePage:
    """The next findings after a cursor, as lines of a table."""
    here, following = _turned(wanted, after, limit)
    known = {one.id: one for one in lines(Finding.objects.filter(id__in=[one.id for one in here]))}
    return LinePage(tuple(known[one.id] for one in here if one.id in known), following)


def findings(
    reader: Reader, *, exercise: bool = False, least: Severity = Severity.INFO, detector: str | None = None
) -> Iterator[Shape]:
    """All findings the reader may see, newest first, in the shape of `hinomi findings --json`; pages keep memory small."""
    wanted, after = Wanted(reader, (), exercise, least, (detector,) if detector else ()), ""
    while True:
        page = finding_page(wanted, after, 500)
        yield from page.items
        after = page.after
        if not after:
            return


def worst(
    window: Window, reader: Reader, among: tuple[str, ...] = (), *, exercise: bool, limit: int
) -> tuple[FindingLine, ...]:
    """The most severe findings of a window at or above "low", of each severity the newest first."""
    wanted = Wanted(reader, among, exercise, Severity.LOW, since=window.start, until=window.end, severe_first=True)
    return line_page(wanted, limit=limit).items


def lines(found: QuerySet[Finding]) -> list[FindingLine]:
    """Findings as lines; read as tuples, because objects of the ORM cost more than the rest of a page."""
    return [
        FindingLine(*values[:10], Text(*values[10:12]), values[12])  # type: ignore[call-arg]  # the order of COLUMNS
        for values in found.values_list(*COLUMNS)
    ]


def finding(id_: str, reader: Reader) -> Shape | None:
    """One whole finding as this reader may know it; None when there is none that it may see."""
    found = Finding.objects.filter(concerning(reader), id=id_)
    if not reader.operator:
        found = found.filter(exercise=False)
    body = found.values_list("body", flat=True).first()
    return finding_for(read_shape(body), reader) if body else None


def whole_finding(id_: str) -> Whole | None:
    """A finding with all its evidence, for what works on it and shows none of it; None when there is none."""
    body = Finding.objects.filter(id=id_).values_list("body", flat=True).first()
    return read_finding(body) if body else None


def whole_findings(ids: Sequence[str]) -> list[Whole]:
    """Several findings with all their evidence, in no order."""
    return [read_finding(body) for body in Finding.objects.filter(id__in=ids).values_list("body", flat=True)]


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


def about(kind: str, value: str, reader: Reader, *, exercise: bool = False, limit: int = 100) -> list[FindingLine]:
    """The newest findings of any detector about one subject."""
    found = Finding.objects.filter(concerning(reader), subject_value=value, subject_kind=kind, exercise=exercise)
    return lines(found.order_by("-window_start")[:limit])


def history(before: Whole, reader: Reader, *, limit: int = 120) -> list[Whole]:
    """What a finding's detector said of its subject up to that finding: the last windows, oldest first."""
    found = Finding.objects.filter(
        concerning(reader),
        subject_value=before.subject.value,
        subject_kind=before.subject.kind,
        window_start__lte=before.window.start,
        detector=before.detector,
        exercise=before.exercise,
    )
    bodies = found.order_by("-window_start").values_list("body", flat=True)[:limit]
    return [read_finding(body) for body in bodies][::-1]


def _turned(wanted: Wanted, after: str, limit: int) -> tuple[list[Place], str]:
    """Where the rows of the next page lie, and the cursor of the page that follows it."""
    found = _places(wanted, cursor.read(after), limit + 1)
    here = found[:limit]
    return here, cursor.write(here[-1]) if len(found) > limit else ""


def _places(wanted: Wanted, place: Place | None, limit: int) -> list[Place]:
    if wanted.subject:
        return _about_subject(wanted, place)[:limit]
    if not wanted.severe_first:
        return _merged(wanted, wanted.severities, place, limit)
    found: list[Place] = []
    for severity in wanted.severities:
        if len(found) < limit and (place is None or severity <= place.severity):
            begun = place if place and place.severity == severity else None
            found += _merged(wanted, (severity,), begun, limit - len(found))
    return found


def _merged(wanted: Wanted, severities: Sequence[Severity], place: Place | None, limit: int) -> list[Place]:
    """The newest of several severities, detectors and organisations, each walked along its own stretch of an index."""
    whose = concerned_among(wanted.reader, wanted.among) or ("",)
    runs = product(whose, severities, wanted.detectors or ("",))
    found = {one for run in runs for one in _run(wanted, *run, place, limit)}  # once, though it concerns two of them
    return sorted(found, reverse=True)[:limit]


def listed(wanted: Wanted, whose: Sequence[str]) -> tuple[QuerySet[Any], str]:
    """All that a list of findings would hold for some organisations, or for all (()), and the column of their ids."""
    found, id_, seen = _table("")
    if whose:
        found, id_, seen = FindingOrganisation.objects.filter(organisation__in=whose), "finding_id", "finding__"
    found = found.filter(exercise=wanted.exercise, severity__in=wanted.severities)
    if wanted.detectors:
        found = found.filter(detector__in=wanted.detectors)
    return _in_time(found, wanted, seen), id_


def _run(wanted: Wanted, organisation: str, severity: Severity, detector: str, place: Place | None, limit: int) -> list[Place]:
    """The findings of one severity (and one detector, and one organisation), the newest first, after a place."""
    found, id_, seen = _table(organisation)
    found = found.filter(exercise=wanted.exercise, severity=severity)
    if detector:
        found = found.filter(detector=detector)
    found = _in_time(found, wanted, seen)
    if place is not None:
        # One bound that the index can use, and the exact one.
        found = found.filter(window_start__lte=place.at).exclude(**{"window_start": place.at, f"{id_}__gte": place.id})
    rows = found.order_by("-window_start", f"-{id_}").values_list("window_start", id_)[:limit]
    return [Place(at, name, int(severity)) for at, name in rows]


def _table(organisation: str) -> tuple[QuerySet[Any], str, str]:
    """The table whose index holds the findings in order, its column of ids, and the way from it to `Finding`."""
    if not organisation:
        return Finding.objects.all(), "id", ""
    return FindingOrganisation.objects.filter(organisation=organisation), "finding_id", "finding__"


def _in_time(found: QuerySet[Any], wanted: Wanted, seen: str) -> QuerySet[Any]:
    """Those seen between `since` and `until`; the beginnings of windows bound the stretch of index that is walked."""
    if wanted.since is not None:
        last = Q(**{f"{seen}last__isnull": True}) | Q(**{f"{seen}last__gte": wanted.since})
        found = found.filter(last, window_start__gt=wanted.since - LONGEST, **{f"{seen}window_end__gt": wanted.since})
    if wanted.until is not None:
        first = Q(**{f"{seen}first__isnull": True}) | Q(**{f"{seen}first__lt": wanted.until})
        found = found.filter(first, window_start__lt=wanted.until)
    return found


def _about_subject(wanted: Wanted, place: Place | None) -> list[Place]:
    """The findings about one subject: few enough to be put in order here."""
    found = Finding.objects.filter(
        concerning(wanted.reader), subject_value=wanted.subject, subject_kind__in=list(SubjectKind), exercise=wanted.exercise
    )
    if wanted.detectors:
        found = found.filter(detector__in=wanted.detectors)
    if wanted.among:
        found = found.filter(id__in=FindingOrganisation.objects.filter(organisation__in=wanted.among).values("finding"))
    rows = _in_time(found, wanted, "").order_by("-window_start").values_list("window_start", "id", "severity")[:MOST_ABOUT]
    key = _severe_first if wanted.severe_first else _newest_first
    places = sorted((Place(*row) for row in rows if row[2] >= wanted.least), key=key, reverse=True)
    return [one for one in places if place is None or key(one) < key(place)]


def _newest_first(place: Place) -> tuple[Any, ...]:
    return place.at, place.id


def _severe_first(place: Place) -> tuple[Any, ...]:
    return place.severity, place.at, place.id
