"""Who may come in, as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hinomi.hub.accounts"
    label = "accounts"

    def ready(self) -> None:
        from hinomi.hub.accounts import witness  # noqa: F401 -- its receivers are connected by being there
