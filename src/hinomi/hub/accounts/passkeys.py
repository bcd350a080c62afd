"""How a passkey is added: it signs in alone unless the person says otherwise, and is named after the browser it was made in."""

from __future__ import annotations

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from hinomi.hub.accounts.browsers import browser
from hinomi.hub.accounts.models import Account


class Adapter(DefaultMFAAdapter):
    """Names that tell one passkey from the other."""

    def generate_authenticator_name(self, user: Account, type: Authenticator.Type) -> str:  # noqa: A002, ARG002 -- allauth's names
        return browser(context.request.headers.get("User-Agent", "")) or str(_("Passkey"))


class PasskeyForm(AddWebAuthnForm):
    """A name to know it by later, and whether it signs in alone or is a second step only."""

    name = forms.CharField(label=_("Name"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone: it asks for your finger, your face or a PIN"), required=False, initial=True
    )


class RenameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"))
