"""Addresses of the pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from hinomi.hub.permission import SIGNED_IN, page


def weather(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hinomi")


urlpatterns: list[URLPattern] = [page("", weather, roles=SIGNED_IN, name="weather")]
