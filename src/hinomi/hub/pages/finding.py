"""Why is this believed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.casebook.allowing import allowed_now
from hinomi.casebook.audience import actor_for
from hinomi.casebook.models import Allowance
from hinomi.casebook.shapes import finding_of
from hinomi.detect.detector import Parameter
from hinomi.detect.measured import THRESHOLD, Measured
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.charts.axis import times
from hinomi.hub.charts.picture import Picture
from hinomi.hub.charts.spark import Dot, against
from hinomi.hub.pages.allow import offer_of
from hinomi.hub.pages.catalogue import detectors, title_of
from hinomi.hub.pages.curve import curve_of
from hinomi.hub.pages.growth import measure_of
from hinomi.hub.pages.interval import LEVEL, Interval, interval_of
from hinomi.hub.pages.measures import measured
from hinomi.hub.pages.measures import shown as said
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.sample import sample_of
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import SEVERITY_WORDS, joined, number, say
from hinomi.members.queries import organisations
from hinomi.schema.findings import Finding
from hinomi.schema.release import Reader
from hinomi.schema.words import Text

MOST_OTHERS = 8  # other findings about the same subject that are listed


@dataclass(frozen=True)
class Fact:
    """One measure of the finding, with the number it was compared to."""

    of: Measured
    value: float | str | bool | None
    threshold: float | str | bool | None
    interval: Interval | None = None

    @property
    def title(self) -> Text:
        return self.of.meaning

    @property
    def said(self) -> str:
        return said(self.of, self.value)

    @property
    def compared(self) -> bool:
        """Whether the threshold stands beside it: behind a yes or no, a number without its measure says nothing."""
        return self.threshold is not None and not isinstance(self.value, bool)

    @property
    def between(self) -> str:
        """The interval of an estimate in words, "" for what was counted."""
        if self.interval is None:
            return ""
        words = {"low": number(self.interval.low), "high": number(self.interval.high)}
        return _("%(low)s to %(high)s packets/s (95%% confidence)") % words

    @property
    def by(self) -> str:
        """What the interval rests on, and what it leaves out."""
        if self.interval is None:
            return ""
        words = {"counted": number(self.interval.counted)}
        if self.interval.fullest:
            said = _(
                "The interval is the exact Poisson interval of the %(counted)s packets counted in the fullest minute, "
                "the highest of all;"
            )
        else:
            said = _("The interval is the exact Poisson interval of the %(counted)s packets counted;")
        return joined(said % words, _("it covers chance alone, and holds only as far as the assumption does."))


@dataclass(frozen=True)
class Before:
    """The measure in earlier windows, and the days below it."""

    picture: Picture
    times: Picture


@shown
def finding(request: HttpRequest, finding: str) -> Page:
    """A finding: the measure against its threshold over time, sample rows, the rule and its parameters."""
    scope, reader = scope_of(request), reader_of(person(request))
    shape = queries.finding(finding, reader)
    if shape is None:
        raise Http404("there is no finding of this name that you may see")
    found = finding_of(shape)
    scope = scope.at(found.exercise)
    rule = detectors().get(found.detector)
    told = facts(found)
    sample = sample_of(shape)
    curve = curve_of(queries.whole_finding(finding) or found, wait="wait" in request.GET)
    main = _main(told, measure_of(found))
    before = history(found, main, reader)
    return Page(
        template="pages/finding.html",
        question=_("Why is this believed?"),
        answer=_answer(found, main, told),
        data={"finding": shape, "intervals": _intervals(told)},
        rows=shape["evidence"]["rows"],
        pictures={name: one for name, one in (("curve", curve.picture), ("measure", before and before.picture)) if one},
        context={
            "scope": scope,
            "finding": found,
            "facts": told,
            "main": main,
            "curve": curve,
            "before": before,
            "sample": sample,
            "rule": rule,
            "parameters": _parameters(rule.parameters if rule else ()),
            "organisations": organisations(found.organisations),
            "cases": queries.cases_of(finding, reader),
            "offer": offer_of(found, request),
            "standing": _standing(found, reader),
            "subject_findings": queries.about(*found.subject, reader, exercise=found.exercise, limit=MOST_OTHERS),
        },
    )


def _standing(finding: Finding, reader: Reader) -> Allowance | None:
    """The allowance that holds for the subject now; members are not told which person of the hub it was."""
    found = allowed_now(*finding.subject) if not finding.exercise else None
    if found is not None:
        found.made_by = actor_for(found.made_by, reader)
    return found


def facts(finding: Finding) -> list[Fact]:
    """The measures of a finding, each beside its threshold when it has one."""
    told = ((measured(finding.detector, name), value) for name, value in finding.measures.items())
    return [
        Fact(of, value, finding.measures.get(of.threshold), interval_of(finding, of))
        for of, value in told
        if not of.name.startswith(THRESHOLD) and value not in (None, "")
    ]


def _main(told: Sequence[Fact], drawn: Measured | None) -> Fact | None:
    """The measure to show first: the one whose curve is drawn, else the first that has a threshold, else the first number."""
    best = [one for one in told if one.of == drawn]
    compared = [one for one in told if isinstance(one.threshold, (int, float))]
    numbers = [one for one in told if isinstance(one.value, (int, float)) and not isinstance(one.value, bool)]
    return next(iter(best + compared + numbers), None)


def history(finding: Finding, main: Fact | None, reader: Reader) -> Before | None:
    """The measure in every window in which this detector found this subject; None when that is this one alone."""
    if main is None or not isinstance(main.value, (int, float)):
        return None
    others = queries.history(finding, reader)
    values = [(one, value) for one in others if isinstance(value := one.measures.get(main.of.name), (int, float))]
    if len(values) < 2:
        return None
    start, end = min(one.window.start for one, _v in values), max(one.window.end for one, _v in values)
    dots = [
        Dot(
            at=(one.window.start - start) / (end - start),
            value=float(value),
            said=f"{one.window.start:%Y-%m-%d %H:%M}: {number(value)}",
            here=one.id == finding.id,
        )
        for one, value in values
    ]
    label = _("%(measure)s over time, highest %(highest)s") % {
        "measure": say(main.title),
        "highest": number(max(dot.value for dot in dots)),
    }
    ends = sorted((dot.at, one.window.start) for dot, (one, _v) in zip(dots, values, strict=True))
    days = [(at, f"{when:%Y-%m-%d}") for at, when in (ends[0], ends[-1])]
    threshold = float(main.threshold) if isinstance(main.threshold, (int, float)) else None
    return Before(against(label, dots, threshold), times(_("The days on which this was found"), days))


def _intervals(told: Sequence[Fact]) -> dict[str, dict[str, float]]:
    """The intervals of the estimates among the measures, by name."""
    return {one.of.name: one.interval._asdict() | {"level": LEVEL} for one in told if one.interval}


def _answer(finding: Finding, main: Fact | None, told: Sequence[Fact]) -> str:
    words = {
        "detector": title_of(finding.detector),
        "severity": SEVERITY_WORDS[finding.severity],
        "confidence": finding.confidence,
    }
    parts = [
        say(finding.title) + _("."),
        _("“%(detector)s” believes it with confidence %(confidence)s of 100; severity %(severity)s.") % words,
    ]
    if main is not None and main.threshold is not None:
        because = {"measure": say(main.title), "value": number(main.value), "threshold": number(main.threshold)}
        parts.append(_("Because: %(measure)s is %(value)s, the threshold is %(threshold)s.") % because)
    parts += [_("The rate is estimated: %(between)s.") % {"between": one.between} for one in told if one.between]
    return joined(*parts)


def _parameters(parameters: Sequence[Parameter]) -> list[dict[str, object]]:
    return [
        {"name": one.name, "value": _valued(one), "unit": one.unit, "meaning": one.meaning, "source": one.source}
        for one in parameters
    ]


def _valued(parameter: Parameter) -> str:
    value = parameter.value
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
