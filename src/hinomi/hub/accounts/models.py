"""Accounts: one person of one organisation in one role."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from hinomi.schema.words import Role


class Account(AbstractUser):
    """A person who signs in; an operator may have no organisation (the hub's own)."""

    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role], default=Role.MEMBER.value)
    organisation = models.ForeignKey("members.Organisation", null=True, blank=True, on_delete=models.PROTECT)
