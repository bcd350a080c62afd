"""`Job`: one piece of work that outlives the request that asked for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class State(models.TextChoices):
    """The life of a job; one that was running when its worker died waits again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(models.Model):
    """One piece of work: what, with which arguments, how far, and how it ended."""

    kind = models.CharField(max_length=32)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created = models.DateTimeField(default=timezone.now)
    due = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    beat = models.DateTimeField(null=True, blank=True, help_text="when the worker last said that it is alive")
    worker = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.JSONField(default=dict)  # {step: {en, ja}, number, of, rows}
    result = models.JSONField(default=dict)
    problem = models.JSONField(default=dict)  # {en, ja}, when it failed

    class Meta:
        ordering = ("-created",)
        indexes = [
            models.Index(fields=("state", "due"), name="job_queue"),
            models.Index(fields=("kind", "-created"), name="job_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    @property
    def over(self) -> bool:
        return self.state in (State.DONE, State.FAILED)
