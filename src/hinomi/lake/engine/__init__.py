"""Engines that read the lake, one file each; each gives the same Ibis tables, and the same answers in the same types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from hinomi.lake.errors import LakeError
from hinomi.lake.locks import locked
from hinomi.lake.store import Store
from hinomi.registry import plugins
from hinomi.schema.findings import Window
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Engine(Protocol):
    """An open engine on one lake; for one thread at a time. It knows the word `low32(address)`."""

    def table(self, kind: str, window: Window | None = None) -> ir.Table:
        """The events of a kind, cut to the half-open window exactly; no rows when there are none, never an error."""
        ...

    def lookup(self, name: str, rows: pa.Table) -> ir.Table:
        """A small table of the caller's, for joins."""
        ...

    def kept(self, name: str, expression: ir.Table) -> AbstractContextManager[ir.Table]:
        """The rows of an expression, computed once and written down for several questions, until the block ends."""
        ...

    def run(self, expression: ir.Table) -> pa.Table:
        """The rows of an expression: int64, float64, string, binary, bool and UTC microseconds, on every engine."""
        ...


@dataclass(frozen=True)
class EngineKind:
    """The declaration of an engine: what it is, what it lacks here (None: nothing), and how to open it on a lake."""

    title: Text
    lacks: Callable[[], Text | None]
    open: Callable[[Store], AbstractContextManager[Engine]]


@contextmanager
def open_engine(name: str, lake: Store) -> Iterator[Engine]:
    """An engine by its name, open on a lake; WrongUse when there is none, LakeError when it cannot run here."""
    engines = plugins("hinomi.lake.engine", EngineKind)
    if name not in engines:
        raise WrongUse(
            name,
            Text("There is no such engine.", "このようなエンジンはありません。"),
            Text(f"Choose one of {', '.join(engines)}.", f"{'、'.join(engines)} から選んでください。"),
        )
    if lacking := engines[name].lacks():
        remedy = Text("Install it, or use the engine duckdb.", "インストールするか、エンジン duckdb を使ってください。")
        raise LakeError(name, lacking, remedy)
    with locked(lake.layout.readers_lock, shared=True), engines[name].open(lake) as engine:
        yield engine
