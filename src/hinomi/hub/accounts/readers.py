"""As whom a person or a token reads."""

from __future__ import annotations

from hinomi.casebook.audience import NOBODY
from hinomi.hub.accounts.models import Account, Token
from hinomi.schema.release import Reader
from hinomi.share.gate import is_member


def reader_of(holder: Account | Token) -> Reader:
    """The reader behind a session or a token; a member's without an organisation, or anybody's of one that left, is nobody."""
    own = holder.organisation_id or ""
    if is_member(own) or (holder.sees_all and not own):
        return Reader(organisation=own, operator=holder.sees_all)
    return Reader(organisation=NOBODY)
