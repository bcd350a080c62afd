"""What left, written down before it leaves, and what was done: a hash-chained file of each process.

The database need not wait for it. A line is `<sha256 of (hash of the line before + this entry)> <entry as JSON>`, so that
an entry cannot be changed or cut out without breaking all that follow. When `append` returns, the line is the kernel's: no
death of the process loses it. It is on the disk (fdatasync) at most `PAUSE` later, which is what a power cut may cost;
waiting for the disk in every request cost two thirds of all requests on a busy one. `share.audit` carries the lines over
into the table and checks both.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event, Lock, Thread
from typing import NamedTuple

START = "0" * 64  # what the first line of a file follows
LIMIT = 64 << 20  # bytes after which a new file is begun
SUFFIX = ".log"
PAUSE = 0.2  # seconds between two syncs


def link(previous: str, entry: bytes) -> str:
    """The hash of an entry that follows the line with the hash `previous`."""
    return sha256(previous.encode() + entry).hexdigest()


class Line(NamedTuple):
    """One entry read back: where the next one begins, its hash, and its bytes."""

    end: int
    hash: str
    entry: bytes


@dataclass(frozen=True)
class Break:
    """Where a file stops being what was written: the offset of the first line that does not follow."""

    file: Path
    offset: int


class Ledger:
    """The file that this process appends to; it is begun at the first entry, and anew after a fork or at the size limit."""

    def __init__(self, where: Path, limit: int = LIMIT) -> None:
        self.where, self.limit = where, limit
        self._writing, self._dirty = Lock(), Event()
        self._file = self._process = -1
        self._size, self._last = 0, START
        self._fault: OSError | None = None

    def append(self, entry: bytes) -> str:
        """Write one entry (JSON without line breaks) and return its hash; it is written when this returns.

        OSError when it cannot be, and once when an earlier one may not have reached the disk: the next begins a new file.
        """
        with self._writing:
            if self._fault:
                fault, self._fault, self._size = self._fault, None, self.limit
                raise fault
            if self._process != os.getpid() or self._size >= self.limit:
                self._begin()
            digest = link(self._last, entry)
            line = b"%s %s\n" % (digest.encode(), entry)
            if os.write(self._file, line) != len(line):
                self._size = self.limit  # a torn line ends its file; the next entry begins another
                raise OSError(f"{self.where}: the audit log could not be written in full; is the disk full?")
            self._last, self._size = digest, self._size + len(line)
        self._dirty.set()
        return digest

    def _begin(self) -> None:
        before, ours = self._file, self._process == os.getpid()
        self._file, self._size, self._last = _new_file(self.where), 0, START
        if ours:
            _settle(before)
        else:
            self._process = os.getpid()
            Thread(target=self._sync, name="audit log to disk", daemon=True).start()

    def _sync(self) -> None:
        while self._dirty.wait():
            self._dirty.clear()
            with self._writing:
                file = os.dup(self._file)  # the limit may close ours meanwhile
            try:
                _settle(file)
            except OSError as error:
                self._fault = error  # whoever discloses next is told, and discloses nothing
            time.sleep(PAUSE)


def _settle(file: int) -> None:
    """See what was written to the disk, and close the file."""
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


def _new_file(where: Path) -> int:
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
    file = os.open(where / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    parent = os.open(where, os.O_RDONLY)
    os.fsync(parent)  # the name is durable too
    os.close(parent)
    return file


def lines(file: Path, offset: int = 0, last: str = START) -> Iterator[Line | Break]:
    """The entries of a file from `offset` on, the line before having the hash `last`; a Break ends it.

    A last line without its line break is still being written (or was cut by a crash before it counted): it is left out.
    """
    with file.open("rb") as source:
        source.seek(offset)
        for raw in source:
            if not raw.endswith(b"\n"):
                return
            digest, _, entry = raw[:-1].partition(b" ")
            if digest != (expected := link(last, entry)).encode():
                yield Break(file, offset)
                return
            offset, last = offset + len(raw), expected
            yield Line(offset, expected, entry)
