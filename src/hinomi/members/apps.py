"""The members room as a Django app."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "hinomi.members"
    label = "members"
