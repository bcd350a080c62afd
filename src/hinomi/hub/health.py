"""What `hinomi doctor` and the health page look at. A check that cannot look says so; it never says that all is well."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from hinomi.home import home
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

State = Literal["good", "warning", "bad"]
LOW = 2 * 1024**3  # bytes of free disk below which a warning is due; a day of a /16 telescope is about that
SILENT = 60.0  # seconds without a sign of life from the worker


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: how it stands and, when not well, what to do. `public` may be shown to members."""

    name: str
    state: State
    message: Text
    public: bool = False

    @property
    def ok(self) -> bool:
        return self.state != "bad"


def examine() -> Iterator[Check]:
    """Every check in turn; one that breaks is bad with its error, and the next is made all the same."""
    for look in CHECKS:
        name = look.__name__.strip("_").replace("_", "-")
        try:
            yield look()
        except Exception as error:  # noqa: BLE001 -- the named bulkhead of health: a check that breaks is itself a result
            what = Text("could not look: {error}", "確認できませんでした: {error}").fill(
                error=f"{type(error).__name__}: {error}"
            )
            yield Check(name, "bad", what)


def thorough() -> Iterator[Check]:
    """Every check, and the lake file by file, which takes longer than a page may."""
    from hinomi.lake.health import check
    from hinomi.pipeline import opened_lake

    yield from examine()
    if not home().lake.is_dir():
        return
    try:
        with opened_lake() as lake:
            yield from (Check(f"lake-{one.what}", "good" if one.ok else "bad", one.message) for one in check(lake))
    except Problem:
        return  # it cannot be opened, and the check of the lake above has said why


def _home() -> Check:
    root = home().root
    if os.access(root, os.W_OK | os.X_OK):
        return Check("home", "good", Text(f"{root} can be written.", f"{root} に書き込めます。"))
    return Check(
        "home",
        "bad",
        Text(f"{root} cannot be written; run as its owner.", f"{root} に書き込めません。所有者で実行してください。"),
    )


def _secret() -> Check:
    path = home().secret
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        advice = Text(
            f"{path} can be read by others (mode {mode:o}): chmod 600 it.",
            f"{path} を他の利用者が読めます (モード {mode:o})。chmod 600 してください。",
        )
        return Check("secret", "bad", advice)
    return Check("secret", "good", Text("Only its owner can read the key.", "鍵を読めるのは所有者だけです。"))


def _database() -> Check:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(
        "database", "good", Text(f"{connection.vendor} answers.", f"{connection.vendor} は応答しています。"), public=True
    )


def _migrations() -> Check:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        advice = Text(
            f"{waiting} migrations have not been run: hinomi init.",
            f"{waiting} 件のマイグレーションが未実行です。hinomi init してください。",
        )
        return Check("migrations", "bad", advice)
    return Check("migrations", "good", Text("The database is up to date.", "データベースは最新です。"))


def _disk() -> Check:
    free = shutil.disk_usage(home().root).free
    message = Text(f"{free / 1024**3:.1f} GiB free.", f"空き {free / 1024**3:.1f} GiB。")
    return Check("disk", "good" if free > LOW else "warning", message)


def _lake() -> Check:
    if not home().lake.is_dir():
        return Check("lake", "warning", Text("Nothing has been observed yet.", "まだ観測データがありません。"), public=True)
    from hinomi.pipeline import opened_lake

    with opened_lake() as lake:
        spans = {kind: lake.span(kind) for kind in lake.kinds()}
    ends = [span.end for span in spans.values() if span is not None]
    if not ends:
        return Check("lake", "warning", Text("The lake is empty.", "データレイクは空です。"), public=True)
    last = f"{max(ends):%Y-%m-%d %H:%M}"
    return Check("lake", "good", Text(f"The last event is of {last} UTC.", f"最新のイベントは {last} UTC です。"), public=True)


def _worker() -> Check:
    from django.conf import settings

    if not settings.HINOMI["scheduler"]:
        return Check("worker", "warning", Text("The scheduler is switched off.", "スケジューラは無効です。"), public=True)
    sign = home().root / "worker.lock"
    age = time.time() - sign.stat().st_mtime if sign.exists() else None
    if age is None or age > SILENT:
        advice = Text(
            "The worker is not running: nothing is detected until `hinomi run` does.",
            "ワーカーが動いていません。hinomi run するまで検知は行われません。",
        )
        return Check("worker", "bad", advice, public=True)
    return Check("worker", "good", Text("The worker is alive.", "ワーカーは動作中です。"), public=True)


def _jobs() -> Check:
    from hinomi.hub.schedule.models import Job, State

    latest: dict[str, Job] = {}
    for job in Job.objects.exclude(kind="capture").order_by("-created")[:200]:
        latest.setdefault(job.kind, job)
    failed = [job for job in latest.values() if job.state == State.FAILED]
    if failed:
        en = "; ".join(f"{job.kind}: {job.problem.get('en', '')}" for job in failed)
        ja = "; ".join(f"{job.kind}: {job.problem.get('ja', '')}" for job in failed)
        return Check("jobs", "bad", Text(en, ja))
    return Check("jobs", "good", Text("No standing job failed last time.", "定期ジョブは直近で失敗していません。"))


def _audit() -> Check:
    from hinomi.hub.schedule.models import Job, State

    last = Job.objects.filter(kind="audit-check", state__in=(State.DONE, State.FAILED)).order_by("-created").first()
    if last is None or last.finished is None:
        return Check(
            "audit", "warning", Text("The audit record has not been checked yet.", "監査記録はまだ検証されていません。")
        )
    if last.state == State.FAILED:
        return Check("audit", "bad", Text(**last.problem))
    when = f"{last.finished:%Y-%m-%d %H:%M}"
    return Check("audit", "good", Text(f"Checked whole at {when} UTC.", f"{when} UTC に全件を検証済みです。"))


def _clock() -> Check:
    from hinomi.hub.schedule.models import Job

    newest = Job.objects.order_by("-created").values_list("created", flat=True).first()
    ahead = (newest - datetime.now(UTC)).total_seconds() if newest else 0.0
    if ahead > 60:
        advice = Text(
            f"The clock has gone back by {ahead:.0f} s; check NTP.", f"時計が {ahead:.0f} 秒戻りました。NTPを確認してください。"
        )
        return Check("clock", "bad", advice)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    return Check("clock", "good", Text(f"It is {now} UTC.", f"現在 {now} UTC です。"))


CHECKS: tuple[Callable[[], Check], ...] = (
    _home,
    _secret,
    _database,
    _migrations,
    _disk,
    _lake,
    _worker,
    _jobs,
    _audit,
    _clock,
)
