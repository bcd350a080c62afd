"""Take in a register of members, with its line in the audit log: what the page and the command line call alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.db import transaction

from hinomi.members import actions
from hinomi.members.actions import Imported
from hinomi.members.register import Fault, Row
from hinomi.share.acts import CONSOLE, Act, note


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


def _note(done: Imported, where: str, actor: str) -> None:
    said = {"organisations": done.organisations, "networks": done.networks, "changed": done.changed}
    note(Act.REGISTER_IMPORTED, actor, where, **said)
