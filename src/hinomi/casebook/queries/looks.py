"""Who looked when, and how it ended: what tells "nothing found" from "nobody looked"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast, Substr

from hinomi.casebook.findings import LONGEST
from hinomi.casebook.models import Outcome
from hinomi.schema.findings import Window
from hinomi.schema.words import Text, Verdict

ANSWERED = (Verdict.FOUND.value, Verdict.CLEAN.value)
RECENT = 100  # looks of a detector that tell how often it fails


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
    rows = _meeting(window, exercise).filter(verdict__in=[one.value for one in only])
    return [_look(row) for row in rows.order_by("detector", "window_start")]


def last_look(detector: str, *, exercise: bool = False) -> tuple[Look | None, int]:
    """The last look of a detector, and how many of its last `RECENT` could not be made."""
    recent = list(
        Outcome.objects.filter(exercise=exercise, detector=detector).order_by("-window_start", "-window_end")[:RECENT]
    )
    failed = sum(one.verdict == Verdict.FAILED for one in recent)
    return (_look(recent[0]) if recent else None), failed


def looked(window: Window, *, exercise: bool) -> bool:
    """Whether any detector looked at any part of a window with success."""
    return _meeting(window, exercise).filter(verdict__in=ANSWERED).exists()


def looked_spans(window: Window, *, exercise: bool) -> list[tuple[str, Window]]:
    """Which detector looked with success at which span, for the looks that touch a window."""
    rows = _meeting(window, exercise).filter(verdict__in=ANSWERED).order_by()
    return [(name, Window(start, end)) for name, start, end in rows.values_list("detector", "window_start", "window_end")]


def looked_days(window: Window, *, exercise: bool) -> list[tuple[str, datetime]]:
    """On which days each detector looked with success, for the looks that touch a window.

    Cut from the text of the time, which begins with its day in SQLite and in PostgreSQL alike (both speak UTC here): what
    both do fastest.
    """
    rows = _meeting(window, exercise).filter(verdict__in=ANSWERED).order_by()
    days = rows.annotate(cut=Substr(Cast("window_start", CharField()), 1, 10)).values_list("detector", "cut").distinct()
    return [(name, datetime.fromisoformat(day).replace(tzinfo=UTC)) for name, day in days]


def newest(*, exercise: bool) -> datetime | None:
    """The end of the last window that was looked at with success."""
    return _answered(exercise).order_by("-window_start").values_list("window_end", flat=True).first()


def oldest(*, exercise: bool) -> datetime | None:
    """The start of the first window that was looked at with success."""
    return _answered(exercise).order_by("window_start").values_list("window_start", flat=True).first()


def watching(names: Sequence[str], *, exercise: bool) -> set[str]:
    """Which of these detectors have ever looked."""
    return {name for name in names if _answered(exercise).filter(detector=name).exists()}


def rows_seen(exercise: bool = False) -> dict[tuple[str, datetime], int]:
    """How many events each look at each window saw: what the watch compares with the lake to find late rows."""
    answered = Outcome.objects.filter(exercise=exercise).exclude(verdict=Verdict.FAILED.value)
    return {(detector, start): rows for detector, start, rows in answered.values_list("detector", "window_start", "rows")}


def _answered(exercise: bool) -> QuerySet[Outcome, Any]:
    return Outcome.objects.filter(exercise=exercise, verdict__in=ANSWERED)


def _meeting(window: Window, exercise: bool) -> QuerySet[Outcome, Any]:
    """The looks whose window meets a time; the two bounds on its beginning are what the index needs."""
    return Outcome.objects.filter(
        exercise=exercise,
        window_start__gte=window.start - LONGEST,
        window_start__lt=window.end,
        window_end__gt=window.start,
    )


def _look(row: Outcome) -> Look:
    return Look(
        row.detector,
        Window(row.window_start, row.window_end),
        Verdict(row.verdict),
        Text(row.reason_en, row.reason_ja),
        row.findings,
        row.rows,
        row.seconds,
        row.looked_at,
    )
