"""What people do to cases, each with its line in the audit log: what page, API and command line call alike."""

from __future__ import annotations

from django.db import transaction

from hinomi.casebook import actions
from hinomi.casebook.draft import Draft
from hinomi.casebook.models import Case
from hinomi.hub.accounts.models import Account
from hinomi.schema.problems import WrongUse
from hinomi.schema.prose import prose
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, Role, Text
from hinomi.share import acts
from hinomi.share.acts import Act


@transaction.atomic
def open_case(draft: Draft, *, actor: str) -> Case:
    """Open a case by hand; see `casebook.actions`. A draft that made one before leaves no second line."""
    is_new = not Case.objects.filter(id=draft.case).exists()
    made = actions.open_case(draft, actor=actor)
    if is_new:
        tlp, findings = Tlp(made.tlp).label, made.findings
        acts.note(Act.CASE_OPENED, actor, made.id, tlp=tlp, exercise=int(made.exercise), findings=findings)
    return made


@transaction.atomic
def move(case: str, status: CaseStatus, *, actor: str, reason: str = "") -> Case:
    """Move a case along its life."""
    moved = actions.move(case, status, actor=actor, reason=prose(reason, "reason"))
    acts.note(Act.CASE_MOVED, actor, moved.id, to=moved.status)
    return moved


@transaction.atomic
def note(case: str, text: str, *, actor: str, with_case: bool = False) -> Case:
    """Write something into a case; the log says that it was done and for whom, the case what was said."""
    noted = actions.note(case, prose(text, "text"), actor=actor, with_case=with_case)
    acts.note(Act.CASE_NOTED, actor, noted.id, to="case" if with_case else "hub")
    return noted


@transaction.atomic
def mark(case: str, tlp: Tlp, *, actor: str) -> Case:
    """Mark a case with a TLP colour, which decides who can read it from now on; the one it bears already leaves no line."""
    before = Case.objects.filter(id=case).values_list("tlp", flat=True).first()
    marked = actions.mark(case, tlp, actor=actor)
    if marked.tlp != before:
        acts.note(Act.CASE_MARKED, actor, marked.id, to=tlp.label)
    return marked


def staff() -> list[str]:
    """Who may hold a case: the accounts of the hub's own people, by name."""
    here = Account.objects.filter(is_active=True, role__in=(Role.OPERATOR.value, Role.ANALYST.value))
    return list(here.order_by("username").values_list("username", flat=True))


@transaction.atomic
def assign(case: str, person: str, *, actor: str) -> Case:
    """Give a case to one of the hub's own people, or to nobody (""); WrongUse names those there are."""
    names = staff()
    if person and person not in names:
        what = Text("nobody of the hub has this name.", "この名前のハブ担当者はいません。")
        raise WrongUse(person, what, Text(f"Choose among {', '.join(names)}.", f"{', '.join(names)} から選んでください。"))
    before = Case.objects.filter(id=case).values_list("assignee", flat=True).first()
    given = actions.assign(case, person, actor=actor)
    if given.assignee != before:
        acts.note(Act.CASE_ASSIGNED, actor, given.id, to=person)
    return given
