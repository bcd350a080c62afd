"""Open an input of any known format, compressed or not, and read it as segments; say what did not fit, and where."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Final, cast

import pyarrow as pa

from hinomi.observe.archive import Stream
from hinomi.observe.batch import complete
from hinomi.observe.content import Content
from hinomi.observe.feed import LARGEST_ROW, Feed
from hinomi.observe.foreign import recognised
from hinomi.observe.mapping import not_understood, understand
from hinomi.observe.quarantine import Misfit, Tally
from hinomi.observe.refusal import InputError
from hinomi.observe.source import Piece, Source, sources
from hinomi.schema.segments import Growth, Segment
from hinomi.schema.words import Text

__all__ = ["Input", "InputError", "Segment", "open_input", "walk"]

HEAD: Final = 1 << 16


class Input:
    """One input on its way in: iterate for its segments, then ask for its counts. Raises `InputError` where it cannot go on.

    `rows`, `quarantined`, `misfits` and `skipped` cover the segments that were decoded: complete once every segment's
    batches were drawn. Memory stays at a few windows of 16 MiB, whatever the size of the input.
    """

    def __init__(self, feed: Feed, name: str, source: Source, *, path: str, sensor: str, mapping: Mapping[str, str]) -> None:
        self.path, self.format, self.kind, self.sensor = path, name, source.kind, sensor
        self._feed, self._source, self._mapping, self._tally, self._decoded = feed, source, mapping, Tally(), 0

    def __iter__(self) -> Iterator[Segment]:
        for piece in self._source.pieces(self._feed, self._mapping, self._tally):
            decoded = self._decoded
            yield self._segment(piece, f"{self.format}\0{self._source.version}\0{self.sensor}".encode(), 0)
            if self._decoded == decoded:  # nobody wanted it: the lake knows it already
                self._feed.vouch(len(piece.body))
        if self._feed.broken:
            self._tally.count("cut-archive", 1, self._feed.at)
        if self._feed.refused:
            raise self._feed.refused

    def begins(self) -> bool:
        """Whether there is anything to read: waits for the first bytes."""
        return self._feed.begins()

    def _segment(self, piece: Piece, about: bytes, start: int) -> Segment:
        """A piece, or its rest from a byte on, as a segment.

        The id is made of content and what decides its meaning: the same piece has the same id on every run and every
        machine. A rest is what follows a certain beginning, whose id is part of what it is about.
        """
        content = Content(
            len(about).to_bytes(8, "big") + about + len(piece.context).to_bytes(8, "big") + piece.context, piece.body[start:]
        )
        growth = Growth(
            content.mark,
            len(content.body),
            content.identity,
            lambda size: self._segment(piece, about + content.identity(size).encode(), start + size),
        )
        identity = content.identity(len(content.body))
        return Segment(identity, self.kind, self.sensor, partial(self._decode, piece, identity, start), growth)

    def _decode(self, piece: Piece, identity: str, start: int) -> Iterator[pa.RecordBatch]:
        tally = Tally()
        for fields in piece.decode(tally, start):
            yield complete(self.kind, fields, self.sensor, identity)
        self._tally.add(tally)
        self._decoded += 1
        self._feed.vouch(min(tally.rows * LARGEST_ROW, len(piece.body) - start))

    @property
    def rows(self) -> int:
        return self._tally.rows

    @property
    def quarantined(self) -> int:
        return self._tally.quarantined

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        """Every reason for which something did not fit, with its count and the byte at which it first happened."""
        return self._tally.misfits

    @property
    def damaged(self) -> bool:
        """Whether a part of it, or all of it, could not be read."""
        return self._tally.damaged

    @property
    def skipped(self) -> Mapping[str, int]:
        """Sound frames of protocols that are not IP, by protocol."""
        return dict(self._tally.skipped)

    @property
    def bytes(self) -> int:
        """How far the input was read, decompressed."""
        return self._feed.at


def open_input(path: str | Path | Stream, *, sensor: str, as_: str | None = None) -> Input:
    """Open a file, a stream or standard input (`-`), recognised by its content.

    `as_` names a format or a kind instead, and may map columns by name or number: `packet-csv:when=time,2=src`.
    Raises `InputError`.
    """
    name = str(path) if isinstance(path, str | Path) else getattr(path, "name", "stream")
    feed = Feed(_opened(path, str(name)), str(name))
    wanted, _, columns = (as_ or "").partition(":")
    format_, source = _recognise(feed, str(name), wanted)
    mapping = _mapping(columns, str(name))
    if mapping and source.columns and _says_nothing_new(mapping, source.columns(bytes(feed.window()[:HEAD]))):
        mapping = {}  # it is part of what a piece is called: with it, the same log would be taken once more
    return Input(feed, format_, source, path=str(name), sensor=sensor, mapping=mapping)


def walk(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Every file under the paths, folders in name order; hidden files, links to folders and devices are left out.

    What cannot be looked at (a folder, a link to nothing) is given as it is, for `open_input` to say why.
    """
    waiting = [*map(Path, paths)][::-1]  # a stack: folders may lie deeper than Python calls
    while waiting:
        path = waiting.pop()
        try:
            entries = _entries(path) if path.is_dir() else None
        except OSError:
            entries = None
        if entries is None:
            yield path
        else:
            waiting += sorted((path / entry.name for entry in entries if _is_wanted(entry)), reverse=True)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; OSError where it may be listed but not entered, too: its `.` is in it."""
    with os.scandir(f"{folder}/.") as entries:
        return list(entries)


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return False
    try:
        if entry.is_symlink():
            return stat.S_ISREG(entry.stat().st_mode)
        return entry.is_file() or entry.is_dir()
    except OSError:
        return True


def _opened(path: str | Path | Stream, name: str) -> Stream:
    if not isinstance(path, str | Path):
        return path
    if name == "-":
        if sys.stdin is None:  # closed by whoever started us
            raise _unreadable(name, OSError(None, "standard input is closed"))
        return _Named(cast("BufferedReader", sys.stdin.buffer), name)
    try:
        if Path(path).is_dir():
            _entries(Path(path))  # whether it may be listed at all is the better reason
            raise IsADirectoryError(None, "is a folder")
        return _Named(open(path, "rb"), name)  # noqa: PTH123 — the feed owns it until the input is read
    except OSError as error:
        raise _unreadable(name, error) from error


class _Named:
    """A file that cannot be read on (a bad disk, a share that is gone) as an input that cannot."""

    def __init__(self, file: BufferedReader, name: str) -> None:
        self._file, self._name = file, name

    def read1(self, size: int, /) -> bytes:
        with self._telling():
            return self._file.read1(size)

    def readinto1(self, room: memoryview) -> int:
        with self._telling():
            return self._file.readinto1(room)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _unreadable(self._name, error) from error


def _unreadable(name: str, error: OSError) -> InputError:
    why = (error.strerror or str(error)).lower()
    return InputError(
        name,
        Text(f"cannot be read: {why}", f"読み込めません: {why}"),
        Text("check the path and its permissions", "パスと読み取り権限を確認してください"),
    )


def _says_nothing_new(mapping: Mapping[str, str], columns: Collection[str]) -> bool:
    """Whether the columns mean by their names alone what the user says, and which of several counts most stays."""
    own, usual = understand(columns, mapping), understand(columns, {})
    first, usually_first = ({field: column for column, field in reversed(one.items())} for one in (own, usual))
    return set(mapping) <= set(columns) and own == usual and first == usually_first


def _recognise(feed: Feed, name: str, wanted: str) -> tuple[str, Source]:
    """The source that the first bytes ask for, among those that the user allows."""
    known = sources()
    if wanted in known:
        return wanted, known[wanted]
    candidates = {each: source for each, source in known.items() if not wanted or source.kind == wanted}
    if not candidates:
        raise InputError(
            name,
            Text(f"{wanted!r} is neither a format nor a kind of event", f"{wanted!r} は形式名でもイベント種別でもありません"),
            Text(f"formats are {', '.join(known)}", f"使える形式: {', '.join(known)}"),
        )
    head = bytes(feed.window()[:HEAD])
    if not head:
        raise feed.refused or InputError(name, *(_DAMAGED if feed.broken else _EMPTY))
    for each, source in candidates.items():
        if source.sniff(head):
            return each, source
    named = (source.columns(head) for source in candidates.values() if source.columns)
    if names := next(filter(None, named), None):
        raise not_understood(name, names, {})
    raise _unknown(name, head, tuple(candidates))


_EMPTY: Final = (
    Text("is empty", "空のファイルです"),
    Text("check that the capture was written to this place", "取得結果がこの場所に書かれているか確認してください"),
)

_DAMAGED: Final = (
    Text(
        "is compressed, but damaged or cut off before anything can be read",
        "圧縮データが壊れているか、読み取れる前に途切れています",
    ),
    Text(
        "check that it was copied whole (gzip -t, xz -t, zstd -t)",
        "最後まで複製されたか確認してください (gzip -t, xz -t, zstd -t)",
    ),
)


def _unknown(name: str, head: bytes, tried: tuple[str, ...]) -> InputError:
    known = recognised(head)
    if known is not None:
        return InputError(
            name, Text(f"is {known.en}, which Hinomi does not read", f"{known.ja}には対応していません"), known.remedy
        )
    what = Text("is text, in no format that Hinomi knows", "テキストですが、既知の形式ではありません")
    if not _is_text(head):
        start = head[:8].hex(" ")
        what = Text(f"is in no format that Hinomi knows (it begins with {start})", f"未知の形式です (先頭: {start})")
    names = ", ".join(tried)
    return InputError(
        name,
        what,
        Text(
            f"tried {names}; name the format with --as, give a log a first line with the names of its columns, "
            "or say their numbers (--as packet-csv:1=time,2=src,3=dst)",
            f"試した形式: {names}。--as で形式を指定するか、ログの先頭行に列名を付けるか、"
            "列番号で対応付けてください (--as packet-csv:1=time,2=src,3=dst)",
        ),
        Text(
            "hand in a pcap or pcapng capture, or give the log a first line with the names of its columns",
            "pcap・pcapng のキャプチャを取り込むか、ログの先頭行に列名を付けてください",
        ),
    )


def _is_text(head: bytes) -> bool:
    """Whether nearly all of it are letters and signs that can be shown, in UTF-8."""
    text = head.decode("utf-8", "ignore")
    shown = sum(letter.isprintable() or letter in "\t\r\n" for letter in text)
    return shown > 0.95 * max(1, len(text)) and len(text.encode()) > 0.95 * len(head)


def _mapping(columns: str, name: str) -> dict[str, str]:
    """The user's own words for columns: `column=field` pairs, separated by commas."""
    pairs = [pair.partition("=") for pair in columns.split(",") if pair]
    if any(not column or not field for column, _, field in pairs):
        raise InputError(
            name,
            Text(f"the mapping {columns!r} cannot be read", f"対応付け {columns!r} を解釈できません"),
            Text("write --as packet-csv:column=field,column=field", "--as packet-csv:列名=項目,列名=項目 の形で書いてください"),
        )
    return {column: field for column, _, field in pairs}
