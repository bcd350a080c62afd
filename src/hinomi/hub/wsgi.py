"""The web application: Django, and beside it the TAXII server, which needs no page machinery and answers faster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from hinomi.hub import unannounced
from hinomi.hub.brake import Brake

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hinomi.hub.settings")
Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

django: Application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 -- reads every page's module now, so that the first visitor does not wait for it


def _taxii() -> Application:
    from hinomi.hub.accounts.tokens import caller
    from hinomi.share.taxii.app import application

    return application(caller)


def _beside(prefix: str, special: Application, general: Application) -> Application:
    def choose(environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        return (special if path.startswith(prefix) else general)(environ, start)

    return choose


application: Application = Brake(_beside("/taxii2/", _taxii(), unannounced.read(django)))
