"""From an `Authorization` header to the reader behind it; REST and TAXII ask here, and nowhere else."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from dataclasses import dataclass
from hmac import compare_digest

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from hinomi.hub.accounts.actions import PREFIX, digest
from hinomi.hub.accounts.models import Token
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.accounts.scopes import Scope
from hinomi.schema.release import Reader
from hinomi.share.gate import Caller

REMEMBERED = 2.0  # seconds: within them a revoked token may still be honoured by a process that has just seen it
ROOM = 4096


@dataclass(frozen=True)
class Bearer:
    """Who holds a token: as whom they read, and what they may do."""

    reader: Reader
    scopes: frozenset[Scope]
    token: int
    name: str


class _Memory:
    """The last answers, for `REMEMBERED` seconds; wrong secrets are remembered too, so that guessing costs no query."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Bearer | None]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[float, Bearer | None] | None:
        known = self._known.get(key)
        return known if known is not None and known[0] > time.monotonic() else None

    def put(self, key: str, bearer: Bearer | None) -> None:
        with self._lock:
            if len(self._known) >= ROOM:
                self._known.clear()
            self._known[key] = (time.monotonic() + REMEMBERED, bearer)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


memory = _Memory()


def authenticate(header: str | None) -> Reader | None:
    """The reader of a token that may read, given as `Bearer hin_…` or as the password of `Basic`; else None."""
    bearer = bearer_of(header)
    return bearer.reader if bearer is not None and Scope.READ in bearer.scopes else None


def caller(header: str | None) -> Caller | None:
    """The same for TAXII, with the name that the audit record gets; PermissionDenied for a token that may not read."""
    bearer = bearer_of(header)
    if bearer is not None and Scope.READ not in bearer.scopes:
        raise PermissionDenied
    return Caller(bearer.reader, bearer.name) if bearer is not None else None


def bearer_of(header: str | None) -> Bearer | None:
    """Who holds the token in this header, and what it may do; None for anything else."""
    secret = _secret(header or "")
    if not secret.startswith(PREFIX):
        return None
    key = digest(secret)
    known = memory.get(key)
    if known is not None:
        return known[1]
    bearer = _look_up(key)
    memory.put(key, bearer)
    return bearer


def _secret(header: str) -> str:
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _look_up(key: str) -> Bearer | None:
    token = Token.objects.select_related("account").filter(digest=key).first()
    if token is None or not compare_digest(token.digest, key) or not token.lives(timezone.now()):
        return None
    today = timezone.now().date()
    if token.last_used != today:
        Token.objects.filter(pk=token.pk).update(last_used=today)
    return Bearer(reader_of(token), token.may, token.pk, f"token {token.pk} {token.name}")
