"""Why is this believed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from hinomi.casebook.shapes import finding_shape
from hinomi.detect.detector import Parameter
from hinomi.hub.charts.picture import Picture
from hinomi.hub.charts.spark import Dot, against
from hinomi.hub.pages import shelf
from hinomi.hub.pages.catalogue import detectors, title_of
from hinomi.hub.pages.measures import measure_name
from hinomi.hub.pages.measures import shown as said
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import SEVERITY_WORDS, joined, number, say
from hinomi.schema.fields import FIELDS, Sensitivity
from hinomi.schema.findings import Finding
from hinomi.schema.words import Text

THRESHOLD = "threshold_"


@dataclass(frozen=True)
class Measured:
    """One number that led to the finding, with the one it was compared to."""

    name: str
    title: Text
    value: float | str | bool | None
    threshold: float | str | bool | None

    @property
    def said(self) -> str:
        return said(self.name, self.value)


@dataclass(frozen=True)
class Sample:
    """The first rows of evidence; `withheld` names the columns that this reader may not see."""

    columns: tuple[tuple[str, Text], ...]
    rows: tuple[tuple[object, ...], ...]
    withheld: tuple[Text, ...]


@shown
def finding(request: HttpRequest, finding: str) -> Page:
    """A finding: the measure against its threshold over time, sample rows, the rule and its parameters."""
    scope = scope_of(request)
    found = shelf.finding(finding, None if person(request).sees_all else scope.organisation)
    if found is None:
        raise Http404("there is no finding of this name that you may see")
    scope = scope.at(found.exercise)
    rule = detectors().get(found.detector)
    measured = measures(found)
    sample = rows_for(found, sees_all=person(request).sees_all)
    chart = history(found, measured)
    shape = finding_shape(found)
    if not person(request).sees_all:
        shape["evidence"] = {
            "rows": [dict(zip([name for name, _t in sample.columns], row, strict=True)) for row in sample.rows]
        }
    return Page(
        template="pages/finding.html",
        question=_("Why is this believed?"),
        answer=_answer(found, measured),
        data={"finding": shape},
        rows=[dict(zip([name for name, _t in sample.columns], row, strict=True)) for row in sample.rows],
        pictures={"measure": lambda: chart} if chart else {},
        context={
            "scope": scope,
            "finding": found,
            "measured": measured,
            "main": _main(measured),
            "chart": chart,
            "sample": sample,
            "rule": rule,
            "parameters": _parameters(rule.parameters if rule else ()),
            "organisations": shelf.organisations(found.organisations),
            "cases": shelf.cases_of(found.id),
            "subject_findings": shelf.about_subject(found.subject.kind, found.subject.value, found.exercise),
        },
    )


def measures(finding: Finding) -> list[Measured]:
    """The measures of a finding, each beside its threshold when it has one."""
    values = finding.measures
    return [
        Measured(name, measure_name(name), value, values.get(THRESHOLD + name))
        for name, value in values.items()
        if not name.startswith(THRESHOLD) and value not in (None, "")
    ]


def _main(measured: Sequence[Measured]) -> Measured | None:
    """The measure to draw: the first that has a threshold, else the first number."""
    compared = [one for one in measured if isinstance(one.threshold, (int, float))]
    numbers = [one for one in measured if isinstance(one.value, (int, float)) and not isinstance(one.value, bool)]
    return next(iter(compared + numbers), None)


def history(finding: Finding, measured: Sequence[Measured]) -> Picture | None:
    """The measure in every window in which this detector found this subject."""
    main = _main(measured)
    if main is None or not isinstance(main.value, (int, float)):
        return None
    others = shelf.history(
        finding.detector, finding.subject.kind, finding.subject.value, finding.exercise, finding.window.start
    )
    values = [(one, value) for one in others if isinstance(value := one.measures.get(main.name), (int, float))]
    start, end = min(one.window.start for one, _v in values), max(one.window.end for one, _v in values)
    dots = [
        Dot(
            at=(one.window.start - start) / (end - start) if len(values) > 1 else 0.5,
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
    return against(label, dots, float(main.threshold) if isinstance(main.threshold, (int, float)) else None)


def _answer(finding: Finding, measured: Sequence[Measured]) -> str:
    words = {
        "detector": title_of(finding.detector),
        "severity": SEVERITY_WORDS[finding.severity],
        "confidence": finding.confidence,
    }
    parts = [
        say(finding.title) + _("."),
        _("“%(detector)s” believes it with confidence %(confidence)s of 100; severity %(severity)s.") % words,
    ]
    main = _main(measured)
    if main is not None and main.threshold is not None:
        because = {"measure": say(main.title), "value": number(main.value), "threshold": number(main.threshold)}
        parts.append(_("Because: %(measure)s is %(value)s, the threshold is %(threshold)s.") % because)
    return joined(*parts)


def rows_for(finding: Finding, *, sees_all: bool) -> Sample:
    """The sample rows, without what tells where the sensors are when the reader is not of the hub."""
    rows: Sequence[Mapping[str, Any]] = finding.evidence.rows
    names = list(dict.fromkeys(name for row in rows for name in row if any(one.get(name) is not None for one in rows)))
    hidden = (
        [] if sees_all else [name for name in names if name not in FIELDS or FIELDS[name].sensitivity >= Sensitivity.SENSOR]
    )
    kept = [name for name in names if name not in hidden]
    return Sample(
        columns=tuple((name, _meaning(name)) for name in kept),
        rows=tuple(tuple(_cell(row.get(name)) for name in kept) for row in rows),
        withheld=tuple(_meaning(name) for name in hidden),
    )


def _cell(value: Any) -> Any:
    """Times without the zone, which the page says once."""
    return value[:23].replace("T", " ") if isinstance(value, str) and value[10:11] == "T" else value


def _meaning(name: str) -> Text:
    return FIELDS[name].meaning if name in FIELDS else measure_name(name)


def _parameters(parameters: Sequence[Parameter]) -> list[dict[str, object]]:
    return [
        {"name": one.name, "value": _valued(one), "unit": one.unit, "meaning": one.meaning, "source": one.source}
        for one in parameters
    ]


def _valued(parameter: Parameter) -> str:
    value = parameter.value
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
