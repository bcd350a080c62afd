"""What the sign-in package does to accounts, written into the audit log; our own actions write their lines themselves.

These are signals because django-allauth offers nothing else: its views cannot be made to call us.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest

from hinomi.hub.accounts.models import Account
from hinomi.share.acts import Act, note

UNKNOWN = "unknown"  # who it was; a name that no account has is not written down, because people type passwords there


def address_of(request: HttpRequest | None) -> str:
    """From where somebody asks, as the sign-in limits count it; "" when that cannot be told."""
    try:
        return str(get_adapter().get_client_ip(request)) if request is not None else ""
    except PermissionDenied:  # how the package says that it does not know
        return ""


@receiver(auth.user_logged_in)
def _came_in(sender: Any, request: HttpRequest | None, user: Account, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    note(Act.SIGNED_IN, user.username, user.username, address=address_of(request), how=_how(request, user))


@receiver(auth.user_logged_out)
def _went_out(sender: Any, request: HttpRequest, user: Account | None, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    if user is not None:
        note(Act.SIGNED_OUT, user.username, user.username)


@receiver(auth.user_login_failed)
def _was_refused(
    sender: Any,  # noqa: ARG001 -- a receiver's signature
    credentials: Mapping[str, Any],
    request: HttpRequest | None = None,
    **_: Any,
) -> None:
    name = str(credentials.get("username") or "")
    known = Account.objects.filter(username=name).exists()
    note(Act.SIGN_IN_FAILED, name if known else UNKNOWN, how="password", address=address_of(request))


@receiver(account.password_changed)
@receiver(account.password_set)
def _chose_a_password(sender: Any, request: HttpRequest, user: Account, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    note(Act.PASSWORD_CHANGED, user.username, user.username, address=address_of(request))


_FACTOR = {
    mfa.authenticator_added: Act.FACTOR_ADDED,
    mfa.authenticator_removed: Act.FACTOR_REMOVED,
    mfa.authenticator_reset: Act.FACTOR_RENEWED,
}


@receiver(list(_FACTOR))
def _changed_a_factor(
    sender: Any,  # noqa: ARG001 -- a receiver's signature
    signal: Any,
    request: HttpRequest,
    user: Account,
    authenticator: Authenticator,
    **_: Any,
) -> None:
    note(_FACTOR[signal], user.username, user.username, kind=authenticator.type, address=address_of(request))


def _how(request: HttpRequest | None, user: Account) -> str:
    """By which means, as the sign-in package recorded them: `password`, `link`, `mfa`, …"""
    records = get_authentication_records(request, user) if request is not None and hasattr(request, "session") else []
    return " ".join(str(one.get("method", "")) for one in records)
