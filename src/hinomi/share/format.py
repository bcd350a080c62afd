"""The contract of an export format: a release as the bytes of one file. It is handed a `Release`, and cannot name a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hinomi.registry import plugins
from hinomi.schema.problems import WrongUse
from hinomi.schema.release import Release
from hinomi.schema.words import Text


@dataclass(frozen=True)
class Format:
    """One format: its media type, how its files' names end, and a pure function from a release to bytes."""

    title: Text
    media: str
    suffix: str
    write: Callable[[Release], bytes]


def formats() -> Mapping[str, Format]:
    """Every format by name."""
    return plugins("hinomi.share.formats", Format)


def named(name: str) -> Format:
    """The format of this name; WrongUse names those there are."""
    if name in formats():
        return formats()[name]
    known = ", ".join(formats())
    what = Text("there is no such format.", "そのような形式はありません。")
    raise WrongUse(name, what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
