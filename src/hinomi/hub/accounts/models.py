"""Accounts, API tokens, one-time sign-in links: who may come in, and how."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from hinomi.hub.accounts.scopes import PASSED_ON, Scope
from hinomi.schema.words import Role


class Account(AbstractUser):
    """A person who signs in; an operator may have no organisation (the hub's own)."""

    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role], default=Role.MEMBER.value)
    organisation = models.ForeignKey("members.Organisation", null=True, blank=True, on_delete=models.PROTECT)

    @property
    def sees_all(self) -> bool:
        """Operators and analysts work for the hub and see every member's findings and cases."""
        return self.role in (Role.OPERATOR, Role.ANALYST)


class SignInLink(models.Model):
    """A link that signs one account in, once; the secret itself is not kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link for {self.account} until {self.expires:%Y-%m-%d %H:%M}"


class Token(models.Model):
    """A key for a program: shown once, kept as a digest, bound to an organisation, a role and what it may do."""

    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role], default=Role.MEMBER.value)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens")
    organisation = models.ForeignKey("members.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    scopes = models.JSONField(default=list)
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    last_used = models.DateField(null=True, blank=True)  # to the day: when a key was used is nobody's diary

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def lives(self, now: datetime) -> bool:
        """Whether it opens anything now: neither revoked nor expired, and its maker, if a person, is still active."""
        if self.account is not None and not self.account.is_active:
            return False
        return self.revoked is None and (self.expires is None or now < self.expires)

    @property
    def may(self) -> frozenset[Scope]:
        """What it opens now: what it was made for, as far as its maker, if a person, may pass that on today."""
        made_for = frozenset(map(Scope, self.scopes))
        return made_for if self.account is None else made_for & set(PASSED_ON[Role(self.account.role)])

    @property
    def sees_all(self) -> bool:
        return self.role in (Role.OPERATOR, Role.ANALYST)
