from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "hinomi.hub"
    label = "hub"
