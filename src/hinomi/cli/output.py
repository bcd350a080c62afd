"""How the command line speaks: JSON lines for programs, tables for people, problems on stderr, in English or Japanese."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.words import Text


def language() -> str:
    """ "ja" when the environment asks for Japanese, else "en"; in POSIX's order, whether or not that locale is installed."""
    asked = (os.environ.get(name, "") for name in ("HINOMI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "ja" if next(filter(None, asked), "").lower().startswith("ja") else "en"


def said(text: Text) -> str:
    return text.ja if language() == "ja" else text.en


LINES: Final = "\n"


def shown(words: str, but: str = "") -> str:
    """Words of others (a file's name, a log's columns) without what a terminal would obey, on one line."""
    if words.isprintable():
        return words
    return "".join(one if one in but or one.isprintable() or unicodedata.category(one) == "Zs" else "·" for one in words)


def tell(text: Text, **values: object) -> None:
    """Say something to the person at the terminal (stderr, so that stdout stays data)."""
    print(shown(said(text.fill(**values)), but=LINES), file=sys.stderr, flush=True)


def complain(problem: Problem) -> None:
    words = problem.told(language()).removeprefix(problem.where)
    print(f"hinomi: {shown(problem.where)}{shown(words, but=LINES)}", file=sys.stderr)


@contextmanager
def writing() -> Iterator[None]:
    """A standard output that cannot be written is named as what is wrong; nothing more goes there."""
    if sys.stdout is None:  # closed by whoever started us
        raise Problem("stdout", *_CLOSED)
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python tries once more as it ends
        why = (error.strerror or str(error)).lower()
        raise Problem("stdout", *(text.fill(why=why) for text in _UNWRITTEN)) from error


_CLOSED: Final = (
    Text("The standard output is closed.", "標準出力が閉じられています。"),
    Text("Send it to a file, or to /dev/null.", "ファイルまたは /dev/null に出力してください。"),
)
_UNWRITTEN: Final = (
    Text("The standard output cannot be written: {why}.", "標準出力に書き込めません: {why}。"),
    Text(
        "Make room where it goes, or send it elsewhere. The installation is not concerned.",
        "出力先の空きを確認するか、出力先を変えてください。インストール自体には影響ありません。",
    ),
)


def flush() -> None:
    """What was printed is where it goes; told when it is not."""
    if sys.stdout is not None:
        with writing():
            sys.stdout.flush()


def say(words: str) -> None:
    """Something that was asked for, to stdout, in lines."""
    with writing():
        print(shown(words, but=LINES), flush=True)


def line(record: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout; times RFC 3339 UTC."""
    import orjson

    with writing():
        print(orjson.dumps(record, default=str, option=orjson.OPT_UTC_Z).decode(), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], nothing: Text | None = None) -> None:
    """A table for people: wide enough for its content when piped, fitted to the window otherwise.

    `nothing` is said instead of a head without rows: what that means, and what to do next. A long table comes in parts,
    as wide as its first rows want, so that memory does not grow with it.
    """
    cells = ([_cell(value) for value in row] for row in rows)
    first = list(islice(cells, _BLOCK))
    if not first and nothing is not None:
        tell(nothing)
        return
    from rich.cells import cell_len

    _print(columns, first)
    widths = [max(map(cell_len, column)) for column in zip(columns, *first, strict=True)]
    while block := list(islice(cells, _BLOCK)):
        _print(columns, block, widths)


_BLOCK: Final = 1000


def _print(columns: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int] = ()) -> None:
    from rich.console import Console
    from rich.table import Table

    part = Table(box=None, pad_edge=False, header_style="bold", show_header=not widths)
    for at, column in enumerate(columns):
        part.add_column(column, overflow="fold", min_width=widths[at] if widths else None)
    for row in rows:
        part.add_row(*row)
    with writing():
        Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(part)


def _cell(value: object) -> str:
    """A value as people write it, in the words that files take."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    return "" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else shown(str(value))


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
