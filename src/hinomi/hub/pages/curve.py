"""The figure of a finding: its measure as it ran through time, against the threshold it crossed; or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.detect.measured import Measured
from hinomi.home import home
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.charts.axis import times
from hinomi.hub.charts.curve import curve as drawing
from hinomi.hub.charts.picture import Picture
from hinomi.hub.pages import growth
from hinomi.hub.pages.growth import Growth
from hinomi.hub.pages.hours import observed
from hinomi.hub.pages.measures import measured
from hinomi.hub.pages.page import person
from hinomi.hub.pages.words import number, say
from hinomi.schema.findings import Finding


@dataclass(frozen=True)
class Curve:
    """What the page shows: the drawing with its times, or why there is none; `pending` while it is not drawn yet."""

    picture: Picture | None = None
    times: Picture | None = None
    reading: str = ""
    reason: str = ""
    pending: bool = False


def curve_of(finding: Finding, *, wait: bool) -> Curve:
    """What is kept of a finding's curve; with `wait` it is drawn from the lake when nothing is."""
    if not growth.measure_of(finding):
        return Curve(reason=_("No curve: this finding rests on no count that the packets could tell again."))
    known = growth.kept(finding)
    if known is None and not wait:
        return Curve(pending=True)
    names = home().exercises() if finding.exercise else [""]
    drawn = known or next((made for name in names if observed(name) and (made := growth.grown(finding, name))), None)
    if drawn is None:
        return Curve(reason=_("No curve: the lake does not hold the packets of this finding any more."))
    return _drawn(drawn, measured(finding.detector, drawn.measure))


def curve(request: HttpRequest, finding: str) -> HttpResponse:
    """The figure alone, drawn from the lake: what the page of a finding asks for once it is there."""
    shape = queries.finding(finding, reader_of(person(request)))
    if shape is None:
        raise Http404("there is no finding of this name that you may see")
    whole = queries.whole_finding(finding)
    return render(request, "parts/curve.html", {"curve": curve_of(whole, wait=True) if whole else None})


def _drawn(grown: Growth, measure: Measured) -> Curve:
    name, end = say(measure.meaning), grown.start + timedelta(seconds=grown.step * len(grown.values))
    form = "%H:%M:%S" if grown.step < 60 else "%H:%M"
    moments = [grown.start + timedelta(seconds=grown.step * at) for at in range(len(grown.values))]
    said = [f"{at:{form}}: {number(value)}" for at, value in zip(moments, grown.values, strict=True)]
    words = {"measure": name, "highest": number(max(grown.values)), "threshold": number(grown.threshold)}
    label = _("%(measure)s over time, up to %(highest)s; the threshold is %(threshold)s") % words
    marks = [(share / 4, f"{grown.start + (end - grown.start) * share / 4:{form}}") for share in range(5)]
    each = measure.recount.each if measure.recount else 0
    reading = (
        _("Counted anew every %(minutes)d min, from the packets themselves.") % {"minutes": each // 60}
        if each
        else _("Counted up from the first packet on, from the packets themselves.")
    )
    return Curve(drawing(label, grown.values, said, grown.threshold), times(label, marks), reading)
