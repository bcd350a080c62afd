"""Addresses of an account: security, tokens, sessions, one-time links."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
