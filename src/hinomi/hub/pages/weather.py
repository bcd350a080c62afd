"""What is burning now, and is it unusual?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from statistics import quantiles
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.casebook.queries import FindingLine, SectorLevel, Wanted
from hinomi.hub.charts.dial import blind, dial
from hinomi.hub.charts.picture import Picture
from hinomi.hub.charts.spark import spark
from hinomi.hub.moment import FIRST
from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import Scope, scope_of
from hinomi.hub.pages.topics import TOPICS, Topic
from hinomi.hub.pages.words import counted, lasting, number, say
from hinomi.schema.findings import Window
from hinomi.schema.scope import SECTORS
from hinomi.schema.words import Severity, Text

BEFORE = 14  # windows of the same length before this one that tell what is usual
ENOUGH = 4  # fewer say nothing about what is usual
A_DAY = timedelta(days=1)
MOST_WORST = 6


@dataclass(frozen=True)
class Reading:
    """One dial: how many findings of a topic there are, what is usual, and whether anybody looked."""

    topic: Topic
    count: int | None
    usual: tuple[float, float] | None
    known: int
    trend: tuple[int, ...]
    observed: bool = True  # whether any detector is about this at all

    @property
    def unusual(self) -> bool:
        return self.count is not None and self.usual is not None and self.count > self.usual[1]

    @property
    def said(self) -> str:
        """The comparison in words."""
        if not self.observed:
            return _("Not looked: nothing here observes this yet.")
        if self.count is None:
            return _("Not looked: no detector of this has looked at this span.")
        if self.usual is None:
            return _("What is usual is not known yet: %(known)d of %(enough)d earlier spans seen.") % {
                "known": self.known,
                "enough": ENOUGH,
            }
        if self.unusual:
            return _("More than usual (%(usual)s).") % {"usual": self.between}
        return _("Within what is usual (%(usual)s).") % {"usual": self.between}

    @property
    def between(self) -> str:
        """What is usual in figures that no line break parts; one figure where both ends are the same."""
        low, high = (number(round(edge)) for edge in self.usual or (0, 0))
        span = low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
        return span.replace(" ", "\N{NO-BREAK SPACE}")

    @property
    def gauge(self) -> Picture:
        name = say(self.topic.title)
        return (
            blind(f"{name}: {self.said}")
            if self.count is None
            else dial(f"{name}: {number(self.count)}. {self.said}", self.count, self.usual)
        )

    @property
    def line(self) -> Picture | None:
        if self.count is None or not self.known:
            return None
        return spark(_("%(name)s over time, newest right") % {"name": say(self.topic.title)}, self.trend, self.usual)


def stamp(request: HttpRequest) -> str:
    """What changes when this page does: what was looked at, and the day."""
    scope = scope_of(request)
    return f"{scope.window} {scope.exercise} {queries.stamp(exercise=scope.marked)}"


@shown(stamp=stamp)
def weather(request: HttpRequest) -> Page:
    """The country's sky: five dials, the sectors' threat levels, three sentences."""
    scope = scope_of(request)
    readings = read(scope)
    worst = queries.worst(scope.window, scope.reader, scope.among, exercise=scope.marked, limit=MOST_WORST)
    looked = queries.looked(scope.window, exercise=scope.marked)
    sky = sky_of(readings, [finding.severity for finding in worst], looked)
    levels = _levels(scope)
    sectors = [_sector(name, levels[name]) for name in SECTORS if name in levels]
    return Page(
        template="pages/weather.html",
        question=_("What is burning now, and is it unusual?"),
        answer=answer(sky, readings, scope),
        data={
            "sky": sky,
            "window": scope.window,
            "exercise": scope.exercise or None,
            "dials": [_plain(reading) for reading in readings],
            "sectors": sectors,
        },
        rows=[_plain(reading) for reading in readings],
        pictures={reading.topic.name: partial(getattr, reading, "gauge") for reading in readings},
        context={
            "scope": scope,
            "sky": sky,
            "readings": readings,
            "sentences": sentences(readings, worst, sum(one.seen for one in levels.values())),
            "worst": worst,
            "sectors": sectors,
        },
    )


def read(scope: Scope) -> list[Reading]:
    """Every dial for this scope: this span, and those of the spans of the same length before it that were looked at."""
    start, end = scope.window
    length = end - start
    before = min(BEFORE, (start - FIRST) // length)  # nobody looked before the first moment that one can ask for
    spans = [Window(start - back * length, end - back * length) for back in range(before, -1, -1)]
    looked = _looked(spans, scope.marked)
    sums = [
        queries.sums(span, scope.reader, scope.among, exercise=scope.marked) if names else {}
        for span, names in zip(spans[:-1], looked, strict=False)
    ]
    now = Wanted(scope.reader, scope.among, scope.marked, Severity.LOW, since=start, until=end)
    sums.append(queries.tally(now))  # not as sums before it: each finding once, as the page lists them that a dial leads to
    watching = queries.watching([name for topic in TOPICS for name in topic.detectors], exercise=scope.marked)
    return [_reading(topic, sums, looked, watching) for topic in TOPICS]


def _looked(spans: Sequence[Window], exercise: bool) -> list[set[str]]:
    """Which detectors looked at some day of each span: two captures a year apart are two days, not a year of calm."""
    days = queries.looked_days(Window(spans[0].start, spans[-1].end), exercise=exercise)
    return [{name for name, day in days if span.start - A_DAY < day < span.end} for span in spans]


def _reading(topic: Topic, sums: Sequence[Mapping[str, int]], looked: Sequence[set[str]], watching: set[str]) -> Reading:
    if not watching & set(topic.detectors):
        return Reading(topic, None, None, 0, (), observed=bool(topic.detectors))
    if not looked[-1] & set(topic.detectors):
        return Reading(topic, None, None, 0, ())
    counts = [sum(one.get(name, 0) for name in topic.detectors) for one in sums]
    known = [count for count, names in zip(counts[:-1], looked, strict=False) if names & set(topic.detectors)]
    return Reading(topic, counts[-1], usual(known), len(known), (*known, counts[-1]))


def usual(before: Sequence[int]) -> tuple[float, float] | None:
    """The middle four fifths of what earlier spans had; None while there are too few to say."""
    if len(before) < ENOUGH:
        return None
    cuts = quantiles(before, n=10, method="inclusive")
    return cuts[0], cuts[-1]


def sky_of(readings: Sequence[Reading], worst: Sequence[int], looked: bool) -> str:
    """The state of the sky in a word: unknown, calm, unsettled or burning."""
    if not looked:
        return "unknown"
    if any(severity >= Severity.CRITICAL for severity in worst) or sum(reading.unusual for reading in readings) >= 2:
        return "burning"
    if any(severity >= Severity.HIGH for severity in worst) or any(reading.unusual for reading in readings):
        return "unsettled"
    return "calm"


def answer(sky: str, readings: Sequence[Reading], scope: Scope) -> str:
    """The first line: one sentence that is true without the picture."""
    span = lasting(scope.window.end - scope.window.start)
    if sky == "unknown":
        return _("Nobody has looked at this span (%(span)s), so nothing can be said about it.") % {"span": span}
    unusual = [say(reading.topic.title) for reading in readings if reading.unusual]
    if unusual:
        return _("More than usual over %(span)s: %(what)s.") % {"span": span, "what": _(", ").join(unusual)}
    if sky == "calm":
        return _("Calm: over %(span)s nothing severe was seen where we look.") % {"span": span}
    if all(reading.usual is None for reading in readings):
        return _("Something severe was seen over %(span)s; whether that is usual here is not known yet.") % {"span": span}
    return _("Something severe was seen over %(span)s, though not more than usual.") % {"span": span}


def sentences(readings: Sequence[Reading], worst: Sequence[FindingLine], members: int) -> list[str]:
    """Three sentences: how much, what first, and whose."""
    total = sum(reading.count or 0 for reading in readings)
    severe = sum(finding.severity >= Severity.HIGH for finding in worst)
    lines = [
        counted("%(count)s finding at or above “low”.", "%(count)s findings at or above “low”.", total),
    ]
    if worst:
        lines.append(say(worst[0].title))
    if severe > 1:
        lines.append(say(worst[1].title))
    if members:
        lines.append(counted("%(count)s member is concerned.", "%(count)s members are concerned.", members))
    elif any(reading.count is not None for reading in readings):
        lines.append(_("No member is concerned."))
    return lines[:4]


def _levels(scope: Scope) -> Mapping[str, SectorLevel]:
    """How the sectors stand; kept for half a minute while nothing changes, because it adds up a row for each member and day."""
    asks = (scope.organisation, scope.sector, scope.window, scope.marked, queries.stamp(exercise=scope.marked))
    key = f"levels-{sha256(repr(asks).encode()).hexdigest()}"
    kept = caches["local"].get(key)
    if kept is None:
        kept = queries.sector_levels(scope.window, scope.reader, scope.among, exercise=scope.marked)
        caches["local"].set(key, kept, 30)
    return dict(kept)


def _sector(name: str, level: SectorLevel) -> dict[str, Any]:
    return {
        "sector": name,
        "title": SECTORS[name],
        "members": level.members,
        "severity": level.level,
        "findings": level.findings,
        "cases": level.cases,
    }


def _plain(reading: Reading) -> dict[str, Any]:
    low, high = reading.usual or (None, None)
    return {
        "topic": reading.topic.name,
        "title": Text(*reading.topic.title),
        "count": reading.count,
        "usual_low": low,
        "usual_high": high,
        "unit": "findings",
        "looked": reading.count is not None,
    }
