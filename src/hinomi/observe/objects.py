"""Records as JSON objects that are no lines or have others inside: arrays, tshark's `-T json` and `-T ek`, nested events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from hinomi.observe.feed import Feed
from hinomi.observe.kernels import text_objects
from hinomi.observe.lines import NEWLINE, Rows, Stretch
from hinomi.observe.mapping import understand
from hinomi.observe.quarantine import Place, Tally

ROOM: Final = 1 << 16
WRAPPERS: Final = ("_source.", "layers.")  # of Elasticsearch and tshark: around every record, and of no meaning here
LARGE, LARGEST = 1e10, 1e18  # between them Arrow writes 1.79e+12 for a double, and a time is in milliseconds or less
Record = dict[str, str | None]


class Run:
    """The objects of one piece: their bytes, and where each stands in the input."""

    def __init__(self, body: memoryview, starts: list[int], ends: list[int], offset: int, number: int) -> None:
        self.body, self._starts, self._ends, self._offset, self._number = body, starts, ends, offset, number

    def records(self, start: int, tally: Tally) -> Iterator[tuple[int, Record]]:
        """Each object that begins at `start` or behind it, with its place in the body."""
        broken: list[int] = []
        for begin, end in zip(self._starts, self._ends, strict=True):
            if begin < start:
                continue
            try:
                found = json.loads(str(self.body[begin:end], "utf-8", "replace"))
            except ValueError:
                broken.append(begin)
                continue
            if set(found) != {"index"}:  # Elasticsearch's bulk format says before each record where it goes
                yield begin, flat(found)
        tally.count("bad-line", len(broken), self.place(broken[0]) if broken else 0)

    def place(self, at: int) -> Place:
        return self._offset + at, self._number + bytes(self.body[:at]).count(b"\n")


def runs(feed: Feed, tally: Tally) -> Iterator[Run]:
    """Pieces of whole objects."""
    number = 1
    while (window := feed.window()).size:
        starts, ends = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64)
        count, at, broken, first = text_objects(window, 0, feed.ended, starts, ends)
        if broken:
            tally.count("bad-line", broken, (feed.at + first, number + int(np.count_nonzero(window[:first] == NEWLINE))))
        if count:
            yield Run(window[:at].data, starts[:count].tolist(), ends[:count].tolist(), feed.at, number)
        elif not at and feed.ended:
            tally.count("cut-end", 1, (feed.at, number))
            return
        number += int(np.count_nonzero(window[:at] == NEWLINE))
        feed.take(at)


def first_names(head: bytes) -> list[str]:
    """The names in the first record; none when the text does not begin with one."""
    text, at = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n["), 0
    for _ in range(2):
        try:
            found, at = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        if not isinstance(found, dict):
            return []
        if set(found) != {"index"}:
            return list(flat(found))
        at += len(text[at:]) - len(text[at:].lstrip())
    return []


def flat(record: Mapping[str, Any], prefix: str = "") -> Record:
    """One level of names: an inner name stands alone when it says where it belongs (`ip` → `ip.src`)."""
    out: Record = {}
    for name, value in record.items():
        outer = prefix.rstrip(".")
        full = name if outer and name.startswith((f"{outer}.", f"{outer}_")) else prefix + name
        full = full.removeprefix(WRAPPERS[0]).removeprefix(WRAPPERS[1])
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, dict):
            out.update(flat(one, "" if f"{full}." in WRAPPERS else f"{name}." if "." in name else f"{full}."))
        else:
            out[full] = _text(one)
    return out


def _text(value: object) -> str | None:
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    large = isinstance(value, float) and LARGE <= abs(value) < LARGEST
    return f"{value:.3f}" if large else str(value)


def lines(stretch: Stretch, tally: Tally) -> Iterator[tuple[int, Record]]:
    """The records of a stretch of lines that cannot be parsed many at a time, each with its place in the stretch."""
    at, broken = 0, []
    for line in stretch.lines.split(b"\n"):
        try:
            found = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            found = []
        if isinstance(found, dict):
            yield at, flat(found)
        elif found is not None:
            broken.append(at)
        at += len(line) + 1
    tally.count("bad-line", len(broken), stretch.behind(broken[0]) if broken else 0)


def tables(records: Iterable[tuple[int, Record]], place: Callable[[int], Place], mapping: Mapping[str, str]) -> Iterator[Rows]:
    """Records as tables of text with the columns that mean something, and one more: what a log may invent has no end."""
    gathered: list[tuple[int, Record]] = []
    for each in records:
        gathered.append(each)
        if len(gathered) == ROOM // 4:
            yield _table(gathered, place, mapping)
            gathered = []
    if gathered:
        yield _table(gathered, place, mapping)


def _table(records: list[tuple[int, Record]], place: Callable[[int], Place], mapping: Mapping[str, str]) -> Rows:
    names = understand(dict.fromkeys(name for _, record in records for name in record), mapping)
    columns = {name: pa.array([record.get(name) for _, record in records], pa.string()) for name in names}
    return Rows(pa.table(columns | {"": pa.nulls(len(records), pa.string())}), lambda row: place(records[row][0]))
