"""What is being done and how much is left, on stderr, only where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hinomi.cli.output import said
from hinomi.schema.words import Text

Report = Callable[[Text, float | None], None]  # what is being done, and the share of it that is done (None: unknown)


@contextmanager
def progress() -> Iterator[Report]:
    """A report function that draws one bar; silent when stderr is not a terminal, but for each new step."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bars = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
    task = bars.add_task("", total=None, visible=False)
    last = ""

    def report(what: Text, share: float | None) -> None:
        nonlocal last
        words = said(what)
        bars.update(task, description=words, visible=True, total=1.0 if share is not None else None, completed=share or 0.0)
        if words != last and not console.is_terminal:
            print(words, file=sys.stderr, flush=True)
        last = words

    if not console.is_terminal:
        yield report
        return
    with bars:
        yield report
