"""Lists of findings and cases, page by page: an index finds the first row, and the next page begins after the last one.

Findings are indexed by severity first. A list over several severities takes a page of each and merges them, so that a
page costs the same among a thousand rows and among a million.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

import orjson
from django.db.models import Q

from hinomi.casebook.models import Case, Finding, FindingOrganisation
from hinomi.hub.pages.shelf import LONGEST, Row, readable, rows
from hinomi.schema.findings import Window
from hinomi.schema.words import Severity, SubjectKind

PAGE = 50
MOST_ABOUT = 2000


@dataclass(frozen=True)
class Asked:
    """Which findings are asked for."""

    window: Window
    exercise: bool
    organisation: str | None
    detectors: tuple[str, ...] = ()
    least: Severity = Severity.INFO
    subject: str = ""
    severe_first: bool = False


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before: the next page begins after it."""

    severity: int
    at: datetime
    id: str

    @property
    def token(self) -> str:
        return urlsafe_b64encode(orjson.dumps([self.severity, self.at, self.id])).decode().rstrip("=")

    @classmethod
    def read(cls, token: str) -> Cursor | None:
        """The cursor of a token; None when somebody changed it, which begins the list anew."""
        try:
            severity, at, name = orjson.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            return cls(int(severity), datetime.fromisoformat(at), str(name))
        except (ValueError, TypeError):
            return None


def findings(asked: Asked, cursor: Cursor | None, size: int = PAGE) -> tuple[list[Row], Cursor | None]:
    """One page of findings and the cursor of the next, None on the last page."""
    severities = [one for one in reversed(Severity) if one >= asked.least]
    taken: list[Row] = []
    if asked.subject:
        taken = _about(asked, cursor, severities)
    elif asked.severe_first:
        for severity in severities:
            if len(taken) <= size:
                taken += _merged(asked, [severity], cursor, size + 1)
    else:
        taken = _merged(asked, severities, cursor, size + 1)
    more = len(taken) > size
    last = taken[size - 1] if more else None
    return taken[:size], Cursor(last.severity, last.start, last.id) if last else None


def _merged(asked: Asked, severities: Sequence[Severity], cursor: Cursor | None, size: int) -> list[Row]:
    """The newest of several severities and detectors, each of them walked along its own stretch of an index."""
    runs = [_run(asked, severity, detector, cursor, size) for severity in severities for detector in asked.detectors or ("",)]
    return list(islice(merge(*runs, key=lambda one: (one.start, one.id), reverse=True), size))


def _run(asked: Asked, severity: Severity, detector: str, cursor: Cursor | None, size: int) -> list[Row]:
    """The findings of one severity (and one detector), the newest first, after the cursor."""
    where: dict[str, Any] = {"exercise": asked.exercise, "severity": int(severity)}
    where |= {"window_start__gt": asked.window.start - LONGEST, "window_start__lt": asked.window.end}
    if detector:
        where["detector"] = detector
    after = _after(asked, severity, cursor)
    if after is None:
        return []
    if asked.organisation is not None:
        own = FindingOrganisation.objects.filter(organisation=asked.organisation, **where)
        own = own.filter(_renamed(after)).order_by("-window_start", "-finding")
        ids = list(own.values_list("finding", flat=True)[:size])
        return rows(Finding.objects.filter(_overlap(asked), pk__in=ids).order_by("-window_start", "-id")) if ids else []
    return rows(Finding.objects.filter(_overlap(asked), after, **where).order_by("-window_start", "-id")[:size])


def _about(asked: Asked, cursor: Cursor | None, severities: Sequence[Severity]) -> list[Row]:
    """The findings about one subject: few enough to be put in order here."""
    span = {"window_start__gt": asked.window.start - LONGEST, "window_start__lt": asked.window.end}
    found = Finding.objects.filter(_overlap(asked), subject_value=asked.subject, subject_kind__in=list(SubjectKind), **span)
    if asked.organisation is not None:
        found = found.filter(concerned__organisation=asked.organisation)
    names = set(asked.detectors)
    kept = [
        one
        for one in rows(found.order_by("-window_start")[:MOST_ABOUT])
        if one.exercise == asked.exercise and one.severity in severities and (not names or one.detector in names)
    ]
    key = _severe_first if asked.severe_first else _newest_first
    kept.sort(key=key, reverse=True)
    return [one for one in kept if cursor is None or key(one) < key(cursor)]


def _newest_first(one: Row | Cursor) -> tuple[Any, ...]:
    return (one.at if isinstance(one, Cursor) else one.start, one.id)


def _severe_first(one: Row | Cursor) -> tuple[Any, ...]:
    return (one.severity, *_newest_first(one))


def _overlap(asked: Asked) -> Q:
    """What was seen in the time asked for: detectors look at days, people also ask about an hour of one."""
    seen = Q(first__isnull=True) | (Q(first__lt=asked.window.end) & Q(last__gte=asked.window.start))
    return seen & Q(window_end__gt=asked.window.start)


def _after(asked: Asked, severity: Severity, cursor: Cursor | None) -> Q | None:
    if cursor is None:
        return Q()
    if asked.severe_first and severity != cursor.severity:
        return Q() if severity < cursor.severity else None
    # One bound that the index can use, and the exact one.
    return Q(window_start__lte=cursor.at) & (Q(window_start__lt=cursor.at) | Q(id__lt=cursor.id))


def _renamed(after: Q) -> Q:
    """The same condition on the table of organisations, where the finding's id is called `finding`."""
    children = [
        ("finding__lt", one[1])
        if isinstance(one, tuple) and one[0] == "id__lt"
        else _renamed(one)
        if isinstance(one, Q)
        else one
        for one in after.children
    ]
    return Q(*children, _connector=after.connector, _negated=after.negated)


def cases(
    exercise: bool, organisation: str | None, status: str, cursor: Cursor | None, size: int = PAGE
) -> tuple[list[Case], Cursor | None]:
    """One page of cases, the newest change first, and the cursor of the next."""
    found = Case.objects.filter(exercise=exercise)
    if status:
        found = found.filter(status=status)
    if organisation is not None:
        found = found.filter(readable(organisation))
    if cursor is not None:
        found = found.filter(Q(modified__lte=cursor.at) & (Q(modified__lt=cursor.at) | Q(id__lt=cursor.id)))
    taken = list(found.order_by("-modified", "-id")[: size + 1])
    more = len(taken) > size
    return taken[:size], Cursor(0, taken[size - 1].modified, taken[size - 1].id) if more else None
