"""A PostgreSQL server of our own: private, empty, on a Unix socket in a temporary folder, gone when the tests are."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

DEBIAN = Path("/usr/lib/postgresql")  # Debian keeps one folder for each major version


def binaries() -> Path | None:
    """The folder of the newest server's programs, or None when there is none."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def server() -> Iterator[str]:
    """Run a server and give the URL of an empty database in it; it listens to its socket only, and keeps nothing."""
    programs = binaries()
    assert programs is not None, "PostgreSQL's server programs are not installed"
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="hinomi-postgres-"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        _run(user, [programs / "initdb", "-D", data, "-U", "hinomi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"])
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c full_page_writes=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        _run(user, [*control, "-o", settings, "start"])
        try:
            yield f"postgresql://hinomi@/postgres?host={folder}"
        finally:
            _run(user, [*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd | None:
    """Whom to be: the server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name: one for one in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _run(user: pwd.struct_passwd | None, command: Sequence[str | Path]) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a private database; skipped, and the skip counted, where PostgreSQL is not installed."""
    if binaries() is None:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)")
    with server() as url:
        yield url
