"""Addresses of an account: security, tokens, people, one-time links."""

from __future__ import annotations

from django.urls import URLPattern
from django.views.generic import RedirectView

from hinomi.hub.accounts import views
from hinomi.hub.permission import OPERATOR, PUBLIC, SIGNED_IN, page

urlpatterns: list[URLPattern] = [
    page("security/", views.security, roles=SIGNED_IN, name="security"),
    page("2fa/", RedirectView.as_view(pattern_name="security"), roles=SIGNED_IN, name="mfa_index"),  # instead of allauth's
    page("sessions/", views.sessions, roles=SIGNED_IN, name="usersessions_list"),  # instead of allauth's
    page("link/<str:signed>/", views.sign_in_link, roles=PUBLIC, name="sign-in-link"),
    page("tokens/", views.tokens, roles=SIGNED_IN, name="tokens"),
    page("tokens/<int:token>/revoke/", views.revoke, roles=SIGNED_IN, name="token-revoke"),
    page("people/", views.people, roles=OPERATOR, name="people"),
    page("people/<int:account>/<str:act>/", views.person_action, roles=OPERATOR, name="person-action"),
]
