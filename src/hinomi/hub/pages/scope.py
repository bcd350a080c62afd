"""The one control of time and of scope: read from the URL, kept in every link, shown at the top of the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest

from hinomi.casebook import queries
from hinomi.casebook.audience import NOBODY
from hinomi.home import home
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.moment import moment
from hinomi.hub.pages.page import person
from hinomi.hub.pages.words import SPAN_WORDS
from hinomi.members.queries import belonging
from hinomi.schema.findings import Window
from hinomi.schema.release import Reader
from hinomi.schema.scope import SECTORS
from hinomi.schema.words import Text

SPANS: dict[str, timedelta] = {
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "1y": timedelta(days=365),
}
DEFAULT = "1d"


@dataclass(frozen=True)
class Scope:
    """What a page is about: a window of time, real or an exercise, and whose findings.

    `reader` is for whom the page reads: the person's own right, or less where the URL asks for one organisation; `among`
    are the members of the sector asked for, () for no narrowing. `newest` is the end of what has been looked at, and
    `late` says that it lies so far back that the window ends there instead of now.
    """

    window: Window
    span: str
    exercise: str
    reader: Reader
    sector: str
    among: tuple[str, ...]
    newest: datetime | None
    late: bool
    asked: tuple[tuple[str, str], ...]

    @property
    def marked(self) -> bool:
        return bool(self.exercise)

    @property
    def organisation(self) -> str | None:
        """Whose findings these are; None means everybody's."""
        return None if self.reader.operator else self.reader.organisation

    @property
    def tail(self) -> str:
        """What a link to another page adds, so that time and scope stay: "" or "?…"."""
        return f"?{urlencode(self.asked)}" if self.asked else ""

    def at(self, exercise: bool) -> Scope:
        """The same scope for something whose own mark says whether it is real; its page must say so."""
        if exercise == self.marked:
            return self
        return replace(self, exercise=next(iter(home().exercises()), "any") if exercise else "")

    @property
    def spans(self) -> list[dict[str, object]]:
        return [{"name": name, "title": SPAN_WORDS[name]} for name in SPANS]

    @property
    def sectors(self) -> list[tuple[str, Text]]:
        """The sectors that one may narrow to: those with members, for who sees them all."""
        if not self.reader.operator:
            return []
        there = set(belonging(exercise=self.marked).values_list("sector", flat=True))
        return [(name, title) for name, title in SECTORS.items() if name in there]

    @property
    def exercises(self) -> list[str]:
        """The exercises that one may switch to; none when there is nothing to choose."""
        return home().exercises()


def scope_of(request: HttpRequest) -> Scope:
    """What the URL asks for, cut down to what this person may see."""
    exercise = _exercise(request)
    newest = queries.newest(exercise=bool(exercise))
    window, span, late = _window(request, newest)
    reader, sector = _reader(request), request.GET.get("sector", "")
    sector = sector if sector in SECTORS and reader.operator else ""
    return Scope(
        window=window,
        span=span,
        exercise=exercise,
        reader=reader,
        sector=sector,
        among=_of_sector(sector, bool(exercise)) if sector else (),
        newest=newest,
        late=late,
        asked=tuple(
            (key, request.GET[key])
            for key in ("span", "from", "until", "sector", "scope", "exercise", "lang")
            if key in request.GET
        ),
    )


def _exercise(request: HttpRequest) -> str:
    """The exercise to show, "" for what is real.

    Unasked, it is an exercise only for the hub's own people, and only while nothing real has been looked at. A member would
    take the calm of what was played for an answer about itself.
    """
    if "exercise" in request.GET:
        asked = request.GET["exercise"]
        return asked if asked in home().exercises() or asked == "any" else ""  # "none" asks for what is real
    if person(request).sees_all and queries.newest(exercise=False) is None and queries.newest(exercise=True) is not None:
        return next(iter(home().exercises()), "any")
    return ""


def _window(request: HttpRequest, newest: datetime | None) -> tuple[Window, str, bool]:
    """Whole days up to today, or up to the last day that was looked at when it is long ago; or exactly what is asked for."""
    start, end = moment(request.GET.get("from", "")), moment(request.GET.get("until", ""))
    if start and end and start < end:
        return Window(start, end), "", False
    span = request.GET.get("span", DEFAULT)
    span = span if span in SPANS else DEFAULT
    tomorrow = _midnight(datetime.now(UTC)) + timedelta(days=1)
    last = _midnight(newest - timedelta(microseconds=1)) + timedelta(days=1) if newest else tomorrow
    end = min(last, tomorrow)
    return Window(end - SPANS[span], end), span, end < tomorrow - timedelta(days=1)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _of_sector(sector: str, exercise: bool) -> tuple[str, ...]:
    """The members of a sector; of one without any, nobody."""
    return tuple(belonging(exercise=exercise).filter(sector=sector).values_list("id", flat=True)) or (NOBODY,)


def _reader(request: HttpRequest) -> Reader:
    """The person's own right to see; the hub's own people may narrow it to one organisation."""
    full = reader_of(person(request))
    asked = request.GET.get("scope", "")
    if not full.operator or not asked:
        return full
    return Reader((full.organisation or NOBODY) if asked == "mine" else asked)
