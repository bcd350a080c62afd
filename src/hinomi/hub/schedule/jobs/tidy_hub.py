"""House-keeping of the hub: dead sessions and links, old lines of the timetable, uploads that nobody reads any more."""

from __future__ import annotations

import time
from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from hinomi.home import home
from hinomi.hub.accounts.actions import forget_expired
from hinomi.hub.schedule.models import Job, State
from hinomi.hub.schedule.work import Result, Task, Work
from hinomi.schema.words import Text

KEPT = timedelta(days=7)


def run(task: Task) -> Result:  # noqa: ARG001 -- every work takes its task
    """Forget what has expired; what people asked for is kept as long as its account."""
    SessionStore.clear_expired()
    over = Job.objects.filter(state__in=(State.DONE, State.FAILED), created__lt=timezone.now() - KEPT).exclude(kind="capture")
    return {"links": forget_expired(), "jobs": over.delete()[0], "uploads": _forget_uploads()}


def _forget_uploads() -> int:
    open_paths = {job.arguments.get("path") for job in Job.objects.filter(state__in=(State.WAITING, State.RUNNING))}
    old = time.time() - KEPT.total_seconds()
    inbox = home().inbox
    stale = [file for file in (inbox.iterdir() if inbox.is_dir() else ()) if file.stat().st_mtime < old]
    gone = [file for file in stale if str(file) not in open_paths]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


work = Work(title=Text("Tidy the hub", "ハブの整理"), run=run, every=timedelta(hours=1))
