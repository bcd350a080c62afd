"""Check the whole audit record once a day: a line that was altered, cut or lost makes this job fail, and health say so."""

from __future__ import annotations

from datetime import timedelta

from hinomi.hub.schedule.work import Result, Task, Work
from hinomi.schema.words import Text
from hinomi.share.audit import verify


def run(task: Task) -> Result:  # noqa: ARG001 -- every work takes its task
    """The first thing that is wrong is the problem of the job."""
    for problem in verify():
        raise problem
    return {"broken": 0}


work = Work(title=Text("Check the audit record", "監査ログの検証"), run=run, every=timedelta(days=1))
