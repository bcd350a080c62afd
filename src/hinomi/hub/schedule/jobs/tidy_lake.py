"""House-keeping of the lake: events past their retention out, small files into larger ones, what is left over away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from hinomi.home import home
from hinomi.hub.schedule.work import Result, Task, Work
from hinomi.pipeline import opened_lake
from hinomi.schema.words import Text

COMPACTING = Text("Compacting {kind}.", "{kind} を整理しています。")


def run(task: Task) -> Result:
    """Retention first, so that nothing is compacted that goes anyway."""
    if not home().lake.is_dir():
        return {"kinds": [], "swept": 0}
    days = int(settings.HINOMI["retention_days"])
    with opened_lake() as lake:
        kinds = list(lake.kinds())
        for number, kind in enumerate(kinds):
            task.report(COMPACTING.fill(kind=kind), number / len(kinds))
            if days:
                lake.retain(kind, datetime.now(UTC) - timedelta(days=days))
            lake.compact(kind)
        swept = lake.sweep()
    return {"kinds": kinds, "swept": swept}


work = Work(title=Text("Tidy the lake", "データレイクの整理"), run=run, every=timedelta(hours=6))
