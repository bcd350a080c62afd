"""As whom a person or a token reads."""

from __future__ import annotations

from hinomi.casebook.audience import NOBODY
from hinomi.hub.accounts.models import Account, Token
from hinomi.schema.release import Reader
from hinomi.share.gate import is_member


def reader_of(holder: Account | Token) -> Reader:
    """The reader behind a session or a token; without an organisation, or with one that left, there is nothing to see."""
    own = holder.organisation_id or ""
    if holder.sees_all:
        return Reader(organisation=own, operator=True)
    return Reader(organisation=own if is_member(own) else NOBODY)
