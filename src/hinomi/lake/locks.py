"""Who is at work on a lake: locks of the operating system, which end with their process whatever ends it."""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CLOSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}  # to one who may only read


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a file, waiting for it; `shared` lets others that also share it in.

    Who may not write there shares nothing, and reads all the same: a file that is swept away meanwhile is missed, with an
    error, never read wrongly.
    """
    try:
        descriptor = _open(path)
    except OSError as error:
        if not shared or error.errno not in CLOSED:
            raise
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Hold the lock of a file if nobody else holds it or shares it at this instant; whether that was so."""
    descriptor = _open(path)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


class Token:
    """The mark of one unfinished piece of work: its files carry the token's name, its lock says that it is alive.

    A token's lock file is there before its first data file and goes after its commit. So a lock file that nobody holds
    means a writer that died, and files with its name that no table refers to are its litter.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid.uuid4().hex
        self._path = folder / self.name
        unlocked = folder / f".{self.name}"
        self._descriptor = _open(unlocked)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        unlocked.rename(self._path)  # nobody ever sees it unlocked while its writer lives

    def release(self) -> None:
        """The work is committed or its files are gone."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def tokens(folder: Path) -> tuple[set[str], set[str]]:
    """The names of the tokens at work, and of those whose writer died."""
    names = {entry.name for entry in folder.iterdir() if entry.name[0] != "."} if folder.is_dir() else set()
    dead = {name for name in names if _abandoned(folder / name)}
    return names - dead, dead


def _abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return False  # released since we looked, or another user's, who will look for himself
    try:
        return _taken(descriptor) and path.exists()
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
