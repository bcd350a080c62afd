"""The queue of jobs: add, take, tell, finish. A job is taken by one worker; a dead worker's job is taken again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from hinomi.hub.accounts.models import Account
from hinomi.hub.schedule.models import Job, State
from hinomi.hub.schedule.work import Result, Work
from hinomi.registry import plugins
from hinomi.schema.words import Text

STALE = timedelta(seconds=60)  # a living worker beats every 5 s
MOST = 100  # of the queue that is looked at for what goes first
DIED = Text(
    "The worker was stopped in the middle of this job {n} times. Look at the log of the hub; the file may be at fault.",
    "このジョブの実行中にワーカーが {n} 回停止しました。ハブのログを確認してください。ファイルに原因がある可能性があります。",
)


def works() -> Mapping[str, Work]:
    """Every kind of job by name."""
    return plugins("hinomi.hub.schedule.jobs", Work)


def add(kind: str, arguments: Mapping[str, Any] | None = None, account: Account | None = None) -> Job:
    """Put a job into the queue; it runs as soon as the worker is free."""
    assert kind in works(), kind
    return Job.objects.create(kind=kind, arguments=dict(arguments or {}), account=account)


def add_due() -> list[Job]:
    """Put in the jobs that the timetable says are due: one that is still waiting or running is not added again."""
    return [add(kind) for kind, work in works().items() if work.every is not None and _due(kind, work.every)]


def _due(kind: str, every: timedelta) -> bool:
    last = Job.objects.filter(kind=kind).order_by("-created").first()
    if last is None:
        return True
    ahead = last.created > timezone.now() + every  # the clock has jumped back: do not wait for it to come round
    return last.over and (ahead or last.created <= timezone.now() - every)


def take(worker: str) -> Job | None:
    """The next job, now ours; what somebody asked for goes before what the timetable asked for."""
    waiting = Job.objects.filter(state=State.WAITING, due__lte=timezone.now())
    standing = {kind for kind, work in works().items() if work.every is not None}
    for job in sorted(waiting.order_by("due")[:MOST], key=lambda job: job.kind in standing and job.account_id is None):
        now = timezone.now()
        ours = Job.objects.filter(pk=job.pk, state=State.WAITING).update(
            state=State.RUNNING, worker=worker, started=now, beat=now, attempts=F("attempts") + 1
        )
        if ours:
            job.refresh_from_db()
            return job
    return None


def beat(worker: str) -> None:
    Job.objects.filter(state=State.RUNNING, worker=worker).update(beat=timezone.now())


def tell(job: Job, progress: Mapping[str, Any]) -> None:
    Job.objects.filter(pk=job.pk).update(progress=dict(progress), beat=timezone.now())


def finish(job: Job, result: Result) -> None:
    Job.objects.filter(pk=job.pk).update(state=State.DONE, result=dict(result), finished=timezone.now(), progress={})


def fail(job: Job, problem: Text) -> None:
    Job.objects.filter(pk=job.pk).update(state=State.FAILED, problem=problem._asdict(), finished=timezone.now(), progress={})


def recover(host: str | None = None) -> int:
    """Take up what dead workers left: at once for this host (its worker has just begun), else when long silent."""
    left = Job.objects.filter(state=State.RUNNING)
    left = left.filter(worker__startswith=f"{host}:") if host else left.filter(beat__lt=timezone.now() - STALE)
    for job in left:
        if job.attempts >= works()[job.kind].attempts:
            fail(job, DIED.fill(n=job.attempts))
        else:
            Job.objects.filter(pk=job.pk, state=State.RUNNING).update(state=State.WAITING, worker="")
    return len(left)
