"""The TAXII 2.1 server, read side, as a lean WSGI application: tokens only, one SQL statement a page, stored bytes out.

It stands beside Django's middleware (no session, no CSRF: nothing here changes anything) and sets its own headers.
What a reader may not see is answered like what does not exist.
"""

from __future__ import annotations

import hmac
import logging
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import Error, connection

from hinomi.share.gate import Caller
from hinomi.share.taxii import resources
from hinomi.share.taxii.media import TAXII, acceptable, packable
from hinomi.share.taxii.page import Page, Visit, read, visits
from hinomi.share.taxii.query import QueryError

Authenticate = Callable[[str | None], Caller | None]
Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]

log = logging.getLogger("hinomi.taxii")
LONGEST_PATH = 1_024
WORTH_PACKING = 1_400  # bytes: less fits into one network packet as it is
HEADERS = [
    ("Content-Type", TAXII),
    ("Cache-Control", "private, no-store"),
    ("Vary", "Authorization, Accept, Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
]
SCHEMES = [("WWW-Authenticate", 'Bearer realm="hinomi", charset="UTF-8"'), ("WWW-Authenticate", 'Basic realm="hinomi"')]


class RequestError(Exception):
    """A request that gets an error message resource."""

    def __init__(self, status: HTTPStatus, description: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(description)
        self.status, self.description, self.headers = status, description, headers


@dataclass(frozen=True)
class Answer:
    """What goes back: the body, with headers beside the constant ones."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    status: HTTPStatus = HTTPStatus.OK


def application(authenticate: Authenticate) -> Callable[[Environ, Start], list[bytes]]:
    """The WSGI application; `authenticate` turns an `Authorization` header into the caller, or None.

    It raises PermissionDenied for somebody who is known and may not read.
    """
    key = hmac.digest(settings.SECRET_KEY.encode(), b"hinomi.share.taxii.cursor", "sha256")

    def taxii(environ: Environ, start: Start) -> list[bytes]:
        try:
            answer = _answer(environ, authenticate, key)
        except RequestError as error:
            body = resources.error(error.status.value, error.status.phrase, error.description)
            answer = Answer(body, tuple(error.headers), error.status)
        return _send(answer, environ, start)

    return taxii


def _answer(environ: Environ, authenticate: Authenticate, key: bytes) -> Answer:
    """Check who asks, how and in which form, in this order; then answer."""
    try:
        caller = authenticate(_credentials(environ.get("HTTP_AUTHORIZATION")))
        if caller is None:
            raise RequestError(
                HTTPStatus.UNAUTHORIZED, "Give a valid token: `Authorization: Bearer TOKEN`, or Basic with it.", SCHEMES
            )
        method, visit = environ["REQUEST_METHOD"], visits.of(caller)
        if method not in ("GET", "HEAD"):
            raise _unwritable(method, _parts(environ), visit)
        if not acceptable(environ.get("HTTP_ACCEPT", "")):
            raise RequestError(HTTPStatus.NOT_ACCEPTABLE, f"This server speaks {TAXII}.")
        return _route(environ, visit, key)
    except PermissionDenied:
        raise RequestError(HTTPStatus.FORBIDDEN, "This token is right, but it was not made for reading.") from None
    except (Error, OSError) as error:
        connection.close()
        log.warning("the database or the audit log cannot be used: %s", error)
        raise RequestError(HTTPStatus.SERVICE_UNAVAILABLE, "Try again shortly.", [("Retry-After", "5")]) from None


def _credentials(header: str | None) -> str | None:
    """taxii2-client's TokenAuth says `Token` where RFC 6750 says `Bearer`."""
    return f"Bearer {header[6:]}" if header and header[:6].lower() == "token " else header


def _parts(environ: Environ) -> list[str]:
    """The steps of the address below the discovery."""
    path = environ.get("PATH_INFO", "")
    if len(path) > LONGEST_PATH:
        raise RequestError(HTTPStatus.BAD_REQUEST, f"The address is longer than {LONGEST_PATH} characters.")
    return str(path).removeprefix(resources.DISCOVERY).rstrip("/").split("/")


def _unwritable(method: str, parts: list[str], visit: Visit) -> RequestError:
    """Adding (§5.5) and deleting (§5.7) are refused as the specification has it; other methods there are none."""
    match method, parts:
        case ("POST", [resources.ROOT, "collections", resources.COLLECTION | resources.ALIAS, "objects"]) | (
            "DELETE",
            [resources.ROOT, "collections", resources.COLLECTION | resources.ALIAS, "objects", _],
        ) if visit.sees_any:
            return RequestError(HTTPStatus.FORBIDDEN, "This collection can be read only (can_write is false).")
    return RequestError(HTTPStatus.METHOD_NOT_ALLOWED, "This server is read only.", [("Allow", "GET, HEAD")])


def _route(environ: Environ, visit: Visit, key: bytes) -> Answer:
    match _parts(environ):
        case [""]:
            return Answer(resources.discovery)
        case [resources.ROOT]:
            return Answer(resources.api_root)
        case [resources.ROOT, "collections"]:
            return Answer(resources.collections if visit.sees_any else resources.EMPTY)
        case [resources.ROOT, "collections", resources.COLLECTION | resources.ALIAS, *rest] if visit.sees_any:
            return _collection(rest, environ.get("QUERY_STRING", ""), visit, key)
    raise RequestError(HTTPStatus.NOT_FOUND, "There is nothing here that you may see.")


def _collection(rest: list[str], query: str, visit: Visit, key: bytes) -> Answer:
    try:
        match rest:
            case []:
                return Answer(resources.collection)
            case ["manifest"]:
                return _paged(read(visit, "manifest", query, key))
            case ["objects"]:
                return _paged(read(visit, "objects", query, key))
            case ["objects", identifier]:
                return _paged(read(visit, "object", query, key, identifier))
            case ["objects", identifier, "versions"]:
                return _paged(read(visit, "versions", query, key, identifier))
    except QueryError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
    raise RequestError(HTTPStatus.NOT_FOUND, "There is nothing here that you may see.")


def _paged(page: Page | None) -> Answer:
    if page is None:
        raise RequestError(HTTPStatus.NOT_FOUND, "There is nothing here that you may see.")
    if page.first is None or page.last is None:
        return Answer(page.body)
    first, last = resources.moment(page.first), resources.moment(page.last)
    return Answer(page.body, (("X-TAXII-Date-Added-First", first), ("X-TAXII-Date-Added-Last", last)))


def _send(answer: Answer, environ: Environ, start: Start) -> list[bytes]:
    body, headers = answer.body, [*HEADERS, *answer.headers]
    if len(body) > WORTH_PACKING and packable(environ.get("HTTP_ACCEPT_ENCODING", "")):
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # 31: gzip's frame
        body = packer.compress(body) + packer.flush()
        headers.append(("Content-Encoding", "gzip"))
    if settings.SECURE_HSTS_SECONDS:  # the public address is https, whatever a proxy speaks to us
        headers.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    headers.append(("Content-Length", str(len(body))))
    start(f"{answer.status.value} {answer.status.phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
