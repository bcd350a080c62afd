"""What hits the darknet right now?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hinomi.hub.charts.minutes import MINUTES, minutes
from hinomi.hub.charts.picture import Picture
from hinomi.hub.charts.world import Source, world
from hinomi.hub.moment import moment
from hinomi.hub.pages import hours
from hinomi.hub.pages.hours import HOUR, Hour
from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import Scope, scope_of
from hinomi.hub.pages.traffic import KINDS
from hinomi.hub.pages.words import counted, number, say
from hinomi.members.queries import telescope_countries
from hinomi.schema.words import Text


def stamp(request: HttpRequest) -> str:
    """What changes when this page does."""
    scope = scope_of(request)
    start = _start(request, scope)
    return hours.stamp(start, scope.exercise) if start else ""


@shown(stamp=stamp)
def atlas(request: HttpRequest) -> Page:
    """The map of an hour: where from, of which kind, minute by minute. What is not summed up yet comes in a moment."""
    scope = scope_of(request)
    start, newest = _start(request, scope), hours.newest(scope.exercise)
    hour = hours.kept(start, scope.exercise) if start else None
    if hour is None and "wait" in request.GET:
        hour = hours.current(start, scope.exercise)
        start = hour.start if hour else start
    pending = hour is None and "wait" not in request.GET and hours.observed(scope.exercise)
    sources = _sources(hour) if hour else []
    return Page(
        template="pages/atlas.html",
        question=_("What hits the darknet right now?"),
        answer=_("This hour is being read from the lake.") if pending else _answer(hour, sources, start),
        data={"start": start, "exercise": scope.exercise or None, "pending": pending, "sources": sources},
        rows=[{"country": one.country, "name": one.name, "packets": one.packets, "kind": one.kind} for one in sources],
        pictures={
            "map": lambda: world.whole(sources, _("Packets of this hour by country")),
            "minutes": lambda: _minutes(hour),
        }
        if sources and hour
        else {},
        context={
            "scope": scope,
            "pending": pending,
            "start": start,
            "end": start + HOUR if start else None,
            "before": start - HOUR if start else None,
            "after": start + HOUR if start and start + HOUR <= (newest or start) else None,
            "sources": sources,
            "most": sources[0].packets if sources else 0,
            "map": world.draw(sources, _("Packets of this hour by country")),
            "minutes": _minutes(hour or Hour(start)) if start else None,
            "kinds": _kinds(hour),
            "targets": ",".join(telescope_countries(exercise=scope.marked)),
            "live": start is None or start == newest,
        },
    )


def traffic(request: HttpRequest) -> HttpResponse:
    """The same hour as numbers, brought up to date with the lake, and where its countries lie on the map."""
    scope = scope_of(request)
    hour = hours.current(_asked(request), scope.exercise)
    told = hours.numbers(hour.start, scope.exercise) if hour else orjson.dumps({"start": None, "rows": [], "ports": []})
    codes = {country for country, _kind, _packets in hour.countries} if hour else set()
    places = world.places(codes | set(telescope_countries(exercise=scope.marked)))
    drawn = orjson.dumps({"places": {code: list(point) for code, point in places.items()}})
    return HttpResponse(drawn[:-1] + b"," + told[1:], content_type="application/json")


def _start(request: HttpRequest, scope: Scope) -> datetime | None:
    """The hour asked for, else the newest that has been summed up; None when there is none."""
    return _asked(request) or hours.newest(scope.exercise)


def _asked(request: HttpRequest) -> datetime | None:
    asked = moment(request.GET.get("hour", ""))
    return asked and asked.replace(minute=0, second=0, microsecond=0)


def _sources(hour: Hour) -> list[Source]:
    sums: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    for country, kind, packets in hour.countries:
        sums[country] += packets
        kinds.setdefault(country, Counter())[kind] += packets
    names = world.names(get_language() or "en")
    return [
        Source(country, names.get(country, country) or _("unknown place"), packets, kinds[country].most_common(1)[0][0])
        for country, packets in sums.most_common()
    ]


def _minutes(hour: Hour) -> Picture:
    counts = [Counter[str]() for _minute in range(MINUTES)]
    for minute, kind, packets in hour.minutes:
        counts[minute][kind] += packets
    said = [
        _("%(time)s: %(count)s packets") % {"time": f"{hour.start:%H}:{minute:02}", "count": number(one.total())}
        for minute, one in enumerate(counts)
    ]
    return minutes(_("Packets by minute and kind"), counts, list(KINDS), said)


def _kinds(hour: Hour | None) -> list[tuple[str, Text, int]]:
    """Every kind of traffic with its words and its packets in this hour."""
    sums = _by_kind(hour) if hour else Counter[str]()
    return [(name, title, sums[name]) for name, title in KINDS.items()]


def _by_kind(hour: Hour) -> Counter[str]:
    sums = Counter[str]()
    for _minute, kind, packets in hour.minutes:
        sums[kind] += packets
    return sums


def _answer(hour: Hour | None, sources: list[Source], start: datetime | None) -> str:
    if start is None:
        return _("Nobody can say: no traffic of a telescope has been read yet.")
    if hour is None or not sources:
        return _("Nothing is known of the hour from %(start)s UTC: no packet of it was read.") % {
            "start": f"{start:%Y-%m-%d %H:%M}"
        }
    return counted(
        "%(count)s packet in the hour from %(start)s UTC. First among countries: %(first)s; among kinds: %(kind)s.",
        "%(count)s packets in the hour from %(start)s UTC. First among countries: %(first)s; among kinds: %(kind)s.",
        hour.packets,
        start=f"{start:%Y-%m-%d %H:%M}",
        first=sources[0].name,
        kind=say(KINDS[_by_kind(hour).most_common(1)[0][0]]),
    )
