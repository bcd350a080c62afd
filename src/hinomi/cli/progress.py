"""What is being done and how much is left, on stderr, only where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hinomi.cli.output import said, shown
from hinomi.schema.words import Text

Report = Callable[[Text, float | None], None]  # what is being done, and the share of it that is done (None: unknown)


@contextmanager
def progress() -> Iterator[Report]:
    """A report function that draws one bar on a terminal; elsewhere it says each new step on a line of its own."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
        return
    last = ""

    def line(what: Text, _share: float | None) -> None:
        nonlocal last
        words = shown(said(what))
        if words != last:
            print(words, file=sys.stderr, flush=True)
        last = words

    yield line


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console  # only where someone watches: 50 ms
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    )
    task = bars.add_task("", total=None, visible=False)

    def draw(what: Text, share: float | None) -> None:
        total = 1.0 if share is not None else None
        bars.update(task, description=shown(said(what)), visible=True, total=total, completed=share or 0.0)

    with bars:
        yield draw
