"""Whatever goes wrong under `/api/`, a program reads problem details (RFC 9457): also where Django or ninja answer alone."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import orjson
from django.http import HttpRequest, HttpResponse

PLACE = "/api/"
MEDIA = "application/problem+json"
# What each status means here; the text of our own pages for people says no more.
MEANING: dict[int, str] = {
    400: "the request cannot be read: its address, its body or a part of it is not well formed",
    403: "this reader may not do that; a session also needs its CSRF token on every write",
    404: "there is nothing here that this reader may see",
    405: "this cannot be done here; Allow names what can",
    413: "the body is larger than is taken here",
    500: "the hub failed; its operator finds it in the log",
}
Answer = Callable[[HttpRequest], HttpResponse]


def told(answer: Answer) -> Answer:
    """Middleware, the outermost: an answer that refuses and is not problem details yet becomes such."""

    def tell(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        status = response.status_code
        if status < 400 or not request.path_info.startswith(PLACE) or response.headers.get("Content-Type") == MEDIA:
            return response
        title = MEANING.get(status, HTTPStatus(status).phrase.lower())
        response.content = orjson.dumps({"type": "about:blank", "title": title, "status": status})
        response.headers["Content-Type"] = MEDIA
        response.headers["Content-Length"] = str(len(response.content))
        return response

    return tell
