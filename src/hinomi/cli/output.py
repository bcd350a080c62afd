"""How the command line speaks: JSON lines for programs, tables for people, problems on stderr, in English or Japanese."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.words import Text


def language() -> str:
    """ "ja" when the environment asks for Japanese, else "en"; in POSIX's order, whether or not that locale is installed."""
    asked = (os.environ.get(name, "") for name in ("HINOMI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "ja" if next(filter(None, asked), "").lower().startswith("ja") else "en"


def said(text: Text) -> str:
    return text.ja if language() == "ja" else text.en


def tell(text: Text, **values: object) -> None:
    """Say something to the person at the terminal (stderr, so that stdout stays data)."""
    print(said(text.fill(**values)), file=sys.stderr, flush=True)


def complain(problem: Problem) -> None:
    print(f"hinomi: {problem.told(language())}", file=sys.stderr)


def line(record: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout; times RFC 3339 UTC."""
    import orjson

    print(orjson.dumps(record, default=str, option=orjson.OPT_UTC_Z).decode(), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], nothing: Text | None = None) -> None:
    """A table for people: wide enough for its content when piped, fitted to the window otherwise.

    `nothing` is said instead of a head without rows: what that means, and what to do next.
    """
    rows = list(rows)
    if not rows and nothing is not None:
        tell(nothing)
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*map(_cell, row))
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(shown)


def _cell(value: object) -> str:
    """A value as people write it, in the words that files take."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    return "" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def moment(text: str | None, option: str) -> datetime | None:
    """A time as people write it (RFC 3339 or a date; UTC unless it says otherwise)."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUse(
            option,
            Text(f"{text!r} is not a time.", f"{text!r} は時刻ではありません。"),
            Text(
                "Write 2026-11-22 or 2026-11-22T09:00:00Z.", "2026-11-22 または 2026-11-22T09:00:00Z のように書いてください。"
            ),
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)
