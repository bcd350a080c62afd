"""Signing in through an organisation's own OpenID Connect issuer: it says who somebody is, an operator says who may come in."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hinomi.hub.accounts.models import Account
from hinomi.share.acts import Act, note


class Adapter(DefaultSocialAccountAdapter):
    """Opens to accounts that an operator has made before, found by the issuer's `preferred_username`, bound at first use."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 -- allauth's signature
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind the issuer's subject to the account of that name, once; after that, only the subject counts.

        A second subject that comes with the name of a bound account is not let in: names are given anew, subjects are not
        (OpenID Connect Core 1.0 §5.7).
        """
        if sociallogin.is_existing:
            return
        claims = sociallogin.account.extra_data
        name = {**claims.get("id_token", {}), **claims.get("userinfo", {})}.get("preferred_username", "")
        bound = SocialAccount.objects.values("user")
        account = Account.objects.filter(username=name, is_active=True).exclude(pk__in=bound).first() if name else None
        if account is None:
            message = _("%(name)s has no account here, or another identity uses it. Ask an operator to add you.")
            get_adapter().add_message(request, messages.ERROR, message=message % {"name": name or "?"})
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, account)
        note(Act.IDENTITY_BOUND, account.username, account.username, issuer=sociallogin.account.provider)
