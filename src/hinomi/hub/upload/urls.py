"""Addresses of handing in."""

from __future__ import annotations

from django.urls import URLPattern

from hinomi.hub.permission import HUB, page
from hinomi.hub.upload import views

urlpatterns: list[URLPattern] = [
    page("upload/", views.upload, roles=HUB, name="upload"),
    page("jobs/<int:job>/", views.job, roles=HUB, name="job"),
]
