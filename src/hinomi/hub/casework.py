"""Open a case and give it to somebody, with its line in the audit log: what page, API and command line call alike."""

from __future__ import annotations

from django.db import transaction

from hinomi.casebook import actions
from hinomi.casebook.draft import Draft
from hinomi.casebook.models import Case
from hinomi.hub.accounts.models import Account
from hinomi.schema.problems import WrongUse
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Role, Text
from hinomi.share.acts import Act, note


def open_case(draft: Draft, *, actor: str) -> Case:
    """Open a case by hand; see `casebook.actions`. A draft that made one before leaves no second line."""
    with transaction.atomic():
        is_new = not Case.objects.filter(id=draft.case).exists()
        made = actions.open_case(draft, actor=actor)
        if is_new:
            note(Act.CASE_OPENED, actor, made.id, tlp=Tlp(made.tlp).label, exercise=int(made.exercise), findings=made.findings)
    return made


def staff() -> list[str]:
    """Who may hold a case: the accounts of the hub's own people, by name."""
    here = Account.objects.filter(is_active=True, role__in=(Role.OPERATOR.value, Role.ANALYST.value))
    return list(here.order_by("username").values_list("username", flat=True))


def assign(case: str, person: str, *, actor: str) -> Case:
    """Give a case to one of the hub's own people, or to nobody (""); WrongUse names those there are."""
    names = staff()
    if person and person not in names:
        what = Text("nobody of the hub has this name.", "この名前のハブ担当者はいません。")
        raise WrongUse(person, what, Text(f"Choose among {', '.join(names)}.", f"{', '.join(names)} から選んでください。"))
    with transaction.atomic():
        before = Case.objects.filter(id=case).values_list("assignee", flat=True).first()
        given = actions.assign(case, person, actor=actor)
        if given.assignee != before:
            note(Act.CASE_ASSIGNED, actor, given.id, to=person)
    return given
