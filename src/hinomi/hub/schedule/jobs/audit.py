"""Carry what the processes wrote about disclosures into the one chained record."""

from __future__ import annotations

from datetime import timedelta

from hinomi.hub.schedule.work import Result, Task, Work
from hinomi.schema.words import Text
from hinomi.share.audit import carry


def run(task: Task) -> Result:  # noqa: ARG001 -- every work takes its task
    return {"entries": carry()}


work = Work(title=Text("Carry over the audit record", "監査ログの取りまとめ"), run=run, every=timedelta(minutes=1))
