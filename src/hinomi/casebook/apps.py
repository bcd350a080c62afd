"""The casebook room as a Django app."""

from django.apps import AppConfig


class CasebookConfig(AppConfig):
    name = "hinomi.casebook"
    label = "casebook"
