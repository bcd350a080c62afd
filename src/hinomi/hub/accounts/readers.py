"""As whom a person or a token reads."""

from __future__ import annotations

from hinomi.hub.accounts.models import Account, Token
from hinomi.schema.release import Reader

NOBODY = "nobody:"  # no organisation can have this id; "" would be the hub itself


def reader_of(holder: Account | Token) -> Reader:
    """The reader behind a session or a token; a member without an organisation sees nothing."""
    if holder.sees_all:
        return Reader(organisation=holder.organisation_id or "", operator=True)
    return Reader(organisation=holder.organisation_id or NOBODY)
