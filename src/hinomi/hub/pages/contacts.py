"""What an operator changes on a member's page: whom to call there, and whether it still belongs."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hinomi.hub import register
from hinomi.hub.pages.page import person
from hinomi.schema.problems import Problem

FIELDS = ("kind", "name", "email", "phone", "language")


@require_POST
def add(request: HttpRequest, member: str) -> HttpResponse:
    """Add a person or desk to call."""
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    said = _("%(name)s can be called now.") % {"name": typed["name"]}
    return _changed(request, member, lambda actor: register.add_contact(member, **typed, actor=actor), said)


@require_POST
def drop(request: HttpRequest, member: str, contact: int) -> HttpResponse:
    """Take a contact out."""
    return _changed(
        request, member, lambda actor: register.drop_contact(member, contact, actor=actor), _("The contact is gone.")
    )


@require_POST
def leave(request: HttpRequest, member: str) -> HttpResponse:
    """Let the organisation go."""
    return _changed(request, member, lambda actor: register.let_go(member, actor=actor), _("The organisation has left."))


def _changed(request: HttpRequest, member: str, change: Callable[[str], None], said: str) -> HttpResponse:
    try:
        change(person(request).get_username())
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        messages.success(request, said)
    return redirect("member", member)
