"""What did the detectors see?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.casebook.allowing import marked
from hinomi.casebook.queries import FindingLine, Wanted
from hinomi.hub.charts.picture import Picture
from hinomi.hub.charts.strip import Cell, labelled, strip
from hinomi.hub.pages.catalogue import detectors, title_of
from hinomi.hub.pages.page import Page, after, shown
from hinomi.hub.pages.scope import Scope, scope_of
from hinomi.hub.pages.topics import TOPICS
from hinomi.hub.pages.words import SEVERITY_WORDS, counted, lasting, number, say
from hinomi.schema.findings import Window
from hinomi.schema.words import Severity

MOST_CELLS = 48
HALF_A_YEAR = timedelta(days=183)
INSTANT = timedelta(microseconds=1)
_STEPS = (timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=8), timedelta(days=60))


@dataclass(frozen=True)
class Strip:
    """One row of the heat strip: a detector, its picture, and how many findings it has."""

    detector: str
    title: str
    bar: Picture
    sum: int


@shown
def findings(request: HttpRequest) -> Page:
    """The heat strip of detectors over time, and the table behind it."""
    scope = scope_of(request)
    asked = _asked(request, scope)
    listed = queries.line_page(asked, after(request))
    heat = _heat(scope)
    total = sum(count for cells in heat.values() for cell in cells if (count := cell.count))
    return Page(
        template="pages/findings.html",
        question=_("What did the detectors see?"),
        answer=_answer(total, heat, scope),
        data={
            "window": scope.window,
            "exercise": scope.exercise or None,
            "findings": listed.items,
            "next": listed.after or None,
        },
        rows=[_flat(row) for row in listed.items],
        pictures={"detectors": lambda: _export(heat, scope)},
        context={
            "scope": scope,
            "rows": listed.items,
            "allowed": marked(listed.items) if not scope.marked else set(),
            "next": listed.after,
            "strips": _strips(heat),
            "marks": _marks(scope),
            "total": total,
            "asked": asked,
            "detectors": [(name, say(one.title)) for name, one in detectors().items()],
            "severities": [(one.word, SEVERITY_WORDS[one]) for one in Severity],
            "topics": TOPICS,
            "topic": request.GET.get("topic", ""),
            "looked": queries.looked(scope.window, exercise=scope.marked),
        },
    )


def _asked(request: HttpRequest, scope: Scope) -> Wanted:
    """What the form and the links ask for; unasked, the gravest come first, because most of a darknet's day is noise."""
    get = request.GET
    chosen = tuple(name for name in get.getlist("detector") if name)
    topics = {topic.name: topic.detectors for topic in TOPICS}
    least = get.get("severity", "")
    return Wanted(
        reader=scope.reader,
        among=scope.among,
        exercise=scope.marked,
        least=Severity.named(least) if least in {one.word for one in Severity} else Severity.INFO,
        detectors=chosen or topics.get(get.get("topic", ""), ()),
        subject=get.get("subject", "").strip()[:255],
        since=scope.window.start,
        until=scope.window.end,
        severe_first=get.get("sort") != "time",
    )


