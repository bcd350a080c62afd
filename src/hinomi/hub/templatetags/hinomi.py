"""Words for templates: data texts in the reader's language, severities as shape and word, links that keep time and scope."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django import template
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hinomi.casebook.actions import HINOMI
from hinomi.casebook.audience import PEOPLE
from hinomi.hub.charts.world import world
from hinomi.hub.pages.catalogue import title_of
from hinomi.hub.pages.glossary import TERMS
from hinomi.hub.pages.rooms import ROOMS, Room
from hinomi.hub.pages.traffic import KINDS
from hinomi.hub.pages.words import SEVERITY_WORDS, STATUS_WORDS, VERDICT_WORDS, number
from hinomi.schema.scope import SECTORS, Tlp
from hinomi.schema.words import CaseStatus, Severity, Step, Text

register = template.Library()
THEME_COOKIE = "hinomi-theme"


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The theme this person chose, "" for the system's."""
    request = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request else ""
    return chosen if chosen in ("light", "dark") else ""


@register.simple_tag(takes_context=True)
def rooms(context: dict[str, Any]) -> list[Room]:
    """The pages this person may open, for the navigation; the present one is marked."""
    request = context["request"]
    here = request.resolver_match.url_name if request.resolver_match else ""
    scope = context.get("scope")
    tail = scope.tail if scope else ""
    return [room.shown(here, reverse(room.name) + tail) for room in ROOMS if room.open_to(request.user)]


@register.simple_tag(takes_context=True)
def exercise(context: dict[str, Any]) -> str:
    """The name of the exercise whose data this page shows, "" when it is real."""
    scope = context.get("scope")
    return scope.exercise if scope else ""


@register.filter
def say(text: Text | str | None) -> str:
    """A text in the reader's language."""
    if isinstance(text, Text):
        return text.ja if translation.get_language() == "ja" else text.en
    return str(text or "")


@register.filter
def amount(value: float | None) -> str:
    """A number as people read it: grouped by thousands, with few digits after the point."""
    return gettext("unknown") if value is None else number(value)


@register.filter
def when(value: datetime | None) -> str:
    """A time to the minute, UTC."""
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


# Shapes first: a triangle that fills up, a diamond for the worst. Colour comes from the style sheet, last.
_SHAPES = {
    Severity.INFO: '<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    Severity.LOW: '<path d="M3 8h10" stroke="currentColor" stroke-width="3"/>',
    Severity.MEDIUM: '<path d="M8 3 14 13H2z" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linejoin="round"/>',
    Severity.HIGH: '<path d="M8 2.5 14.5 13.5h-13z" fill="currentColor"/>',
    Severity.CRITICAL: '<path d="M8 .5 15.5 8 8 15.5.5 8z" fill="currentColor"/>',
}


@register.filter
def severity(value: int) -> SafeString:
    """A severity as shape and word."""
    level = Severity(value)
    shape = mark_safe(f'<svg viewBox="0 0 16 16" aria-hidden="true">{_SHAPES[level]}</svg>')  # noqa: S308 -- our own constants
    return format_html('<span class="severity {}">{}{}</span>', level.word, shape, SEVERITY_WORDS[level])


_STATES = {
    "found": '<path d="M8 2.5 14.5 13.5h-13z" fill="currentColor"/>',
    "clean": '<path d="m3 8.5 3.5 3.5L13 4.5" fill="none" stroke="currentColor" stroke-width="2.25"/>',
    "not-applicable": '<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="m4.5 11.5 7-7" stroke="currentColor" stroke-width="1.5"/>',  # noqa: E501 -- one shape
    "failed": '<path d="m4 4 8 8m0-8-8 8" stroke="currentColor" stroke-width="2.5"/>',
    "never": '<path d="M2 8h3m2 0h2m2 0h3" stroke="currentColor" stroke-width="2"/>',
    "going": '<path d="M4 2.5 13 8l-9 5.5z" fill="currentColor"/>',
    "warning": '<path d="M8 2v7M8 11.5v3" fill="none" stroke="currentColor" stroke-width="3"/>',
}


@register.simple_tag
def state(look: str, word: object) -> SafeString:
    """A state as shape and word."""
    shape = mark_safe(f'<svg viewBox="0 0 16 16" aria-hidden="true">{_STATES[look]}</svg>')  # noqa: S308 -- our own constants
    return format_html('<span class="state {}">{}{}</span>', look, shape, word)


@register.filter
def verdict(word: str) -> SafeString:
    """How a look ended, as shape and word."""
    return state(word, VERDICT_WORDS[word])


@register.simple_tag(takes_context=True)
def link(context: dict[str, Any], name: str, *args: object, **query: object) -> str:
    """The address of a page, with this page's time and scope, and what else is asked of it."""
    scope = context.get("scope")
    asked = dict(scope.asked if scope else ()) | {key: str(value) for key, value in query.items()}
    return reverse(name, args=args) + (f"?{urlencode(asked)}" if asked else "")


