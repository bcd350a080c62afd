"""An address that only takes what a form sends, opened like a page: our page says so, with the way back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import is_valid_path

Answer = Callable[[HttpRequest], HttpResponse]


def form_only(answer: Answer) -> Answer:
    """Give people a page where Django's refusal of a method (405) has no words; what has words stays as it is."""

    def told(request: HttpRequest) -> HttpResponse:
        refusal = answer(request)
        wants = request.headers.get("Accept", "")
        if refusal.status_code != 405 or refusal.content or ("application/json" in wants and "text/html" not in wants):
            return refusal
        page = render(request, "405.html", {"back": back(request.path)}, status=405)
        page["Allow"] = refusal["Allow"]
        return page

    return told


def back(path: str) -> str:
    """The nearest address above this one that is there: of `/cases/X/note/` the case."""
    above = path.rstrip("/").rpartition("/")[0] + "/"
    return above if above == "/" or is_valid_path(above) else back(above)