def _heat(scope: Scope) -> dict[str, list[Cell]]:
    """The cells of every detector's strip; an hour that nobody looked at has no count, not zero."""
    edges = _edges(scope)
    step = edges[1] - edges[0]
    counts: Counter[tuple[str, int]] = Counter()
    for one in queries.by_time(scope.window, scope.reader, scope.among, exercise=scope.marked, days=step >= timedelta(days=1)):
        counts[one.detector, (one.start - edges[0]) // step] += one.findings
    seen = _seen(scope, edges)
    names = list(detectors()) + sorted({name for name, _at in counts} - set(detectors()))
    return {name: [_cell(name, index, edges, counts, seen) for index in range(len(edges) - 1)] for name in names}


def _seen(scope: Scope, edges: list[datetime]) -> set[tuple[str, int]]:
    """Which cells have been looked at, at least in part."""
    step, last = edges[1] - edges[0], len(edges) - 2
    seen: set[tuple[str, int]] = set()
    for name, window in _looks(scope, days=step >= timedelta(days=1)):
        first, until = max(0, (window.start - edges[0]) // step), min(last, (window.end - edges[0] - INSTANT) // step)
        seen.update((name, index) for index in range(first, until + 1))
    return seen


def _looks(scope: Scope, *, days: bool) -> list[tuple[str, Window]]:
    if not days:
        return queries.looked_spans(scope.window, exercise=scope.marked)
    looked = queries.looked_days(scope.window, exercise=scope.marked)
    return [(name, Window(day, day + timedelta(days=1))) for name, day in looked]


def _edges(scope: Scope) -> list[datetime]:
    start, end = scope.window
    start = start.replace(minute=0, second=0, microsecond=0)
    step = next((step for step in _STEPS if (end - start) / step <= MOST_CELLS), _STEPS[-1])
    return [start + step * index for index in range(-(-(end - start) // step) + 1)]


def _cell(name: str, index: int, edges: list[datetime], counts: Counter[tuple[str, int]], seen: set[tuple[str, int]]) -> Cell:
    start, end = edges[index], edges[index + 1]
    count = counts[name, index] if counts[name, index] or (name, index) in seen else None
    said = _("not looked") if count is None else counted("%(count)s finding", "%(count)s findings", count)
    href = f"{reverse('findings')}?detector={name}&from={start:%Y-%m-%dT%H:%M}Z&until={end:%Y-%m-%dT%H:%M}Z"
    ends = f"{end:%H:%M}" if end - start < timedelta(days=1) else f"{end:%Y-%m-%d %H:%M}"
    return Cell(count, f"{start:%Y-%m-%d %H:%M} – {ends}: {said}", href)


def _most(heat: dict[str, list[Cell]]) -> int:
    return max((cell.count or 0 for cells in heat.values() for cell in cells), default=0)


def _strips(heat: dict[str, list[Cell]]) -> list[Strip]:
    most = _most(heat)
    strips = []
    for name, cells in heat.items():
        total = sum(cell.count or 0 for cell in cells)
        label = counted("%(title)s: %(count)s finding", "%(title)s: %(count)s findings", total, title=title_of(name))
        bar = strip(label, cells, most)
        strips.append(Strip(name, title_of(name), bar, total))
    return strips


def _marks(scope: Scope) -> list[str]:
    start, *_between, end = _edges(scope)
    form = "%H:%M" if end - start <= timedelta(hours=36) else "%m-%d" if end - start < HALF_A_YEAR else "%Y-%m"
    return [f"{start + (end - start) / 4 * quarter:{form}}" for quarter in range(5)]


def _export(heat: dict[str, list[Cell]], scope: Scope) -> Picture:
    rows = [(title_of(name), cells) for name, cells in heat.items()]
    return labelled(_("Findings by detector over time"), rows, _marks(scope), _most(heat))


def _answer(total: int, heat: dict[str, list[Cell]], scope: Scope) -> str:
    span = lasting(scope.window.end - scope.window.start)
    if not any(cell.count is not None for cells in heat.values() for cell in cells):
        return _("No detector has looked at this span (%(span)s).") % {"span": span}
    if not total:
        return _("Nothing: over %(span)s detectors looked and found nothing.") % {"span": span}
    sums = {name: sum(cell.count or 0 for cell in cells) for name, cells in heat.items()}
    loudest = max(sums, key=lambda name: sums[name])
    return counted(
        "%(count)s finding over %(span)s; most come from “%(loudest)s” (%(most)s).",
        "%(count)s findings over %(span)s; most come from “%(loudest)s” (%(most)s).",
        total,
        span=span,
        loudest=title_of(loudest),
        most=number(sums[loudest]),
    )


def _flat(row: FindingLine) -> dict[str, Any]:
    return {
        "id": row.id,
        "detector": row.detector,
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "window_start": row.start,
        "window_end": row.end,
        "severity": Severity(row.severity).word,
        "confidence": row.confidence,
        "title": row.title,
        "exercise": row.exercise,
    }
