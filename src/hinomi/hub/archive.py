"""One archive of a whole installation: written while the hub runs, brought back into an empty folder only.

Databases are copied first, by SQLite's own online backup; the lake's data files are immutable, so those copied after
its catalogue hold at least all that the catalogue names.
"""

from __future__ import annotations

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import zstandard

from hinomi.home import home
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

DATABASES = (".sqlite", ".sqlite3", ".db")
LEFT_OUT = ("-wal", "-shm", "-journal", ".lock", ".pid", ".tmp")
LEFT_OUT_FOLDERS = {"cache", "inbox"}


def save(target: Path) -> int:
    """Write everything of this installation to `target` (tar, zstd); gives the number of files."""
    root = home().root
    if not root.is_dir():
        raise Problem(
            str(root),
            Text("There is no installation here.", "ここにはインストールがありません。"),
            Text("Set HINOMI_HOME to its folder.", "HINOMI_HOME にそのフォルダを指定してください。"),
        )
    if target.exists():
        raise Problem(
            str(target),
            Text("This file is there already.", "このファイルはすでに存在します。"),
            Text("Name another; nothing is overwritten.", "別の名前を指定してください。上書きはしません。"),
        )
    _refuse_foreign_database()
    unfinished = target.with_name(target.name + ".tmp")
    with unfinished.open("wb") as raw, zstandard.ZstdCompressor(level=6).stream_writer(raw) as packed:
        count = _pack(root, packed)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.chmod(0o600)
    unfinished.rename(target)
    return count


def _refuse_foreign_database() -> None:
    if os.environ.get("HINOMI_DATABASE_URL", "").startswith("postgres"):
        raise Problem(
            "HINOMI_DATABASE_URL",
            Text(
                "The hub's database is on PostgreSQL, outside this folder.",
                "データベースは PostgreSQL にあり、このフォルダの外です。",
            ),
            Text(
                "Use pg_dump for it, and copy HINOMI_HOME beside it.",
                "pg_dump で保存し、HINOMI_HOME も併せて複製してください。",
            ),
        )


def _pack(root: Path, packed: zstandard.ZstdCompressionWriter) -> int:
    count = 0
    with tarfile.open(fileobj=packed, mode="w|") as tar, tempfile.TemporaryDirectory() as folder:
        files = sorted(_kept(root), key=lambda path: path.suffix not in DATABASES)
        for path in files:
            source = _copied(path, Path(folder) / "copy") if path.suffix in DATABASES else path
            try:
                tar.add(source, arcname=path.relative_to(root), recursive=False)
            except FileNotFoundError:  # compaction replaced it after the catalogue was copied with both
                continue
            count += 1
    return count


def _kept(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - LEFT_OUT_FOLDERS) if Path(folder) == root else sorted(folders)
        yield from (Path(folder, file) for file in files if not file.endswith(LEFT_OUT))


def _copied(database: Path, target: Path) -> Path:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def bring_back(source: Path) -> int:
    """Unpack an archive of `save` into HINOMI_HOME, which must be empty; gives the number of files."""
    root = home().root
    if root.exists() and any(root.iterdir()):
        raise Problem(
            str(root),
            Text("An installation is here already.", "すでにインストールが存在します。"),
            Text("Set HINOMI_HOME to an empty folder.", "HINOMI_HOME に空のフォルダを指定してください。"),
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=root.parent, ignore_cleanup_errors=True) as folder:
        unfinished = Path(folder) / root.name
        _unpack(source, unfinished)
        if root.exists():
            root.rmdir()
        unfinished.rename(root)
    return sum(path.is_file() for path in root.rglob("*"))


def _unpack(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    try:
        with (
            source.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            tar.extractall(target, filter="data")
    except (OSError, tarfile.TarError, zstandard.ZstdError) as error:
        raise Problem(
            str(source),
            Text(f"This archive cannot be read: {error}.", f"アーカイブを読めません: {error}。"),
            Text("Nothing was changed; try another copy.", "何も変更していません。別の複製をお試しください。"),
        ) from None
