"""Whatever goes wrong under `/api/`, a program reads problem details (RFC 9457): also where Django or ninja answer alone."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import orjson
from django.http import HttpRequest, HttpResponse

from hinomi.hub.api.refusals import MEANING, PROBLEM

PLACE = "/api/"
Answer = Callable[[HttpRequest], HttpResponse]


def told(answer: Answer) -> Answer:
    """Middleware, the outermost: an answer that refuses and is not problem details yet becomes such."""

    def tell(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        status = response.status_code
        if status < 400 or not request.path_info.startswith(PLACE) or response.headers.get("Content-Type") == PROBLEM:
            return response
        title = MEANING.get(status, HTTPStatus(status).phrase.lower())
        response.content = orjson.dumps({"type": "about:blank", "title": title, "status": status})
        response.headers["Content-Type"] = PROBLEM
        response.headers["Content-Length"] = str(len(response.content))
        return response

    return tell
