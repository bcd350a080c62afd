"""What people fill in about accounts and tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.scopes import PASSED_ON, Scope
from hinomi.members.models import Organisation
from hinomi.schema.problems import WrongUse
from hinomi.schema.prose import line
from hinomi.schema.words import Role

ROLES = [(Role.MEMBER.value, _("member")), (Role.ANALYST.value, _("analyst")), (Role.OPERATOR.value, _("operator"))]
SCOPES = {
    Scope.READ: _("read findings and cases (REST, TAXII)"),
    Scope.WRITE: _("change cases"),
    Scope.OBSERVE: _("hand in captures (a sensor)"),
}
HUB = "hub:"  # said, never left out; no organisation can have this id


class TokenForm(forms.Form):
    """A new token: what it is for, for whom, what it may do, how long."""

    name = forms.CharField(label=_("What is it for?"), max_length=100)
    organisation = forms.ChoiceField(label=_("Reads for"))
    scopes = forms.MultipleChoiceField(
        label=_("Allowed to"), choices=(), widget=forms.CheckboxSelectMultiple, initial=[Scope.READ.value]
    )
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=3650, initial=365)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(scope.value, SCOPES[scope]) for scope in PASSED_ON[Role(account.role)]]
        if account.role != Role.OPERATOR:  # an analyst's or a member's token reads as that person, nobody else
            del self.fields["organisation"]
            return
        chooser = self.fields["organisation"]
        assert isinstance(chooser, forms.ChoiceField)
        members = Organisation.objects.filter(exercise=False, left=None)
        chooser.choices = [("", "—"), (HUB, _("the hub: everything")), *((one.pk, one.name) for one in members)]

    def clean_name(self) -> str:
        try:
            return line(str(self.cleaned_data["name"]), "")
        except WrongUse as wrong:
            raise forms.ValidationError(wrong.what.ja if get_language() == "ja" else wrong.what.en) from None


class AccountForm(forms.Form):
    """A new person: they get a one-time link and no password."""

    name = forms.CharField(label=_("Name to sign in with"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=Role.MEMBER.value)
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.filter(exercise=False, left=None),
        required=False,
        empty_label=_("the hub"),
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        Account.username_validator(name)
        if Account.objects.filter(username=name).exists():
            raise forms.ValidationError(_("Somebody has this name already."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") == Role.MEMBER and not cleaned.get("organisation"):
            self.add_error("organisation", _("A member needs an organisation."))
        return cleaned
