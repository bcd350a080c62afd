"""Make a process ready to work on an installation: settings read, database up to date, files collected, an operator."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import AbstractContextManager, closing
from hashlib import sha256
from pathlib import Path

from hinomi.home import home
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

_lock = threading.Lock()


def connect() -> None:
    """Read the settings and open the models; changes nothing on disk but the key, when there is none yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hinomi.hub.settings")
    import django
    from django.apps import apps

    with _lock:
        if not apps.ready:
            django.setup()


def connect_alone_on_a_full_disk() -> None:
    """As `connect`, for one command: where SQLite has no room to share the database, read it without the others.

    It is tried beside Django, and closed: a connection of Django's that failed keeps its locks until it is collected.
    """
    connect()
    from django.db import connection

    from hinomi.hub.database import ALONE

    place = connection.settings_dict["NAME"]
    if connection.vendor != "sqlite" or not Path(place).is_file():
        return
    with closing(sqlite3.connect(place)) as tried:
        try:
            tried.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.Error as error:  # what else is wrong is told by whoever uses it
            if "disk I/O error" in str(error):
                connection.settings_dict["OPTIONS"] = ALONE


def prepare() -> None:
    """Everything an installation needs before its first use; doing it again changes nothing and takes little."""
    connect_alone_on_a_full_disk()
    from django.conf import settings
    from django.db import Error

    from hinomi.lake.errors import unwritable

    try:
        _migrate()
        from hinomi.hub.accounts.actions import first_operator

        first_operator()
    except Error as error:
        if "disk" in str(error):  # SQLite: full, or not to be written
            raise unwritable(settings.HOME.root, error) from None
        place = settings.DATABASES["default"]
        what = Text("the database cannot be used ({why}).", "データベースを使用できません（{why}）。").fill(
            why=str(error).strip()
        )
        remedy = Text("Look at the disk and at HINOMI_DATABASE_URL.", "ディスクと HINOMI_DATABASE_URL を確認してください。")
        raise Problem(f"{place.get('HOST', '')} {place['NAME']}".strip(), what, remedy) from None


def _migrate() -> None:
    """Bring the database up to date. Of several processes one does it, and the others wait for it."""
    from django.core.management import call_command

    if not _outstanding():
        return
    with _alone():
        if _outstanding():
            call_command("createcachetable", verbosity=0)  # first: the plan of migrations tells whether all was done
            call_command("migrate", verbosity=0, interactive=False)


def _outstanding() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _alone() -> AbstractContextManager[None]:
    """The lock under which an installation is changed as a whole."""
    from hinomi.lake.locks import locked

    return locked(home().setup_lock)


def collect() -> None:
    """Gather static files under hashed names and compress them; only when one of them has changed."""
    connect()
    from django.conf import settings
    from django.core.management import call_command

    stamp = settings.STATIC_ROOT / ".stamp"
    now = _fingerprint()

    def done() -> bool:
        return stamp.exists() and stamp.read_text() == now

    if done():
        return
    with _alone():
        if not done():
            call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=["redoc*"])
            stamp.write_text(now)


def _fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    mixed = sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            mixed.update(f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}\n".encode())
    return mixed.hexdigest()
