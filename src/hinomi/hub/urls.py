"""Every address of the hub. Each is made by `page(…, roles=…)` or named in `permission.FOREIGN`; others are refused."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from hinomi.hub.api.api import api

handler400 = "hinomi.hub.unreadable.told"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("hinomi.hub.pages.urls")),
    path("", include("hinomi.hub.upload.urls")),
    path("account/", include("hinomi.hub.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("api/v1/", api.urls),
]
