"""Litter: files of writers that died, and files that compaction, retention or expiry has replaced."""

from __future__ import annotations

import shutil
from pathlib import Path

from hinomi.lake.locks import alone, locked, tokens
from hinomi.lake.store import Store
from hinomi.lake.tables import NAMESPACE


def sweep(lake: Store) -> int:
    """Remove every file that no table refers to, except those of living writers and those that a reader may have open."""
    gone = 0
    with locked(lake.layout.commit_lock), alone(lake.layout.readers_lock) as unread:
        _, dead = tokens(lake.layout.tokens)
        for path, token in unreferenced(lake):
            if unread or token in dead:
                path.unlink(missing_ok=True)
                gone += 1
        if unread:
            shutil.rmtree(lake.layout.scratch, ignore_errors=True)  # what killed engines had spilled
        for name in dead:
            (lake.layout.tokens / name).unlink(missing_ok=True)
    return gone


def unreferenced(lake: Store) -> list[tuple[Path, str]]:
    """Files under the tables' folders that no snapshot needs and no living writer owns, with the token in their name.

    To be called under the commit lock: metadata is written under it only. Files are listed before tokens: a writer makes
    its token before its first file, and cannot commit meanwhile, so the file of a living writer finds its token here.
    """
    present = [path for path in sorted((lake.root / NAMESPACE).rglob("*")) if path.is_file()]
    living, _ = tokens(lake.layout.tokens)
    needed: set[str] = set()
    for kind in lake.kinds():
        needed |= lake.catalogue.referenced(lake.catalogue.table(kind))
    named = [(path, path.name.partition("-")[0]) for path in present if str(path) not in needed]
    return [(path, token) for path, token in named if token not in living]
