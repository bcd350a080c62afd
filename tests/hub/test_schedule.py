"""Jobs: taken once, told while they run, taken up again after a worker died."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from hinomi.hub.accounts.models import Account
from hinomi.hub.schedule import queue, worker
from hinomi.hub.schedule.models import Job, State
from hinomi.hub.schedule.work import Task, Work
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

WORKER = "tower:1"


@pytest.fixture
def doing(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Work]:
    """The kinds of jobs of a story; tests put in what they need."""
    kinds: dict[str, Work] = {}
    monkeypatch.setattr(queue, "works", lambda: kinds)
    return kinds


def work(run: Any, **more: Any) -> Work:
    return Work(title=Text("work", "作業"), run=run, **more)


def test_every_kind_of_job_says_what_it_is_in_both_languages() -> None:
    assert {"capture", "watch", "tidy-lake", "tidy-hub", "audit", "audit-check"} <= set(queue.works())
    assert all(one.title.en and one.title.ja for one in queue.works().values())


def test_a_job_runs_and_keeps_its_result(doing: dict[str, Work]) -> None:
    doing["sum"] = work(lambda task: {"sum": task.arguments["a"] + 1})
    job = queue.add("sum", {"a": 2})
    assert worker.run_one(WORKER)
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts) == (State.DONE, {"sum": 3}, 1)
    assert not worker.run_one(WORKER)


def test_a_job_is_taken_once(doing: dict[str, Work]) -> None:
    doing["sum"] = work(lambda _: {})
    queue.add("sum")
    assert queue.take(WORKER) is not None
    assert queue.take("tower:2") is None


def test_progress_can_be_read_while_the_job_runs(doing: dict[str, Work]) -> None:
    seen: list[Mapping[str, Any]] = []

    def run(task: Task) -> Mapping[str, Any]:
        task.enter(2, 3, Text("Reading.", "読み込み中。"))
        seen.append(Job.objects.get().progress)
        return {}

    doing["read"] = work(run)
    queue.add("read")
    worker.run_one(WORKER)
    assert seen == [{"what": {"en": "Reading.", "ja": "読み込み中。"}, "share": None, "step": 2, "steps": 3}]


def test_a_job_that_meets_a_problem_tells_it_in_both_languages(doing: dict[str, Work]) -> None:
    def run(_: Task) -> Mapping[str, Any]:
        raise Problem("a.pcap", Text("is empty.", "は空です。"), Text("Send another.", "別のものを送ってください。"))

    doing["read"] = work(run)
    job = queue.add("read")
    worker.run_one(WORKER)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert job.problem == {"en": "a.pcap: is empty. Send another.", "ja": "a.pcap: は空です。別のものを送ってください。"}


def test_a_job_that_breaks_does_not_stop_the_next(doing: dict[str, Work]) -> None:
    doing["break"] = work(lambda _: 1 / 0)
    doing["sum"] = work(lambda _: {"sum": 1})
    broken, good = queue.add("break"), queue.add("sum")
    assert worker.run_one(WORKER)
    assert worker.run_one(WORKER)
    broken.refresh_from_db()
    good.refresh_from_db()
    assert "ZeroDivisionError" in broken.problem["en"]
    assert good.state == State.DONE


def test_what_a_dead_worker_left_is_run_again(doing: dict[str, Work]) -> None:
    doing["sum"] = work(lambda _: {})
    job = queue.add("sum")
    queue.take(WORKER)
    assert queue.recover() == 0  # it has just given a sign of life
    Job.objects.update(beat=timezone.now() - timedelta(minutes=5))
    assert queue.recover() == 1
    assert worker.run_one("tower:2")
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)


def test_a_worker_that_begins_takes_up_at_once_what_its_host_left(doing: dict[str, Work]) -> None:
    doing["sum"] = work(lambda _: {})
    queue.add("sum")
    queue.take(WORKER)
    assert queue.recover("elsewhere") == 0
    assert queue.recover("tower") == 1


def test_a_job_that_kills_every_worker_is_given_up(doing: dict[str, Work]) -> None:
    doing["bomb"] = work(lambda _: {}, attempts=3)
    job = queue.add("bomb")
    for _ in range(3):
        assert queue.take(WORKER) is not None
        queue.recover("tower")
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "3" in job.problem["en"]


def test_what_people_ask_for_goes_first(doing: dict[str, Work]) -> None:
    doing["often"] = work(lambda _: {}, every=timedelta(minutes=5))
    doing["asked"] = work(lambda _: {})
    queue.add("often")
    asked = queue.add("asked")
    assert queue.take(WORKER) == asked


def test_a_person_who_waits_goes_first_whatever_the_kind(doing: dict[str, Work]) -> None:
    doing["often"] = work(lambda _: {}, every=timedelta(minutes=5))
    doing["seldom"] = work(lambda _: {}, every=timedelta(days=1))
    of_the_timetable = queue.add_due()
    asked = queue.add("seldom", account=Account.objects.create_user("aki"))
    assert [queue.take(WORKER) for _ in range(3)] == [asked, *of_the_timetable]


def test_the_timetable_adds_what_is_due_and_never_twice(doing: dict[str, Work]) -> None:
    doing["often"] = work(lambda _: {}, every=timedelta(minutes=5))
    doing["asked"] = work(lambda _: {})
    assert [job.kind for job in queue.add_due()] == ["often"]
    assert queue.add_due() == []
    worker.run_one(WORKER)
    assert queue.add_due() == []
    Job.objects.update(created=timezone.now() - timedelta(minutes=6))
    assert [job.kind for job in queue.add_due()] == ["often"]


def test_a_clock_that_jumped_back_does_not_stop_the_timetable(doing: dict[str, Work]) -> None:
    doing["often"] = work(lambda _: {}, every=timedelta(minutes=5))
    queue.add_due()
    worker.run_one(WORKER)
    Job.objects.update(created=timezone.now() + timedelta(days=400))
    assert len(queue.add_due()) == 1


def _start(home: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HINOMI")}
    return subprocess.Popen(
        [sys.executable, "-m", "hinomi.hub.schedule.worker"],
        env=environment | {"HINOMI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "hinomi.hub.settings"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _until(holds: Any, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


PARENT = """
import os, subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-m", "hinomi.hub.schedule.worker", "--with-parent", str(os.getpid())])
print(worker.pid, flush=True)
time.sleep(600)
"""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


@pytest.mark.slow
def test_one_home_has_one_worker_and_it_ends_even_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HINOMI")} | {"HINOMI_HOME": str(home)}
    subprocess.run([sys.executable, "-c", "from hinomi.hub.setup import prepare; prepare()"], env=kept, check=True)
    parent = subprocess.Popen([sys.executable, "-c", PARENT], env=kept, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    first = int(parent.stdout.readline())
    assert _until(lambda: (home / "worker.lock").exists())
    second = _start(home)
    assert second.stderr is not None
    assert b"another worker" in second.stderr.read()
    assert second.wait(60) == 3
    parent.kill()
    parent.wait()
    assert _until(lambda: not _lives(first), 30)
