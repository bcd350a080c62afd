"""Is the lake well? What `hinomi doctor` asks, each answer with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hinomi.lake.ledger import entries
from hinomi.lake.locks import locked
from hinomi.lake.store import Store
from hinomi.lake.sweeping import unreferenced
from hinomi.lake.tables import read_metadata
from hinomi.schema.words import Text


class Answer(NamedTuple):
    """What was asked, whether it is well, and what to say."""

    what: str
    ok: bool
    message: Text


def check(lake: Store) -> list[Answer]:
    """Every answer about one lake; a check that cannot be made is an answer that is not well."""
    checks: tuple[tuple[str, Callable[[Store], tuple[bool, Text]]], ...] = (
        ("catalogue", _catalogue),
        ("files", _files),
        ("ledger", _ledger),
        ("litter", _litter),
    )
    return [Answer(what, *_asked(lake, ask)) for what, ask in checks]


def _asked(lake: Store, ask: Callable[[Store], tuple[bool, Text]]) -> tuple[bool, Text]:
    try:
        return ask(lake)
    except (OSError, sqlite3.Error, ValueError) as error:
        return False, Text(
            f"Could not look: {error}. Restore a backup if this stays.",
            f"確認できません: {error}。続く場合はバックアップから復元してください。",
        )


def _catalogue(lake: Store) -> tuple[bool, Text]:
    broken = lake.ledger.damage()
    if broken:
        return False, Text(
            f"The catalogue is damaged: {broken}. Restore a backup.",
            f"カタログが壊れています: {broken}。バックアップから復元してください。",
        )
    rows = {kind: lake.rows(kind) for kind in lake.kinds()}
    told = ", ".join(f"{kind} {count:,}" for kind, count in rows.items()) or "0"
    return True, Text(f"Rows: {told}.", f"行数: {told}。")


def _files(lake: Store) -> tuple[bool, Text]:
    missing = [file for file in _planned(lake) if not file.is_file()]
    if missing:
        return False, Text(
            f"{len(missing)} data files are missing, the first is {missing[0]}. Restore them from a backup.",
            f"データファイルが {len(missing)} 個ありません(最初: {missing[0]})。バックアップから戻してください。",
        )
    return True, Text("Every data file is there.", "データファイルはすべてあります。")


def _ledger(lake: Store) -> tuple[bool, Text]:
    unknown = [
        entry.segment
        for location in lake.ledger.pointers().values()
        for entry in entries(read_metadata(location))
        if not lake.holds(entry.segment)
    ]
    if unknown:
        return False, Text(
            f"{len(unknown)} segments are in the tables but not in the ledger; opening the lake again repairs it.",
            f"台帳にないセグメントが {len(unknown)} 個あります。データレイクを開き直すと修復されます。",
        )
    return True, Text("The ledger agrees with the tables.", "台帳と表は一致しています。")


def _litter(lake: Store) -> tuple[bool, Text]:
    with locked(lake.layout.commit_lock):
        found = unreferenced(lake)
    if found:
        size = sum(path.stat().st_size for path, _ in found) / 1e6
        return True, Text(
            f"{len(found)} files ({size:.1f} MB) are no longer needed; the next compaction removes them.",
            f"不要なファイルが {len(found)} 個({size:.1f} MB)あります。次の圧縮時に削除されます。",
        )
    return True, Text("No litter.", "不要なファイルはありません。")


def _planned(lake: Store) -> Iterator[Path]:
    for kind in lake.kinds():
        yield from (Path(file.path) for file in lake.catalogue.plan(kind))
