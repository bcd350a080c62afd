"""Pages about accounts: security of one's own, tokens, the people of the hub, and the one-time link."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.browsers import browser
from hinomi.hub.accounts.forms import HUB, SCOPES, AccountForm, TokenForm
from hinomi.hub.accounts.models import Account, Token
from hinomi.hub.accounts.scopes import Scope
from hinomi.hub.accounts.tokens import memory
from hinomi.hub.accounts.witness import UNKNOWN, address_of
from hinomi.schema.words import Role
from hinomi.share.acts import Act, note


def me(request: HttpRequest) -> Account:
    """The person who is signed in; permissions have been looked at before any view runs."""
    return cast(Account, request.user)


@require_safe
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """How this account signs in, where it is signed in, and which tokens it has made."""
    kinds = set(Authenticator.objects.filter(user=me(request)).values_list("type", flat=True))
    context = {
        "passkeys": Authenticator.objects.filter(user=me(request), type=Authenticator.Type.WEBAUTHN),
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "protected": bool(kinds & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}),
        "sessions": [(one, browser(one.user_agent)) for one in UserSession.objects.purge_and_list(me(request))],
        "tokens": me(request).tokens.filter(revoked=None).count(),
    }
    return render(request, "account/security.html", context)


@never_cache
def sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else. Where one is signed in stands on the page of security, and nowhere else."""
    if request.method == "POST":
        end_other_sessions(request, me(request))
        messages.success(request, _("Every other place is signed out."))
    return redirect("security")


@never_cache
def sign_in_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Opening the link shows a button; pressing it signs in. So a mail scanner that opens links uses nothing up."""
    if limited := ratelimit.consume_or_429(request, action="login"):
        return limited
    link = actions.find_link(signed)
    if link is None:
        note(Act.SIGN_IN_FAILED, UNKNOWN, how="link", address=address_of(request))
        return render(request, "account/link_dead.html", status=410)
    if request.method != "POST":
        return render(request, "account/link.html", {"person": link.account})
    if not actions.use_link(link):
        return render(request, "account/link_dead.html", status=410)
    first = link.account.last_login is None
    record_authentication(request, link.account, method="link", reauthenticated=True)  # nobody is asked twice in a row
    backed = link.account
    backed.backend = "allauth.account.auth_backends.AuthenticationBackend"
    return perform_login(request, Login(user=backed, redirect_url="/account/security/" if first else None))


@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens (an operator: all of them), and the form that makes one."""
    person = me(request)
    form = TokenForm(request.POST or None, account=person)
    fresh = ""
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="account")
        if form.is_valid():
            fresh = _issue(person, form)
            form = TokenForm(account=person)
    listed = Token.objects.all() if person.role == Role.OPERATOR else person.tokens.all()
    told = [(token, _may(token)) for token in listed.select_related("organisation", "account")]
    context = {"form": form, "fresh": fresh, "tokens": told}
    return render(request, "account/tokens.html", context)


def _may(token: Token) -> list[str]:
    """What a token may do now, in the words of the form that made it."""
    return [str(word) for scope, word in SCOPES.items() if scope in token.may]


def _issue(person: Account, form: TokenForm) -> str:
    """An operator chooses for whom; everybody else makes tokens that read exactly as they themselves do."""
    data = form.cleaned_data
    role, organisation = Role(person.role), person.organisation_id
    if role is Role.OPERATOR and data["organisation"] != HUB:
        role, organisation = Role.MEMBER, data["organisation"]
    scopes = [Scope(one) for one in data["scopes"]]
    return actions.issue_token(
        data["name"], account=person, role=role, organisation=organisation, scopes=scopes, days=data["days"]
    )[1]


@require_POST
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """End one of one's own tokens; an operator may end any."""
    found = get_object_or_404(Token, pk=token)
    if me(request).role != Role.OPERATOR and found.account != me(request):
        raise PermissionDenied
    actions.revoke_token(found, actor=me(request).username)
    memory.clear()
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": found.name})
    return redirect("tokens")


@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Who may sign in, and the form that adds somebody; for operators."""
    form = AccountForm(request.POST or None)
    link = ""
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="account")
        if form.is_valid():
            data = form.cleaned_data
            organisation = data["organisation"].pk if data["organisation"] else None
            actor = me(request).username
            made = actions.add_account(data["name"], Role(data["role"]), organisation, actor=actor)
            link = actions.sign_in_link(made, actor=actor)
            form = AccountForm()
    context = {"form": form, "link": link, "people": Account.objects.select_related("organisation").order_by("username")}
    return render(request, "account/people.html", context)


@require_POST
@never_cache
def person_action(request: HttpRequest, account: int, act: str) -> HttpResponse:
    """What an operator does for a person; an act that is not in the table is not there."""
    if act not in ACTS:
        raise Http404("there is no such act")
    raise_if_reauthentication_required(request, app="account")
    return ACTS[act](request, get_object_or_404(Account, pk=account)) or redirect("people")


def _link(request: HttpRequest, person: Account) -> HttpResponse:
    link = actions.sign_in_link(person, actor=me(request).username)
    return render(request, "account/link_made.html", {"person": person, "link": link})


def _forget(request: HttpRequest, person: Account) -> None:
    actions.forget_second_factor(person, actor=me(request).username)
    messages.success(request, _("%(name)s signs in without a second step until a new one is set up.") % {"name": person})


def _shut(request: HttpRequest, person: Account) -> None:
    if person == me(request):
        messages.error(request, _("You cannot shut yourself out."))
        return
    actions.let_in(person, False, actor=me(request).username)
    memory.clear()


def _open(request: HttpRequest, person: Account) -> None:
    actions.let_in(person, True, actor=me(request).username)
    memory.clear()


# A new link, a lost second step, shut out, let in again.
ACTS: dict[str, Callable[[HttpRequest, Account], HttpResponse | None]] = {
    "link": _link,
    "forget": _forget,
    "shut": _shut,
    "open": _open,
}
