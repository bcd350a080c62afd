"""The sample rows of a finding as a table that people read: what all of them share is said once, codes have names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hinomi.casebook.shapes import Shape
from hinomi.hub.pages.measures import plain
from hinomi.schema.fields import FIELDS
from hinomi.schema.protocols import flag_names, protocol_name
from hinomi.schema.words import Text

NAMED: dict[str, Callable[[int], str]] = {"proto": protocol_name, "inner_proto": protocol_name, "flags": flag_names}


@dataclass(frozen=True)
class Sample:
    """The first rows of evidence; `withheld` names the columns that this reader may not see."""

    shared: tuple[tuple[str, Text, object], ...]  # of several rows: name, meaning and value of columns with one value in all
    columns: tuple[tuple[str, Text], ...]
    rows: tuple[tuple[tuple[str, object], ...], ...]  # each value beside the name of its column
    withheld: tuple[Text, ...]


def sample_of(shape: Shape) -> Sample:
    """The sample rows of a finding; columns that none of them has are left out."""
    evidence = shape["evidence"]
    rows: Sequence[Mapping[str, Any]] = evidence["rows"]
    names = list(dict.fromkeys(name for row in rows for name in row if any(one.get(name) is not None for one in rows)))
    same = {name for name in names if len(rows) > 1 and all(row.get(name) == rows[0].get(name) for row in rows)}
    vary = [name for name in names if name not in same]
    return Sample(
        shared=tuple((name, _meaning(name), said(name, rows[0][name])) for name in names if name in same),
        columns=tuple((name, _meaning(name)) for name in vary),
        rows=tuple(tuple((name, said(name, row.get(name))) for name in vary) for row in rows),
        withheld=tuple(_meaning(name) for name in evidence.get("withheld", ())),
    )


def said(name: str, value: Any) -> Any:
    """A value as people write it: times to the millisecond and without the zone, which the page says once."""
    if name in NAMED and isinstance(value, int):
        return NAMED[name](value)
    if not isinstance(value, str) or value[10:11] != "T":
        return value
    return value.removesuffix("Z").removesuffix("+00:00")[:23].replace("T", " ")


def _meaning(name: str) -> Text:
    return FIELDS[name].meaning if name in FIELDS else plain(name)
