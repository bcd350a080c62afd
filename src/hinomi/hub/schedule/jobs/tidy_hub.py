"""House-keeping of the hub: dead sessions and links, old lines of the timetable, uploads and sums that nobody reads."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from hinomi.home import home
from hinomi.hub.accounts.actions import forget_expired
from hinomi.hub.schedule.models import Job, State
from hinomi.hub.schedule.work import Result, Task, Work
from hinomi.schema.words import Text

KEPT = timedelta(days=7)
PICTURES = timedelta(days=30)  # sums behind curves and maps: whoever asks for an old one again waits for it once


def run(task: Task) -> Result:  # noqa: ARG001 -- every work takes its task
    """Forget what has expired; what people asked for is kept as long as its account."""
    SessionStore.clear_expired()
    over = Job.objects.filter(state__in=(State.DONE, State.FAILED), created__lt=timezone.now() - KEPT).exclude(kind="capture")
    told = {"links": forget_expired(), "jobs": over.delete()[0], "uploads": _forget(_uploads())}
    return told | {"pictures": _forget(_older(home().pictures, PICTURES))}


def _uploads() -> Iterator[Path]:
    """Uploads that no job is going to read."""
    awaited = {job.arguments.get("path") for job in Job.objects.filter(state__in=(State.WAITING, State.RUNNING))}
    yield from (file for file in _older(home().inbox, KEPT) if str(file) not in awaited)


def _older(folder: Path, age: timedelta) -> list[Path]:
    """The files below a folder that nobody has written for so long."""
    before = time.time() - age.total_seconds()
    return [file for file in folder.rglob("*") if file.is_file() and file.stat().st_mtime < before]


def _forget(files: Iterable[Path]) -> int:
    gone = list(files)
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


work = Work(title=Text("Tidy the hub", "ハブの整理"), run=run, every=timedelta(hours=1))
