from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hinomi.hub.accounts"
    label = "accounts"
