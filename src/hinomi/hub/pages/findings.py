"""What did the detectors see?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.casebook.allowing import marked
from hinomi.casebook.queries import Count, FindingLine, Wanted
from hinomi.hub.charts.picture import Picture
from hinomi.hub.charts.strip import Cell, labelled, strip
from hinomi.hub.pages.catalogue import detectors, title_of
from hinomi.hub.pages.page import Page, after, shown
from hinomi.hub.pages.scope import Scope, scope_of
from hinomi.hub.pages.table import Listing, Turn
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
    heat, tally = _heat(scope, asked), queries.tally(asked)
    looked = _is_looked(heat, asked)
    return Page(
        template="pages/findings.html",
        question=_("What did the detectors see?"),
        answer=_answer(asked, tally, scope, looked=looked),
        data={"window": scope.window, "exercise": scope.exercise or None, "total": sum(tally.values())},
        listing=Listing("findings", lambda cursor, rows: _turn(asked, cursor, rows), _flat, after(request)),
        pictures={"detectors": lambda: _export(heat, scope)},
        context={
            "scope": scope,
            "rows": listed.items,
            "allowed": marked(listed.items) if not scope.marked else set(),
            "next": listed.after,
            "strips": _strips(heat),
            "marks": _marks(scope),
            "asked": asked,
            "detectors": [(name, say(one.title)) for name, one in detectors().items()],
            "severities": [(one.word, SEVERITY_WORDS[one]) for one in Severity],
            "topics": TOPICS,
            "topic": request.GET.get("topic", ""),
            "looked": looked,
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


def _turn(asked: Wanted, cursor: str, rows: int) -> Turn:
    page = queries.line_page(asked, cursor, rows)
    return Turn(page.items, page.after)


def _heat(scope: Scope, asked: Wanted) -> dict[str, list[Cell]]:
    """The cells of every detector's strip, of what is asked for; an hour that nobody looked at has no count, not zero."""
    edges = _edges(scope)
    step = edges[1] - edges[0]
    counts: Counter[tuple[str, int]] = Counter()
    for one in _counts(asked, days=step >= timedelta(days=1)):
        counts[one.detector, max(0, (one.start - edges[0]) // step)] += one.findings
    seen = _seen(scope, edges)
    names = list(detectors()) + sorted({name for name, _at in counts} - set(detectors()))
    tail = _tail(scope, asked)
    return {name: [_cell(name, index, edges, counts, seen, tail) for index in range(len(edges) - 1)] for name in names}


def _counts(asked: Wanted, *, days: bool) -> Iterator[Count]:
    """When how many were first seen, of every detector; those about one subject are few, and counted one by one."""
    assert asked.since is not None
    assert asked.until is not None
    if not asked.subject:
        window, among = Window(asked.since, asked.until), asked.among
        yield from queries.by_time(window, asked.reader, among, exercise=asked.exercise, days=days, least=asked.least)
        return
    for row in queries.line_page(replace(asked, detectors=()), limit=queries.MOST_ABOUT).items:
        yield Count(row.detector, max(row.first or row.start, row.start), 1)


def _tail(scope: Scope, asked: Wanted) -> str:
    """What the cells' links keep of what was asked for: all but the time and the detector, which are the cell's own."""
    kept = {key: value for key, value in scope.asked if key not in ("span", "from", "until")}
    kept |= {"severity": asked.least.word} if asked.least > Severity.INFO else {}
    kept |= {"subject": asked.subject} if asked.subject else {}
    return f"&{urlencode(kept)}" if kept else ""


def _is_looked(heat: dict[str, list[Cell]], asked: Wanted) -> bool:
    """Whether any of the detectors that are asked for has looked at some of the time."""
    return any(cell.count is not None for name in asked.detectors or heat for cell in heat.get(name, ()))


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


def _cell(
    name: str, index: int, edges: list[datetime], counts: Counter[tuple[str, int]], seen: set[tuple[str, int]], tail: str
) -> Cell:
    start, end = edges[index], edges[index + 1]
    count = counts[name, index] if counts[name, index] or (name, index) in seen else None
    said = _("not looked") if count is None else counted("%(count)s finding", "%(count)s findings", count)
    href = f"{reverse('findings')}?detector={name}&from={start:%Y-%m-%dT%H:%M}Z&until={end:%Y-%m-%dT%H:%M}Z{tail}"
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


def _answer(asked: Wanted, tally: dict[str, int], scope: Scope, *, looked: bool) -> str:
    span, total = lasting(scope.window.end - scope.window.start), sum(tally.values())
    is_narrow = bool(asked.detectors or asked.subject or asked.least > Severity.INFO)
    if not looked and not total:
        none = _("The chosen detectors have not looked at this span (%(span)s).")
        return (none if asked.detectors else _("No detector has looked at this span (%(span)s).")) % {"span": span}
    whole = queries.tally(replace(asked, detectors=(), subject="", least=Severity.INFO)) if is_narrow else tally
    of = sum(whole.values())
    if not of:
        return _("Nothing: over %(span)s detectors looked and found nothing.") % {"span": span}
    if not total:
        return counted(
            "None of %(count)s finding over %(span)s matches what was asked for.",
            "None of %(count)s findings over %(span)s matches what was asked for.",
            of,
            span=span,
        )
    loudest = max(tally, key=lambda name: tally[name])
    words = {"span": span, "loudest": title_of(loudest), "most": number(tally[loudest]), "of": number(of)}
    if is_narrow:
        return counted(
            "%(count)s of %(of)s findings over %(span)s matches what was asked for; most come from “%(loudest)s” (%(most)s).",
            "%(count)s of %(of)s findings over %(span)s match what was asked for; most come from “%(loudest)s” (%(most)s).",
            total,
            **words,
        )
    return counted(
        "%(count)s finding over %(span)s; most come from “%(loudest)s” (%(most)s).",
        "%(count)s findings over %(span)s; most come from “%(loudest)s” (%(most)s).",
        total,
        **words,
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
