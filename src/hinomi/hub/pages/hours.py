"""Hours of darknet traffic, summed up once and kept on disk: pages read what is kept, whoever has time brings it up to date.

A page never opens the lake. `current` does, from the job that runs every minute and from the address that gives the atlas
its numbers; a summary remembers how many packets the lake held of its day, and by that is known to be true or not.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import orjson

from hinomi.home import home, put
from hinomi.hub.pages.traffic import named, per_minute, per_port, placed
from hinomi.schema.findings import Window

if TYPE_CHECKING:
    from hinomi.lake.lake import Lake

HOUR = timedelta(hours=1)
FRESH = 60.0  # seconds: a summary this young is not compared with the lake again
Rows = list[list[Any]]
_FORM = "%Y%m%dT%H"
_summing = Lock()  # two who ask for the same hour at once wait for one answer


@dataclass(frozen=True)
class Hour:
    """The sums of one hour: rows of country, kind and packets, and rows of minute, kind and packets.

    `held` is how many packets the lake held of its day when it was summed up.
    """

    start: datetime
    packets: int = 0
    countries: tuple[tuple[str, str, int], ...] = ()
    minutes: tuple[tuple[int, str, int], ...] = ()
    held: int = 0


def observed(exercise: str) -> bool:
    """Whether there is a lake at all."""
    return _root(exercise).is_dir()


def newest(exercise: str) -> datetime | None:
    """The newest hour that has been summed up."""
    names = [one.stem for one in _folder(exercise).glob("*.json")]
    return datetime.strptime(max(names), _FORM).replace(tzinfo=UTC) if names else None


def kept(start: datetime, exercise: str) -> Hour | None:
    """What was summed up of an hour, None when nobody has yet."""
    try:
        told = orjson.loads(_file(start, exercise).read_bytes())
    except FileNotFoundError:
        return None
    return Hour(start, told["packets"], tuple(map(tuple, told["countries"])), tuple(map(tuple, told["minutes"])), told["held"])


def numbers(start: datetime, exercise: str) -> bytes:
    """All rows of an hour as the atlas draws them, JSON: minute by minute, country and kind, and the busiest ports."""
    try:
        return _rows_file(start, exercise).read_bytes()
    except FileNotFoundError:
        return orjson.dumps({"start": start, "packets": 0, "rows": [], "ports": []})


def stamp(start: datetime, exercise: str) -> str:
    """What changes when an hour's summary does; "" while there is none."""
    hour = kept(start, exercise)
    return f"{start:{_FORM}} {hour.held}" if hour else ""


def current(start: datetime | None, exercise: str) -> Hour | None:
    """An hour (None: the newest one of the lake) as the lake knows it now; None when the lake has no packets at all."""
    known = start or newest(exercise)
    if known and _is_fresh(known, exercise):
        return kept(known, exercise)
    if not observed(exercise):
        return None
    from hinomi.pipeline import opened_lake

    with _summing, opened_lake(exercise) as lake:
        span = lake.span("packet")
        if span is None:
            return None
        last = (span.end - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
        _forget_after(last, exercise)
        start = start or last
        if not span.start - HOUR < start <= last:  # nothing is there, and nothing is kept of it
            return Hour(start)
        return _brought_up(lake, start, exercise)


def _forget_after(last: datetime, exercise: str) -> None:
    """Drop summaries of hours that the lake has not reached: it is another lake than the one they were made of."""
    for file in _folder(exercise).glob("*.json"):
        if file.stem > f"{last:{_FORM}}":
            file.unlink(missing_ok=True)


def _brought_up(lake: Lake, start: datetime, exercise: str) -> Hour:
    held = lake.days("packet").get(start.date(), 0)
    known = kept(start, exercise)
    if known and known.held == held:
        os.utime(_file(start, exercise))
        return known
    rows, ports = _counted(lake, start)
    made = _summed(start, rows, held)
    told = {"start": start, "packets": made.packets, "rows": rows, "ports": ports}
    put(_rows_file(start, exercise), orjson.dumps(told))
    put(_file(start, exercise), orjson.dumps(asdict(made)))
    return made


def _counted(lake: Lake, start: datetime) -> tuple[Rows, Rows]:
    """The packets of an hour, by minute, country and kind, and by minute and port."""
    from hinomi.lake.engine import open_engine

    with open_engine("duckdb", lake) as engine:
        packets = engine.table("packet", Window(start, start + HOUR))
        return placed(engine.run(per_minute(packets, start))), named(engine.run(per_port(packets, start)).to_pylist())


def _summed(start: datetime, rows: Rows, held: int) -> Hour:
    countries, minutes = Counter[tuple[str, str]](), Counter[tuple[int, str]]()
    for minute, country, kind, packets in rows:
        countries[country, kind] += packets
        minutes[minute, kind] += packets
    return Hour(
        start,
        countries.total(),
        tuple((country, kind, packets) for (country, kind), packets in countries.items()),
        tuple((minute, kind, packets) for (minute, kind), packets in minutes.items()),
        held,
    )


def _is_fresh(start: datetime, exercise: str) -> bool:
    file = _file(start, exercise)
    return file.exists() and abs(time.time() - file.stat().st_mtime) < FRESH  # a clock that jumps back makes nothing young


def _root(exercise: str) -> Path:
    return home().exercise(exercise) if exercise else home().lake


def _folder(exercise: str) -> Path:
    return home().pictures / "atlas" / (exercise or "real")


def _file(start: datetime, exercise: str) -> Path:
    return _folder(exercise) / f"{start:{_FORM}}.json"


def _rows_file(start: datetime, exercise: str) -> Path:
    return _file(start, exercise).with_suffix(".rows")
