"""Who may open which address: denied unless declared, and declared in the table of addresses itself.

`page(route, view, roles=…)` is `django.urls.path` with a permission. The middleware `deny_by_default` is the one place
that enforces it; an address without a declaration is refused for everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from hinomi.schema.words import Role

View = Callable[..., Any]


@dataclass(frozen=True)
class Permission:
    """Who may open an address; `public` lets in people who have not signed in."""

    roles: frozenset[Role]
    public: bool = False
    own: bool = False  # the address checks its readers itself (API tokens), and a test proves it


PUBLIC = Permission(frozenset(Role), public=True)
SIGNED_IN = Permission(frozenset(Role))
HUB = Permission(frozenset({Role.OPERATOR, Role.ANALYST}))
OPERATOR = Permission(frozenset({Role.OPERATOR}))
TOKEN = Permission(frozenset(Role), public=True, own=True)

# Addresses of packages, whose views cannot carry a declaration; by name, everything else of theirs stays shut.
FOREIGN: dict[str, Permission] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": PUBLIC,  # the second step of signing in: the person is not signed in yet
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_login_webauthn": PUBLIC,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    "openid_connect_login": PUBLIC,
    "openid_connect_callback": PUBLIC,
    "set_language": PUBLIC,
}


def page(route: str, view: View, *, roles: Permission, name: str | None = None, **kwargs: Any) -> URLPattern:
    """`django.urls.path` for a view with its permission; without `roles` it does not work."""

    def declared(request: HttpRequest, *args: Any, **captured: Any) -> Any:
        return view(request, *args, **captured)

    update_wrapper(declared, view)
    declared.permission = roles  # type: ignore[attr-defined]  # a function has no such attribute until we give it one
    return path(route, declared, kwargs, name=name)


def permission_of(view: View, name: str | None, namespaces: list[str]) -> Permission | None:
    """What is declared for an address; None when nothing is."""
    if namespaces and namespaces[0].startswith("api"):
        return TOKEN
    return getattr(view, "permission", None) or FOREIGN.get(name or "")


def allows(permission: Permission | None, user: Any) -> bool:
    """Whether this person, signed in or not, may open an address with this permission."""
    if permission is None:
        return False
    if permission.public:
        return True
    return bool(user.is_authenticated) and user.role in permission.roles


class DenyByDefault:
    """Middleware: look up the permission of the address, and refuse before any view, form or body is touched."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: View, _args: Any, _kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        assert match is not None
        permission = permission_of(view, match.url_name, match.namespaces)
        if allows(permission, request.user):
            return None
        if request.user.is_authenticated or permission is None:
            raise PermissionDenied
        return _sign_in(request)


deny_by_default = DenyByDefault


def _sign_in(request: HttpRequest) -> HttpResponse:
    """A person goes to the sign-in page; a program, which asks for JSON, hears 401."""
    wants = request.headers.get("Accept", "")
    if "application/json" in wants and "text/html" not in wants:
        return JsonResponse({"title": "sign in first", "status": 401}, status=401, content_type="application/problem+json")
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    said = _("You were no longer signed in, so nothing was saved. After signing in you are back at the page you sent it from.")
    messages.warning(request, said)
    return redirect_to_login(sent_from(request))


def sent_from(request: HttpRequest) -> str:
    """The page of ours that a form was sent from; the first one when the browser does not say."""
    page = urlsplit(request.headers.get("Referer", ""))
    is_ours = page.netloc and url_has_allowed_host_and_scheme(page.geturl(), {request.get_host()}, request.is_secure())
    return f"{page.path}?{page.query}".rstrip("?") if is_ours else "/"
