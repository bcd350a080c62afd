"""What changes the register of members, with its line in the audit log: what pages and the command line call alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.db import transaction

from hinomi.members import actions
from hinomi.members.actions import Imported
from hinomi.members.register import Fault, Row
from hinomi.schema.words import CONSOLE
from hinomi.share.acts import Act, note


def take_in(rows: Sequence[Row], faults: Iterable[Fault], *, where: str, actor: str) -> Imported:
    """Add organisations and their networks, all or nothing; see `members.actions.import_networks`."""
    with transaction.atomic():
        done = actions.import_networks(rows, faults, where=where, actor=actor)
        _note(done, where, actor)
    return done


def take_in_file(path: Path) -> Imported:
    """The same from a CSV file, by whoever sits at the machine."""
    with transaction.atomic():
        done = actions.import_file(path)
        _note(done, path.name, CONSOLE)
    return done


def add_contact(organisation: str, kind: str, name: str, *, email: str, phone: str, language: str, actor: str) -> None:
    """Add a person or desk to call at an organisation; see `members.actions.add_contact`."""
    with transaction.atomic():
        made = actions.add_contact(organisation, kind, name, email=email, phone=phone, language=language, actor=actor)
        note(Act.CONTACT_ADDED, actor, organisation, kind=made.kind, contact=made.pk)


def drop_contact(organisation: str, contact: int, *, actor: str) -> None:
    """Take a contact out of the register."""
    with transaction.atomic():
        gone = actions.drop_contact(organisation, contact, actor=actor)
        note(Act.CONTACT_DROPPED, actor, organisation, kind=gone.kind, contact=contact)


def let_go(organisation: str, *, actor: str) -> None:
    """Let an organisation go, from now on; see `members.actions.leave`."""
    with transaction.atomic():
        actions.leave(organisation, actor=actor)
        note(Act.MEMBER_LEFT, actor, organisation)


def _note(done: Imported, where: str, actor: str) -> None:
    said = {"organisations": done.organisations, "networks": done.networks, "changed": done.changed}
    note(Act.REGISTER_IMPORTED, actor, where, **said)
