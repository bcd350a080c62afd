"""The lake: events at rest as Apache Iceberg tables, taken exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from hinomi.lake.errors import LakeError, writing_to
from hinomi.lake.ledger import Arrival
from hinomi.lake.locks import tokens
from hinomi.lake.store import Store, moved_from
from hinomi.lake.tables import NAMESPACE, Layout
from hinomi.schema.segments import Receipt, Segment
from hinomi.schema.words import Text

_MARK = "This lake holds exercise data. It never leaves. 演習データ・持出禁止\n"


class Lake(Store):
    """The events of one installation or of one exercise, in one folder. Open it with `Lake.open`."""

    @classmethod
    def open(cls, root: Path, *, exercise: bool = False) -> Lake:
        """The lake in a folder, made if there is none; marked `exercise` when it is made, and for ever.

        LakeError when the folder cannot be written, when its catalogue is gone while its data is there, or when an exercise
        asks for a lake that holds real events.
        """
        layout = Layout(root.resolve())
        with writing_to(layout.root):
            layout.root.mkdir(parents=True, exist_ok=True)
            if _bereft(layout):
                raise _catalogue_gone(layout.database)
            if exercise and not layout.database.exists():
                layout.exercise.write_text(_MARK, "utf-8")
            if moved_from(layout.root, layout.database):
                _relocate(layout)
            lake = cls(layout.root)
            lake.settle()
            lake.evolve()
            if tokens(layout.tokens)[1]:
                lake.sweep()
        if exercise and not lake.exercise:
            raise _real(layout.root)
        return lake

    def append(self, segments: Iterable[Segment]) -> Iterator[Receipt]:
        """Take segments, each exactly once, and yield a receipt for each as soon as it is durable.

        A segment that the lake holds already is not decoded; its receipt says `duplicate`. A `PAUSE` among them commits what
        was taken, so that a stream that falls silent leaves nothing undone. Stopping early, or an error
        while decoding, leaves out what has no receipt yet; sending it again is always safe.
        """
        from hinomi.lake.appending import Appender

        appender = Appender(self)
        try:
            for segment in segments:
                yield from appender.take(segment)
            yield from appender.commit()
        finally:
            appender.discard()

    def arrived(self, after: int = 0) -> list[Arrival]:
        """The segments taken after a number, in order: how late data is noticed."""
        return self.ledger.since(after)

    def compact(self, kind: str) -> int:
        """Merge the small files of each day into large sorted ones; how many files there are fewer."""
        from hinomi.lake.compaction import compact

        return compact(self, kind)

    def retain(self, kind: str, before: datetime) -> int:
        """Drop the whole days of a kind before a time, from the disk too; how many rows went."""
        from hinomi.lake.retention import retain

        return retain(self, kind, before)

    def sweep(self) -> int:
        """Remove files that no table refers to and no living writer or reader needs; how many went."""
        from hinomi.lake.sweeping import sweep

        return sweep(self)


def _relocate(layout: Layout) -> None:
    from hinomi.lake.relocation import relocate

    relocate(layout)


def _bereft(layout: Layout) -> bool:
    """Whether data is there that no catalogue knows: a new one would take it all for litter, and sweep it away.

    The catalogue is made before the first file, so no crash leaves a lake like this.
    """
    known = layout.database.exists() and layout.database.stat().st_size > 0
    return not known and next((layout.root / NAMESPACE).rglob("*.parquet"), None) is not None


def _catalogue_gone(database: Path) -> LakeError:
    return LakeError(
        str(database),
        Text(
            "The catalogue is missing, though the lake holds data. Nothing was touched.",
            "データがあるのにカタログがありません。データには触れていません。",
        ),
        Text(
            "Put the file back from a backup (`hinomi restore`), or move the folder away to begin anew.",
            "バックアップから戻す(`hinomi restore`)か、フォルダを移して新しく始めてください。",
        ),
    )


def _real(root: Path) -> LakeError:
    return LakeError(
        str(root),
        Text("This lake holds real events.", "このデータレイクには実際の観測データがあります。"),
        Text("Give the exercise a folder of its own.", "演習には別のフォルダを指定してください。"),
    )
