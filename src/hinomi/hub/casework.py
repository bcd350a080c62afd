"""Open a case and give it to somebody, with its line in the audit log: what page, API and command line call alike."""

from __future__ import annotations

from django.db import transaction

from hinomi.casebook import actions
from hinomi.casebook.draft import Draft
from hinomi.casebook.models import Case
from hinomi.schema.scope import Tlp
from hinomi.share.acts import Act, note


def open_case(draft: Draft, *, actor: str) -> Case:
    """Open a case by hand; see `casebook.actions`. A draft that made one before leaves no second line."""
    with transaction.atomic():
        is_new = not Case.objects.filter(id=draft.case).exists()
        made = actions.open_case(draft, actor=actor)
        if is_new:
            note(Act.CASE_OPENED, actor, made.id, tlp=Tlp(made.tlp).label, exercise=int(made.exercise), findings=made.findings)
    return made
