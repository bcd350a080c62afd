"""What was done at the hub that is no disclosure: who came in, who may, what was allowed. A line in the same audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

import orjson

from hinomi.home import home
from hinomi.share.ledger import Ledger


class Act(StrEnum):
    """What a line of the audit log may say was done; names that others match on."""

    RELEASED = "released"  # written by `share.gate` alone
    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "signed-out"
    LINK_MADE = "link-made"
    ACCOUNT_MADE = "account-made"
    ACCOUNT_SHUT = "account-shut"
    ACCOUNT_OPENED = "account-opened"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 -- the name of an act
    IDENTITY_BOUND = "identity-bound"
    FACTOR_ADDED = "second-factor-added"
    FACTOR_REMOVED = "second-factor-removed"
    FACTOR_RENEWED = "second-factor-renewed"
    FACTORS_FORGOTTEN = "second-factors-forgotten"
    TOKEN_MADE = "token-made"  # noqa: S105 -- the name of an act
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 -- the name of an act
    REGISTER_IMPORTED = "register-imported"
    CONTACT_ADDED = "contact-added"
    CONTACT_DROPPED = "contact-dropped"
    MEMBER_LEFT = "member-left"
    ALLOWED = "allowed"
    ALLOWANCE_WITHDRAWN = "allowance-withdrawn"
    CASE_OPENED = "case-opened"
    CASE_MOVED = "case-moved"
    CASE_NOTED = "case-noted"
    CASE_MARKED = "case-marked"
    CASE_ASSIGNED = "case-assigned"


@cache
def ledger() -> Ledger:
    """The audit log of this process."""
    return Ledger(home().audit)


def note(act: Act, actor: str, about: str = "", **details: str | int | None) -> None:
    """Write down that somebody did something; it is written when this returns. Never pass a secret, nor part of one."""
    told = {"at": datetime.now(UTC), "act": act.value, "account": actor, "about": about, "details": details}
    ledger().append(orjson.dumps(told))
