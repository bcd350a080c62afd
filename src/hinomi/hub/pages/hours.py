"""Hours of darknet traffic, summed up once and kept on disk: pages read what is kept, whoever has time brings it up to date.

A page never opens the lake. `current` does, from the job that runs every minute and from the address that gives the atlas
its numbers; a summary remembers how many packets the lake held of its day, and by that is known to be true or not.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import orjson

from hinomi.home import home
from hinomi.hub.pages.traffic import named, per_minute, per_port, placed
from hinomi.schema.findings import Window

if TYPE_CHECKING:
    from hinomi.lake.lake import Lake

HOUR = timedelta(hours=1)
FRESH = 60.0  # seconds: a summary this young is not compared with the lake again
_FORM = "%Y%m%dT%H"
_summing = Lock()  # two who ask for the same hour at once wait for one answer


@dataclass(frozen=True)
class Hour:
    """One hour: rows of minute, country, kind and packets; rows of minute, port and packets for the busiest ports."""

    start: datetime
    until: datetime
    rows: list[list[Any]]
    ports: list[list[Any]]
    packets: int
    held: int = 0

    @property
    def answer(self) -> dict[str, Any]:
        """As the atlas draws it."""
        return {key: value for key, value in asdict(self).items() if key != "held"}


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
    return Hour(**told | {name: datetime.fromisoformat(told[name]) for name in ("start", "until")})


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
        start = start or last
        if not span.start - HOUR < start <= last:  # nothing is there, and nothing is kept of it
            return Hour(start, start + HOUR, [], [], 0)
        return _brought_up(lake, start, exercise)


def _brought_up(lake: Lake, start: datetime, exercise: str) -> Hour:
    held = lake.days("packet").get(start.date(), 0)
    known = kept(start, exercise)
    if known and known.held == held:
        os.utime(_file(start, exercise))
        return known
    made = _summed(lake, start, held)
    _keep(made, exercise)
    return made


def _summed(lake: Lake, start: datetime, held: int) -> Hour:
    from hinomi.lake.engine import open_engine

    with open_engine("duckdb", lake) as engine:
        packets = engine.table("packet", Window(start, start + HOUR))
        rows = placed(engine.run(per_minute(packets, start)).to_pylist())
        ports = named(engine.run(per_port(packets, start)).to_pylist())
    return Hour(start, start + HOUR, rows, ports, sum(row[3] for row in rows), held)


def _keep(hour: Hour, exercise: str) -> None:
    """Put in place at once, so that nobody reads half of it."""
    file = _file(hour.start, exercise)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(orjson.dumps(asdict(hour)))
    fresh.replace(file)


def _is_fresh(start: datetime, exercise: str) -> bool:
    file = _file(start, exercise)
    return file.exists() and time.time() - file.stat().st_mtime < FRESH


def _root(exercise: str) -> Path:
    return home().exercise(exercise) if exercise else home().lake


def _folder(exercise: str) -> Path:
    return home().cache / "atlas" / (exercise or "real")


def _file(start: datetime, exercise: str) -> Path:
    return _folder(exercise) / f"{start:{_FORM}}.json"
