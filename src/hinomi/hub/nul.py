"""NUL, which no address, question or form has a use for and PostgreSQL cannot keep: refused before anything is looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

from hinomi.hub.permission import TOKEN, permission_of

NUL = "\0"
Answer = Callable[[HttpRequest], HttpResponse]


def asked(answer: Answer) -> Answer:
    """Middleware, before anybody asks whose session it is: no NUL in the address, the question or a cookie."""

    def look(request: HttpRequest) -> HttpResponse:
        _refuse(request.path_info, *_words(request.GET), *request.COOKIES.values())
        return answer(request)

    return look


class Filled:
    """Middleware, after permission and CSRF: no NUL in a form, which is read once its sender may send it, not before."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any) -> None:
        match = request.resolver_match
        assert match is not None
        if request.method == "POST" and permission_of(view, match.url_name, match.namespaces) is not TOKEN:
            _refuse(*_words(request.POST))  # the API knows only later who asks, and types what it takes


filled = Filled


def _words(given: QueryDict) -> Iterable[str]:
    for name, values in given.lists():
        yield name
        yield from map(str, values)


def _refuse(*texts: str) -> None:
    if any(NUL in text for text in texts):
        raise BadRequest("a NUL is in the address, the question, a cookie or the form")
