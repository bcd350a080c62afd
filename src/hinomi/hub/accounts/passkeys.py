"""The form that adds a passkey: one that signs in alone, unless the person says otherwise."""

from __future__ import annotations

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):
    """A name to know it by later, and whether it signs in alone or is a second step only."""

    name = forms.CharField(label=_("Name"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone: it asks for your finger, your face or a PIN"), required=False, initial=True
    )


class RenameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"))
