"""Denied unless declared: every address of the hub, walked, for everybody who might ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.urls.converters import IntConverter

from hinomi.hub import urls as hub
from hinomi.hub.accounts.models import Account
from hinomi.hub.permission import HUB, OPERATOR, PUBLIC, SIGNED_IN, TOKEN, Permission, page, permission_of
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn


@dataclass(frozen=True)
class Address:
    """One pattern of the table of addresses, with an example of it."""

    name: str
    example: str
    permission: Permission | None


BY_REGEX = {"account_confirm_email": "confirm-email/a/", "account_reset_password_from_key": "password/reset/key/1-a/"}


def _example(pattern: URLPattern | URLResolver) -> str:
    if getattr(pattern, "name", None) in BY_REGEX:
        return BY_REGEX[str(pattern.name)]
    route = str(getattr(pattern.pattern, "_route", ""))
    for name, converter in pattern.pattern.converters.items():
        kind = "int" if isinstance(converter, IntConverter) else "str"
        for written in (f"<{kind}:{name}>", f"<{name}>", f"<slug:{name}>", f"<path:{name}>", f"<uuid:{name}>"):
            route = route.replace(written, "1")
    return route


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/", spaces: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from addresses(pattern.url_patterns, before + _example(pattern), inner)
        else:
            declared = permission_of(pattern.callback, pattern.name, list(spaces))
            yield Address(pattern.name or "", before + _example(pattern), declared)


EVERY = list(addresses(get_resolver().url_patterns))
SHUT = [one for one in EVERY if one.permission is None]
GUARDED = [one for one in EVERY if one.permission not in (None, PUBLIC, TOKEN)]
REFUSED = (302, 401, 403)


def test_the_walk_sees_the_whole_hub() -> None:
    names = {one.name for one in EVERY}
    assert {"security", "tokens", "people", "upload", "job", "account_login", "mfa_index", "weather"} <= names
    assert len(EVERY) > 40


def test_only_addresses_of_packages_may_lack_a_permission() -> None:
    assert {one.example.split("/")[1] for one in SHUT} <= {"account"}


@pytest.mark.parametrize("address", SHUT, ids=lambda one: one.name)
def test_what_is_not_declared_is_refused_for_everybody(
    address: Address, stranger: Client, browser: SignedIn, operator: Account
) -> None:
    assert stranger.get(address.example).status_code in (403, 404)
    assert browser(operator).get(address.example).status_code in (403, 404)


@pytest.mark.parametrize("address", GUARDED, ids=lambda one: one.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(address: Address, method: str, stranger: Client) -> None:
    answer = getattr(stranger, method)(address.example)
    assert answer.status_code == 302, answer
    assert answer.headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("address", GUARDED, ids=lambda one: one.name)
def test_a_program_without_a_session_hears_401(address: Address, stranger: Client) -> None:
    assert stranger.get(address.example, headers={"accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("address", GUARDED, ids=lambda one: one.name)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_it_may_and_nothing_else(
    address: Address, role: Role, browser: SignedIn, member: Account, analyst: Account, operator: Account
) -> None:
    client = browser({Role.MEMBER: member, Role.ANALYST: analyst, Role.OPERATOR: operator}[role])
    client.raise_request_exception = False
    assert address.permission is not None
    refused = client.get(address.example).status_code == 403
    if role not in address.permission.roles:
        assert refused
    elif address.name not in OWN_REFUSAL:
        assert not refused


# Signing in once more is refused, rightly, where an account has nothing to do it with.
OWN_REFUSAL = {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_download_recovery_codes"}


def seen(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("seen")


urlpatterns = [
    path("undeclared/", seen),
    page("public/", seen, roles=PUBLIC),
    page("signed-in/", seen, roles=SIGNED_IN),
    page("hub/", seen, roles=HUB),
    page("operator/", seen, roles=OPERATOR),
    *hub.urlpatterns,  # the page that says no has links
]
OPENS = {
    "undeclared": set(),
    "public": {None, *Role},
    "signed-in": set(Role),
    "hub": {Role.ANALYST, Role.OPERATOR},
    "operator": {Role.OPERATOR},
}


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("route", OPENS)
def test_a_declaration_opens_for_those_it_names(
    route: str, stranger: Client, browser: SignedIn, member: Account, analyst: Account, operator: Account
) -> None:
    everybody = {None: stranger, Role.MEMBER: browser(member), Role.ANALYST: browser(analyst), Role.OPERATOR: browser(operator)}
    for role, client in everybody.items():
        status = client.get(f"/{route}/", headers={"accept": "application/json"}).status_code
        assert (status == 200) == (role in OPENS[route]), (route, role, status)
        assert status == 200 or status in (401, 403)
