"""What a detector is: a declaration and two functions, `query` for the engine and `judge` for its small result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from hinomi.detect.measured import Measured
from hinomi.schema.findings import Finding, Measure, Window
from hinomi.schema.words import Text

Value = float | int | str | tuple[int, ...]
Row = Mapping[str, Any]  # one row of what `query` gave, by column, as `judge` reads it


OWN = Text("own choice", "独自の設定")


def cited(work: str) -> Text:
    """A source that is written alike in both languages: a paper, an RFC, code at a commit."""
    return Text(work, work)


@dataclass(frozen=True)
class Parameter:
    """A number a detector depends on, with its unit and where it comes from (paper, RFC, source code, own choice)."""

    name: str
    value: Value
    unit: Text
    meaning: Text
    source: Text


@dataclass(frozen=True)
class Trouble:
    """What befalls the subject of a finding, and what helps: counter-measures by their keys in the casebook's catalogue.

    It `suffers` when it is attacked, or its address forged, instead of attacking: then nobody is told to look for it, so every
    detector must say. One that sees several troubles tells them apart by the measure `relation`, each of whose words is
    among the `relations` of one of them.
    """

    suffers: bool
    helps: tuple[str, ...]
    relations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """One look at one window and the `history` before it: its parameters by name and its lookups as Arrow tables.

    `silent` when a telescope was registered and saw no packet in the window, `alone` when nothing but it saw any; both are
    found out for detectors that watch packets.
    """

    window: Window
    params: Mapping[str, Value]
    lookups: Mapping[str, pa.Table]
    history: timedelta = timedelta(0)
    silent: bool = False
    alone: bool = False

    def number(self, name: str) -> float:
        """The value of a parameter that is a number."""
        value = self.params[name]
        if not isinstance(value, int | float):
            raise TypeError(f"parameter {name} is not a number: {value!r}")
        return float(value)

    def count(self, name: str) -> int:
        """The value of a parameter that counts something."""
        return int(self.number(name))


class NotApplicable(Exception):  # noqa: N818 - not an error: an answer that the run hands on
    """The look does not apply (no telescope, no history yet): says why, so that silence is not taken for safety."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


Tables = Mapping[str, ir.Table]  # event kinds, lookups and digests by name, as Ibis tables of the engine in use


@dataclass(frozen=True)
class Detector:
    """A detector: what it watches, over which window, with which parameters, and what it cannot see.

    `query(tables, look)` builds one Ibis expression over `tables[kind]` (already cut to the window and its `history`
    before), `tables[lookup]` and `tables[digest]` (which may reach further back); the engine runs it. `judge(rows, look)`
    turns the result (≤ some thousand rows) into findings; a `Text` among them is a remark on the whole look, kept as the
    outcome's reason (say, what a cap left out). Both are pure; neither knows which engine there is; both may raise
    `NotApplicable`.

    Everything that pages, cases and the reference say of its findings is said here: on which dial of the weather (`topic`)
    they count, what their `measures` are called, which `troubles` they tell of, and what helps.
    """

    title: Text
    about: Text
    topic: str
    kinds: tuple[str, ...]
    window: timedelta
    parameters: tuple[Parameter, ...]
    attack: tuple[str, ...]
    limits: tuple[Text, ...]
    measures: tuple[Measured, ...]
    troubles: tuple[Trouble, ...]
    query: Callable[[Tables, Look], ir.Table]
    judge: Callable[[pa.Table, Look], Iterable[Finding | Text]]
    lookups: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    history: timedelta = field(default=timedelta(0))

    @property
    def params(self) -> dict[str, Value]:
        return {one.name: one.value for one in self.parameters}

    @property
    def measured(self) -> dict[str, Measured]:
        return {one.name: one for one in self.measures}

    def trouble(self, measures: Mapping[str, Measure]) -> Trouble:
        """What a finding with these measures tells of: the trouble of its relation, else the first."""
        relation = measures.get("relation")
        return next((one for one in self.troubles if relation in one.relations), self.troubles[0])
