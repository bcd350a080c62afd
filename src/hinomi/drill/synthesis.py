"""From a scenario to packets: one segment per hour, the same bytes every time, made only when the lake asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import FunctionType

import pyarrow as pa

from hinomi.drill.packets import batch, size, together
from hinomi.drill.scenario import Scenario
from hinomi.drill.stage import Dice, Span, Stage, micros
from hinomi.schema.segments import Segment

SENSOR = "exercise"
HOUR = 3_600_000_000


def segments(scenario: Scenario, seed: int) -> Iterator[Segment]:
    """Every hour of the scenario, ordinary days first; nothing is made before a segment is decoded."""
    first, last = micros(scenario.start), micros(scenario.end)
    for start in range(first, last, HOUR):
        span = Span(start, min(start + HOUR, last))
        yield Segment(identity(scenario, seed, span), "packet", SENSOR, partial(hour, scenario, seed, span))


def identity(scenario: Scenario, seed: int, span: Span) -> str:
    """The content id of one span's packets: they are made of the recipe and the span, of nothing else."""
    return hashlib.sha256(f"{recipe(scenario, seed)}{tuple(span)}".encode()).hexdigest()


def recipe(scenario: Scenario, seed: int) -> str:
    """What all packets of an exercise are made of: the declaration, the seed, and the code that makes them."""
    name = spelled((scenario.background, scenario.planted, scenario.day, scenario.telescope, seed))
    return hashlib.sha256(_code() + name.encode()).hexdigest()


def spelled(value: object) -> str:
    """A declaration as text that every process spells the same (a function's `repr` tells where it lies in memory)."""
    if isinstance(value, tuple):
        return f"({','.join(map(spelled, value))})"
    if is_dataclass(value):
        return type(value).__qualname__ + spelled(tuple(getattr(value, one.name) for one in fields(value)))
    return value.__qualname__ if isinstance(value, FunctionType) else repr(value)


@cache
def _code() -> bytes:
    here = Path(__file__).parent
    files = [here / "packets.py", here / "stage.py", here / "synthesis.py", *sorted((here / "traffic").glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).digest()


def hour(scenario: Scenario, seed: int, span: Span) -> Iterable[pa.RecordBatch]:
    """The packets of one span, in the order of time, as one batch of the `packet` kind."""
    stage = Stage(span, micros(scenario.day), scenario.block)
    noise = [one.packets(stage, Dice(seed, f"background {number}")) for number, one in enumerate(scenario.background)]
    plants = [one.cause.packets(stage, Dice(seed, one.name)) for one in scenario.planted]
    packets = together([*noise, *plants])
    if size(packets):
        yield batch(packets, SENSOR, identity(scenario, seed, span))