@register.simple_tag(takes_context=True)
def other(context: dict[str, Any], **changes: object) -> str:
    """This page's query with some words changed; None leaves one out."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"?{query.urlencode()}"


_MEANING = {term.name: term for term in TERMS}


@register.simple_tag
def term(name: str, text: str = "") -> SafeString:
    """A term of art: what it means on hover, and the way to the glossary."""
    found = _MEANING[name]
    word = text or say(found.word)
    return format_html('<a class="means" href="{}#{}" title="{}">{}</a>', reverse("glossary"), name, say(found.means), word)


@register.filter
def box(field: Any) -> SafeString:
    """A form's field without the example in it: its label stands above it, and stays when somebody types."""
    return SafeString(field.as_widget(attrs={"placeholder": False}))


@register.filter
def detector(name: str) -> str:
    """The title of a detector."""
    return title_of(name)


@register.filter
def cell(value: object) -> str:
    """A value of a table: numbers grouped, yes and no in words, text as it is."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return number(value) if isinstance(value, float) else str(value)


@register.filter
def named(organisation: Any) -> str:
    """The name of an organisation in the reader's language, when it has one there."""
    return str((translation.get_language() == "ja" and organisation.name_ja) or organisation.name)


@register.filter
def titled(case: Any) -> str:
    """The title of a case in the reader's language."""
    return str(case.title_ja if translation.get_language() == "ja" else case.title_en)


@register.filter
def status(word: str) -> str:
    """The state of a case in words."""
    return str(STATUS_WORDS[CaseStatus(word)])


@register.filter
def sector(name: str) -> str:
    """The name of a sector."""
    return say(SECTORS.get(name, Text(name, name)))


@register.filter
def tlp(value: int) -> SafeString:
    """A TLP marking in the colours that FIRST prescribes, leading to what it means."""
    level = Tlp(value)
    look, where = level.name.lower().replace("_", "-"), f"{reverse('glossary')}#tlp"
    return format_html('<a class="tlp {}" href="{}" title="{}">{}</a>', look, where, say(_MEANING["tlp"].means), level.label)


_CALLING = {
    "technical": _("technical questions"),
    "abuse": _("reports of abuse"),
    "management": _("the management"),
    "press": _("the press office"),
}


@register.filter
def calling(kind: str) -> str:
    """What one may call a contact for."""
    return str(_CALLING.get(kind, kind))


@register.filter
def country(code: str) -> str:
    """The name of a country in the reader's language."""
    return world.names(translation.get_language() or "en").get(code, code)


@register.filter
def told(event: Any) -> str:
    """What a line of a case's time line says."""
    text = say(Text(event.text_en, event.text_ja or event.text_en)) or str(event.kind)
    begun = {Step.PROPOSED.value: gettext("Proposed: %(title)s"), Step.OPENED.value: gettext("Opened: %(title)s")}
    return begun.get(str(event.kind), "%(title)s") % {"title": text}


_ACTORS = {HINOMI: _("Hinomi, by rule"), PEOPLE: _("the hub")}


@register.filter
def actor(name: str) -> str:
    """Who did something; what nobody did by hand says so."""
    return str(_ACTORS.get(name, name))


_CODE = re.compile(r"`([^`]+)`")


@register.filter
def coded(text: str) -> SafeString:
    """A sentence in which what one types stands as code: messages write it between back-quotes."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 -- escaped first


@register.filter
def pretty(value: object) -> str:
    """JSON to read."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


_STANDINGS = {"good": ("clean", _("good")), "warning": ("warning", _("look at this")), "bad": ("failed", _("bad"))}


@register.filter
def standing(word: str) -> SafeString:
    """How a check of the installation stands, as shape and word."""
    return state(*_STANDINGS[word])


# What `hub.health` looks at; the name is what `hinomi doctor` prints.
_CHECKS = {
    "home": _("Folder of the installation"),
    "secret": _("Secret key"),
    "database": _("Database"),
    "migrations": _("Version of the database"),
    "disk": _("Free disk space"),
    "lake": _("Lake"),
    "worker": _("Background work"),
    "jobs": _("Standing jobs"),
    "audit": _("Audit log"),
    "clock": _("Clock"),
}


@register.filter
def examined(name: str) -> str:
    """What a check of the installation is about."""
    return str(_CHECKS.get(name, name))


# The same shapes that `static/hub/js/atlas.js` draws.
_KINDS = {
    "mirai": '<path d="M8 1 15 14H1z"/>',
    "masscan": '<path d="M2 2h12v12H2z"/>',
    "zmap": '<path d="M8 0l8 8-8 8-8-8z"/>',
    "scan": '<circle cx="8" cy="8" r="6"/>',
    "backscatter": '<path d="M8 15 1 2h14z"/>',
    "udp": '<path d="M6 1h4v5h5v4h-5v5H6v-5H1V6h5z"/>',
    "icmp": '<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="3"/>',
    "other": '<path d="M1 6h14v4H1z"/>',
}


@register.filter
def shape(kind: str) -> SafeString:
    """The shape of a kind of traffic."""
    return mark_safe(f'<svg viewBox="0 0 16 16" aria-hidden="true" fill="currentColor" class="shape">{_KINDS[kind]}</svg>')  # noqa: S308 -- our own constants


@register.filter
def kind(name: str) -> str:
    """A kind of traffic in words."""
    return say(KINDS[name])
