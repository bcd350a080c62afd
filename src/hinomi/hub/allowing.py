"""Allow and take back, with its line in the audit log: what the page, the API and the command line call alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from hinomi.casebook import allowing
from hinomi.casebook.allowing import Wish
from hinomi.casebook.models import Allowance
from hinomi.hub.moment import moment
from hinomi.schema.problems import WrongUse
from hinomi.schema.release import Reader
from hinomi.schema.words import Text
from hinomi.share.acts import Act, note


def allow(wish: Wish) -> Allowance:
    """Allow an address or prefix; see `casebook.allowing`."""
    with transaction.atomic():
        made = allowing.allow(wish)
        until = made.valid_until.isoformat()
        note(Act.ALLOWED, wish.actor, made.prefix, until=until, reason=made.reason, organisation=made.organisation, id=made.pk)
    return made


def withdraw(id_: int, *, reader: Reader, actor: str) -> Allowance:
    """Take an allowance back."""
    with transaction.atomic():
        gone = allowing.withdraw(id_, reader=reader, actor=actor)
        note(Act.ALLOWANCE_WITHDRAWN, actor, gone.prefix, id=gone.pk)
    return gone


def end_of(text: str) -> datetime:
    """The end that somebody wrote: a day means to its end (UTC), a time means itself."""
    read = moment(text.strip())
    if read is None:
        what = Text("this is not a day from 1970 to 2199.", "1970年から2199年までの日付ではありません。")
        raise WrongUse(text or "until", what, Text("Write 2026-12-31.", "2026-12-31 のように書いてください。"))
    return read + timedelta(days=1) if len(text.strip()) <= len("2026-12-31") else read
