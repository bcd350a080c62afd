"""What every answer of the hub says to the browser, so that a mistake in a page cannot become an attack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.http import HttpRequest, HttpResponse


def policy(issuer: str = "") -> dict[str, Any]:
    """The content security policy: nothing from elsewhere, nothing inline; a form may lead on to the sign-in issuer."""
    place = urlsplit(issuer)
    beyond = [f"{place.scheme}://{place.netloc}"] if issuer else []
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "manifest-src": [SELF],
            "frame-ancestors": [NONE],
            "base-uri": [NONE],
            "form-action": [SELF, *beyond],
        }
    }


# Passkeys are the only device of the browser that the hub asks for.
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self)"

Answer = Callable[[HttpRequest], HttpResponse]


def headers(answer: Answer) -> Answer:
    """Add what Django's own middleware does not: a permissions policy, and no cache for what a signed-in person sees."""

    def add(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return add
