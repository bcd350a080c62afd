from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "hinomi.hub.schedule"
    label = "schedule"
