"""Every address of the hub. Each is made by `page(…, roles=…)` or named in `permission.FOREIGN`; others are refused."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("hinomi.hub.pages.urls")),
    path("account/", include("hinomi.hub.accounts.urls")),
    path("account/", include("allauth.urls")),
]
