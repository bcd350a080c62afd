"""What `hinomi doctor` and the health page look at. A check that cannot look says so; it never says that all is well."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hinomi.home import home
from hinomi.hub.check import Check
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

if TYPE_CHECKING:
    from django.db.migrations.executor import MigrationExecutor

# Free disk below which a warning is due: four hours of a busy /16. In 2024 an address of NICTER's telescope got a packet every
# 13 seconds (https://www.soumu.go.jp/johotsusintokei/whitepaper/ja/r07/html/nd21a210.html), and one takes 28 bytes
# (`lake/tables.py`): 12 GB a day.
LOW = 2 * 1024**3
FULL = 200 * 1024**2  # below this nothing more can be taken in
AHEAD = timedelta(days=1)  # sensors may live by another zone's clock, not by another day
SHORTEST_KEY = 32  # letters; our own have 64
SILENT = 60.0  # seconds without a sign of life from the worker


def examine(checks: Sequence[Callable[[], Check]] | None = None) -> Iterator[Check]:
    """Every check in turn; one that breaks is bad with its error, and the next is made all the same.

    What needs the database is not asked once that has failed: one fault is one line.
    """
    broken = ""
    for look in CHECKS if checks is None else checks:
        name = look.__name__.strip("_").replace("_", "-")
        done = _without(name, broken) if broken and look in NEED_DATABASE else _looked(name, look)
        if not done.ok and look in (_database, _migrations):
            broken = broken or name
        yield done


def _looked(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Problem as problem:
        return Check(name, "bad", Text(problem.told("en"), problem.told("ja")))
    except Exception as error:  # noqa: BLE001 -- the named bulkhead of health: a check that breaks is itself a result
        first = str(error).partition("\n")[0]
        what = Text("could not look: {error}", "確認できませんでした: {error}")
        return Check(name, "bad", what.fill(error=f"{type(error).__name__}: {first}"))


def _without(name: str, broken: str) -> Check:
    what = Text("not looked at: see the line about {broken}.", "未確認です。{broken} の行をご覧ください。")
    return Check(name, "bad", what.fill(broken=broken))


def thorough() -> Iterator[Check]:
    """Every check, what was installed, and the lake file by file, which takes longer than a page may."""
    from hinomi.hub.installed import CHECKS as INSTALLED
    from hinomi.lake.health import check
    from hinomi.pipeline import opened_lake

    yield from examine()
    yield from examine(INSTALLED)
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
    if os.statvfs(root).f_flag & os.ST_RDONLY:
        advice = Text(
            f"{root} lies on a file system that is read-only: mount it for writing, or set HINOMI_HOME to another place.",
            f"{root} は読み取り専用のファイルシステムにあります。書き込み可能にするか HINOMI_HOME を変えてください。",
        )
        return Check("home", "bad", advice)
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
    if len(path.read_text("utf-8", "replace").strip()) < SHORTEST_KEY:
        advice = Text(
            f"{path} holds no key: restore it from a backup, or remove it and a new one is made (everybody signs in again).",
            f"{path} に鍵がありません。バックアップから戻すか、削除すると新しい鍵が作られます (全員再サインイン)。",
        )
        return Check("secret", "bad", advice)
    return Check("secret", "good", Text("Only its owner can read the key.", "鍵を読めるのは所有者だけです。"))


def _database() -> Check:
    from django.db import Error, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return _no_database(str(error).strip().partition("\n")[0])
    return Check(
        "database", "good", Text(f"{connection.vendor} answers.", f"{connection.vendor} は応答しています。"), public=True
    )


def _no_database(why: str) -> Check:
    """Where, what, what to do; never the password."""
    from django.conf import settings

    place = settings.DATABASES["default"]
    if not place.get("HOST"):
        advice = Text(
            f"{place['NAME']} cannot be used ({why}): restore it from a backup (hinomi restore).",
            f"{place['NAME']} を使用できません ({why})。バックアップから戻してください (hinomi restore)。",
        )
    else:
        at = f"{place['NAME']} @ {place['HOST']}:{place['PORT'] or 5432}"
        advice = Text(
            f"The database {at} does not answer ({why}): start it, or correct HINOMI_DATABASE_URL.",
            f"データベース {at} が応答しません ({why})。起動するか HINOMI_DATABASE_URL を直してください。",
        )
    return Check("database", "bad", advice, public=False)


def _migrations() -> Check:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    strange = sorted(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations) - _replaced(executor))
    if strange:
        which = ".".join(strange[0])
        advice = Text(
            f"The database is of a newer Hinomi ({which} is unknown here): install that, or restore a backup of this one.",
            f"データベースはより新しい版のものです ({which} が未知)。その版を使うか、この版のバックアップを復元してください。",
        )
        return Check("migrations", "bad", advice)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        advice = Text(
            f"{waiting} migrations have not been run: hinomi init.",
            f"{waiting} 件のマイグレーションが未実行です。hinomi init してください。",
        )
        return Check("migrations", "bad", advice)
    return Check("migrations", "good", Text("The database is up to date.", "データベースは最新です。"))


def _replaced(executor: MigrationExecutor) -> set[tuple[str, str]]:
    """Migrations that a later one stands for: applied long ago, and no longer shipped."""
    return {old for one in executor.loader.disk_migrations.values() for old in one.replaces}


def _disk() -> Check:
    fullest = min(
        (place for place in (home().root, home().lake) if place.is_dir()), key=lambda one: shutil.disk_usage(one).free
    )
    free = shutil.disk_usage(fullest).free
    told = f"{free / 1024**3:.1f} GiB"
    if free > LOW:
        return Check("disk", "good", Text(f"{told} free.", f"空き {told}。"))
    advice = Text(
        f"Only {told} are free at {fullest}: drop old days, or make room.",
        f"{fullest} の空きが {told} しかありません。古い日を削除するか空きを作ってください。",
    )
    return Check("disk", "warning" if free > FULL else "bad", advice)


def _lake() -> Check:
    root = home().lake
    if root.exists() and not root.is_dir():
        advice = Text(f"{root} is no folder: move it away.", f"{root} がフォルダではありません。移動してください。")
        return Check("lake", "bad", advice)
    if not root.is_dir():
        return Check("lake", "warning", Text("Nothing has been observed yet.", "まだ観測データがありません。"), public=True)
    if not os.access(root, os.W_OK | os.X_OK):
        advice = Text(
            f"{root} cannot be written: give it to the user who runs Hinomi (chown).",
            f"{root} に書き込めません。Hinomi を動かす利用者の所有にしてください (chown)。",
        )
        return Check("lake", "bad", advice)
    return _events()


def _events() -> Check:
    from hinomi.pipeline import opened_lake

    try:
        with opened_lake() as lake:
            spans = {kind: lake.span(kind) for kind in lake.kinds()}
    except Problem as problem:
        if "locked" not in str(problem):
            raise
        place = home().lake / "catalogue.sqlite3"
        advice = Text(
            f"{place} is locked by another process that does not let go: find it (fuser {place}) and end it.",
            f"{place} を他のプロセスがロックしたままです。fuser {place} で調べて終了してください。",
        )
        return Check("lake", "bad", advice)
    ends = [span.end for span in spans.values() if span is not None]
    if not ends:
        return Check("lake", "warning", Text("The lake is empty.", "データレイクは空です。"), public=True)
    last = f"{max(ends):%Y-%m-%d %H:%M}"
    if max(ends) > datetime.now(UTC) + AHEAD:
        advice = Text(
            f"The last event is of {last} UTC, which is to come: this clock or that of a sensor is wrong; check NTP on both.",
            f"最新のイベントが未来 ({last} UTC) です。この機器かセンサの時計が誤っています。NTPを確認してください。",
        )
        return Check("lake", "warning", advice, public=True)
    return Check("lake", "good", Text(f"The last event is of {last} UTC.", f"最新のイベントは {last} UTC です。"), public=True)


def _worker() -> Check:
    from django.conf import settings

    if not settings.HINOMI["scheduler"]:
        return Check("worker", "warning", Text("The scheduler is switched off.", "スケジューラは無効です。"), public=True)
    sign = home().worker_lock
    if sign.exists() and time.time() - sign.stat().st_mtime < SILENT:
        return Check("worker", "good", Text("The worker is alive.", "ワーカーは動作中です。"), public=True)
    if not home().serving.exists():
        advice = Text(
            "No hub is running here: findings come from `hinomi detect` alone, until `hinomi run` is started.",
            "ハブは起動していません。hinomi run するまで、検知は hinomi detect の実行時だけです。",
        )
        return Check("worker", "warning", advice, public=True)
    advice = Text(
        "A hub was started and not stopped, but its worker gives no sign of life, and nothing is detected: start it again "
        "(hinomi run), or remove hub.pid from HINOMI_HOME if none is to run.",
        "ハブは停止されていないのにワーカーの応答がなく、検知が行われていません。hinomi run で起動し直してください。"
        "使わない場合は HINOMI_HOME の hub.pid を削除してください。",
    )
    return Check("worker", "bad", advice, public=True)


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
            "audit", "warning", Text("The audit record has not been checked yet.", "監査ログはまだ検証されていません。")
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
NEED_DATABASE: frozenset[Callable[[], Check]] = frozenset((_migrations, _jobs, _audit, _clock))
