"""Who asks the API: a token in the header, or the session of a signed-in browser (with CSRF on every write)."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.errors import AuthorizationError
from ninja.security import APIKeyCookie, HttpBearer

from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.accounts.scopes import Scope
from hinomi.hub.accounts.tokens import Bearer, bearer_of
from hinomi.schema.release import Reader
from hinomi.share.gate import Caller


class TokenHeader(HttpBearer):
    """`Authorization: Bearer hin_…` (also `Basic`, with the token as the password) with the scope that is needed."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any | None:
        return self.authenticate(request, request.headers.get("Authorization", ""))

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:  # noqa: ARG002 -- the signature is ninja's
        bearer = bearer_of(token)
        if bearer is not None and self.scope not in bearer.scopes:
            raise AuthorizationError
        return bearer


class Session(APIKeyCookie):
    """The cookie of a person who has signed in."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:  # noqa: ARG002 -- the signature is ninja's
        return request.user if request.user.is_authenticated else None


class HubSession(Session):
    """The session of somebody who works for the hub."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:
        person = super().authenticate(request, key)
        if person is not None and not cast(Account, person).sees_all:
            raise AuthorizationError
        return person


READ = [TokenHeader(Scope.READ), Session()]
WRITE = [TokenHeader(Scope.WRITE), HubSession()]
OBSERVE = [TokenHeader(Scope.OBSERVE), HubSession()]


def reader(request: HttpRequest) -> Reader:
    """As whom this request reads."""
    holder = request.auth  # type: ignore[attr-defined]  # set by ninja
    return holder.reader if isinstance(holder, Bearer) else reader_of(cast(Account, holder))


def caller(request: HttpRequest) -> Caller:
    """The same, with the name that the audit record gets."""
    holder = request.auth  # type: ignore[attr-defined]  # set by ninja
    return Caller(reader(request), holder.name if isinstance(holder, Bearer) else cast(Account, holder).get_username())


def staff(request: HttpRequest) -> Caller:
    """The same, for what only the hub's own people and their tokens may do."""
    who = caller(request)
    if not who.reader.operator:
        raise PermissionDenied
    return who


def person(request: HttpRequest) -> Account | None:
    """Whose session this is; None for a token."""
    holder = request.auth  # type: ignore[attr-defined]  # set by ninja
    return None if isinstance(holder, Bearer) else cast(Account, holder)


def token(request: HttpRequest) -> int | None:
    """Which token this is; None for a session."""
    holder = request.auth  # type: ignore[attr-defined]  # set by ninja
    return holder.token if isinstance(holder, Bearer) else None
