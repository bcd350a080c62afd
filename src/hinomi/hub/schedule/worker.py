"""The worker: one process beside the web processes that runs jobs, one after the other, and keeps the timetable.

It ends with the process that started it, and one home has one worker (a lock file). It
needs no clean stop: a job that was under way is run again, and the lake takes nothing twice.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable

from hinomi.home import home
from hinomi.hub.orphan import end_with
from hinomi.lake.locks import alone
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

log = logging.getLogger("hinomi.worker")
PAUSE = 0.5
BEAT = 5.0
TIMETABLE = 10.0
UNEXPECTED = Text(
    "Something unexpected happened: {error}. The log of the hub has the details; please report it.",
    "予期しないエラーが発生しました: {error}。詳細はハブのログにあります。ご報告ください。",
)


def run_one(worker: str) -> bool:
    """Run the next job to its end; False when there is none. The bulkhead between the hub and what jobs do."""
    from hinomi.hub.schedule import queue
    from hinomi.hub.schedule.work import Task

    job = queue.take(worker)
    if job is None:
        return False
    task = Task(arguments=job.arguments, say=lambda progress: queue.tell(job, progress))
    try:
        queue.finish(job, queue.works()[job.kind].run(task))
    except Problem as problem:
        queue.fail(job, Text(problem.told("en"), problem.told("ja")))
    except Exception as error:  # noqa: BLE001 -- the named bulkhead of jobs: one that fails must not stop the next
        log.error("job %s %s failed\n%s", job.kind, job.pk, traceback.format_exc())
        queue.fail(job, UNEXPECTED.fill(error=f"{type(error).__name__}: {error}"))
    return True


def work(stopped: Callable[[], bool]) -> None:
    """Run jobs until told to stop."""
    from hinomi.hub.schedule import queue

    host = socket.gethostname()
    worker = f"{host}:{os.getpid()}"
    queue.recover(host)
    threading.Thread(target=_beat, args=(worker, stopped), daemon=True).start()
    looked = 0.0
    while not stopped():
        if time.monotonic() - looked > TIMETABLE:
            looked = time.monotonic()
            queue.recover()
            queue.add_due()
        if not run_one(worker):
            time.sleep(PAUSE)


def _beat(worker: str, stopped: Callable[[], bool]) -> None:
    from django.db import Error

    from hinomi.hub.schedule import queue

    alive = home().worker_lock
    while not stopped():
        os.utime(alive)  # what `hinomi doctor` looks at
        try:
            queue.beat(worker)
        except Error as error:
            log.warning("cannot say that the worker is alive: %s", error)
        time.sleep(BEAT)


def main() -> int:
    """`python -m hinomi.hub.schedule.worker`: started by `hinomi run`, or by a service manager of its own."""
    if "--with-parent" in sys.argv:
        end_with(int(sys.argv[-1]))  # told, not asked: the parent may be gone before we have begun
    from hinomi.hub.setup import connect

    connect()
    with alone(home().worker_lock) as free:
        if not free:
            log.warning("another worker is at work in %s", home().root)
            return 3
        work(lambda: False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
