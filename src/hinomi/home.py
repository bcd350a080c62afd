"""Where one installation keeps everything: the folder `HINOMI_HOME` (default `./.hinomi`)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folders and files of one installation, by name; nothing is created by asking for a path."""

    root: Path

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def database(self) -> Path:
        return self.root / "hub.sqlite3"

    @property
    def secret(self) -> Path:
        return self.root / "secret"

    @property
    def serving(self) -> Path:
        """Of a hub that was started: removed when it is told to stop, left behind by one that was killed."""
        return self.root / "hub.pid"

    @property
    def pictures(self) -> Path:
        """The sums behind curves and maps: whoever misses one counts it again."""
        return self.root / "cache" / "pictures"

    @property
    def static(self) -> Path:
        """The files of the pages under hashed names, gathered when the hub starts."""
        return self.root / "cache" / "static"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def settings(self) -> Path:
        return self.root / "hinomi.toml"

    @property
    def lookups(self) -> Path:
        """The user's own tables: places (MMDB) and allowed sources."""
        return self.root / "lookups"

    @property
    def audit(self) -> Path:
        """What each process wrote into the audit log."""
        return self.root / "audit"

    @property
    def setup_lock(self) -> Path:
        """Held while the installation is changed as a whole."""
        return self.root / "setup.lock"

    @property
    def worker_lock(self) -> Path:
        """Held by the worker, and touched every few seconds."""
        return self.root / "worker.lock"

    def exercise(self, name: str) -> Path:
        """The lake of one exercise: a folder of its own, so that no query can mix it with what is real."""
        return self.root / "exercises" / name

    def exercises(self) -> list[str]:
        """The exercises that have been played here."""
        folder = self.root / "exercises"
        return sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []


def put(path: Path, content: bytes) -> None:
    """Write a file in one step, its folder too: nobody ever reads half of it, however many write it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def home() -> Home:
    """The installation that this process works on."""
    return Home(Path(os.environ.get("HINOMI_HOME") or ".hinomi").expanduser().absolute())
