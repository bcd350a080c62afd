"""How the hub looks to one person: language and theme, kept in cookies, changed by one small form."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from hinomi.hub.templatetags.hinomi import THEME_COOKIE

_YEAR = 365 * 24 * 3600


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Change the language or the theme, and go back to where the person was."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    language, theme = request.POST.get("language"), request.POST.get("theme")
    response = HttpResponseRedirect(_unspoken(target) if language else target)
    if language in dict(settings.LANGUAGES):
        _keep(request, response, settings.LANGUAGE_COOKIE_NAME, str(language))
    if theme in ("light", "dark", "other"):
        _keep(request, response, THEME_COOKIE, "dark" if theme == "other" else str(theme))
    return response


def _unspoken(target: str) -> str:
    """An address without the language that it asks for: it would win over the one that was just chosen."""
    place = urlsplit(target)
    return place._replace(query=urlencode([one for one in parse_qsl(place.query, True) if one[0] != "lang"])).geturl()


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
