from django.apps import AppConfig


class ShareConfig(AppConfig):
    name = "hinomi.share"
    label = "share"
