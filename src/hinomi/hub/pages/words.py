"""The words that pages say for the values that others match on, and how numbers and spans are written."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation
from django.utils.formats import localize
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from hinomi.schema.words import CaseStatus, Severity, Text, Verdict

SEVERITY_WORDS = {
    Severity.INFO: _("info"),
    Severity.LOW: _("low"),
    Severity.MEDIUM: _("medium"),
    Severity.HIGH: _("high"),
    Severity.CRITICAL: _("critical"),
}
VERDICT_WORDS = {
    Verdict.FOUND: _("found something"),
    Verdict.CLEAN: _("looked, nothing found"),
    Verdict.NOT_APPLICABLE: _("does not apply"),
    Verdict.FAILED: _("could not look"),
    "never": _("has not looked yet"),
}
STATUS_WORDS = {
    CaseStatus.PROPOSED: _("proposed"),
    CaseStatus.CONFIRMED: _("confirmed"),
    CaseStatus.CONTAINED: _("contained"),
    CaseStatus.CLOSED: _("closed"),
}
SPAN_WORDS = {"1d": _("1 day"), "7d": _("7 days"), "30d": _("30 days"), "1y": _("1 year")}


def say(text: Text) -> str:
    """A data text in the reader's language."""
    return text.ja if translation.get_language() == "ja" else text.en


def joined(*sentences: str) -> str:
    """Sentences one after the other; Japanese has no space between them."""
    return ("" if translation.get_language() == "ja" else " ").join(sentences)


def number(value: float | str | bool | None) -> str:
    """A number grouped by thousands; long fractions are cut where nobody reads on."""
    if value is None:
        return gettext("unknown")
    if isinstance(value, (bool, str)):
        return str(value)
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    short = float(f"{value:.3g}")
    return f"{value:,.0f}" if abs(short) >= 100 else str(localize(short))  # 453.0 would promise a fourth digit


def counted(one: str, many: str, amount: int, /, **words: object) -> str:
    """A sentence about so many of something: in singular or plural, its `count` written as `number` writes it."""
    return ngettext(one, many, amount) % {"count": number(amount), **words}


def lasting(span: timedelta) -> str:
    """A span of time in its largest sensible unit."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return counted("%(count)s minute", "%(count)s minutes", minutes)
    hours = round(minutes / 60)
    if hours < 24:
        return counted("%(count)s hour", "%(count)s hours", hours)
    days = round(hours / 24)
    return counted("%(count)s day", "%(count)s days", days)
