"""Litter: files of writers that died, and files that compaction, retention or expiry has replaced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hinomi.lake.locks import idle, locked, tokens
from hinomi.lake.store import Store
from hinomi.lake.tables import NAMESPACE


def sweep(lake: Store) -> int:
    """Remove every file that no table refers to, except those of living writers and those that a reader may have open."""
    gone = 0
    with locked(lake.layout.commit_lock):
        _, dead = tokens(lake.layout.tokens)
        for path, token in unreferenced(lake):
            if token in dead or idle(lake.layout.readers_lock):
                path.unlink(missing_ok=True)
                gone += 1
        for name in dead:
            (lake.layout.tokens / name).unlink(missing_ok=True)
    return gone


def unreferenced(lake: Store) -> Iterator[tuple[Path, str]]:
    """Files under the tables' folders that no snapshot needs and no living writer owns, with the token in their name.

    Metadata is written under the commit lock only, so whoever holds it sees no half-done metadata of the living.
    """
    living, _ = tokens(lake.layout.tokens)
    pointers = lake.ledger.pointers()
    for folder in sorted((lake.root / NAMESPACE).glob("*")):
        needed = lake.catalogue.referenced(lake.catalogue.table(folder.name)) if folder.name in pointers else set()
        for path in sorted(folder.rglob("*")):
            token = path.name.partition("-")[0]
            if path.is_file() and str(path) not in needed and token not in living:
                yield path, token
