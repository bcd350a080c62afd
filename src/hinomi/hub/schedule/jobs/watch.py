"""Detection over every window that has closed, or into which late rows have come."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hinomi.home import home
from hinomi.hub.schedule.work import Result, Task, Work
from hinomi.pipeline import opened_lake, watch
from hinomi.schema.words import Text


def run(task: Task) -> Result:
    """Look at what is new; nothing new costs next to nothing."""
    if not home().lake.is_dir():
        return {"looks": {}}
    with opened_lake() as lake:
        return {"looks": dict(Counter(outcome.verdict.value for outcome in watch(lake, report=task.report)))}


work = Work(title=Text("Detect", "検知"), run=run, every=timedelta(minutes=5))
