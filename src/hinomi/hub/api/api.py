"""`/api/v1`: one API for programs (token) and for scripts in a signed-in browser (session); OpenAPI from the code."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from hinomi import __version__
from hinomi.hub.api import allowances, captures, cases, findings, hub
from hinomi.hub.api.answers import written
from hinomi.hub.api.auth import READ
from hinomi.hub.api.refusals import MEANING, PROBLEM, Described
from hinomi.schema.problems import Conflict, Missing, Problem, WrongUse

# What a program is told of a problem; the first kind that fits. Only 503 says: try again.
STATUS: dict[type[Problem], int] = {Missing: 404, Conflict: 409, WrongUse: 422, Problem: 503}


class Json(BaseRenderer):
    """Every answer, as `answers.written` writes it."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 -- ninja's signature
        return written(data)


class Strict(Parser):
    """JSON as RFC 8259 has it: halves of surrogate pairs and NaN are none, and no answer could repeat them."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


log = logging.getLogger("hinomi.api")
api = Described(
    title="Hinomi",
    version=__version__,
    description="Findings, cases and the state of one hub, as far as the reader may see them.",
    urls_namespace="api",
    auth=READ,
    renderer=Json(),
    parser=Strict(),
)
for router in (findings.router, allowances.router, cases.router, captures.router, hub.router):
    api.add_router("", router)


def _problem(request: HttpRequest, status: int, title: str, detail: object = None) -> HttpResponse:
    """RFC 9457 problem details."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail is not None:
        body["detail"] = detail
    response = api.create_response(request, body, status=status)
    response["Content-Type"] = PROBLEM
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="hinomi"'
    return response


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return _problem(request, 401, "a token or a session is needed")


@api.exception_handler(AuthorizationError)
@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, _error: Exception) -> HttpResponse:
    return _problem(request, 403, "this reader may not do that")


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return _problem(request, 404, "there is nothing here that this reader may see")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [{"where": ".".join(str(part) for part in fault["loc"][1:]), "what": fault["msg"]} for fault in error.errors]
    return _problem(request, 422, "the question cannot be understood", faults)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _problem(request, error.status_code, str(error))


@api.exception_handler(OSError)
def _unable(request: HttpRequest, error: OSError) -> HttpResponse:
    """The audit log or a file cannot be written: nothing is told that cannot be logged."""
    log.warning("%s %s: %s", request.method, request.path, error)
    answer = _problem(request, 503, MEANING[503])
    answer["Retry-After"] = "5"
    return answer


@api.exception_handler(Problem)
def _told(request: HttpRequest, problem: Problem) -> HttpResponse:
    status = next(number for kind, number in STATUS.items() if isinstance(problem, kind))
    return _problem(request, status, problem.what.en, problem.told("en"))
