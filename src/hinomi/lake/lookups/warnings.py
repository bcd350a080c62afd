"""Who scans without harm: the research and survey scanners of the MISP warning lists, and what the operator allows.

Only lists of scanners are taken. Public resolvers, clouds and networks of providers are not: attackers rent there, and a
resolver that answers a telescope is a victim worth seeing.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from pathlib import Path

import pyarrow as pa

from hinomi.home import home
from hinomi.lake.lookups.shipped import folder
from hinomi.schema.address import packed
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

_SCANNERS = ("shadowserver", "tenable-cloud-ipv4", "tenable-cloud-ipv6")  # besides every list with "scan" in its name
_OWN = "own"
Row = tuple[bytes, bytes, str, str]


def allowed(own: Path | None = None) -> pa.Table:
    """Addresses known to be harmless, as `LOOKUPS["allowed"]`; `own` is a CSV file `prefix,reason` of the operator.

    Without `own`, `lookups/allowed.csv` of the installation is read when it is there.
    """
    path = own or home().lookups / "allowed.csv"
    rows = sorted(set(shipped()) | set(_own(path) if path.is_file() else ()))
    columns = list(zip(*rows, strict=True))
    schema = LOOKUPS["allowed"]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


@cache
def shipped() -> tuple[Row, ...]:
    """The scanners of the lists that come with PyMISPWarningLists, read without the others, which are large."""
    lists = folder("pymispwarninglists") / "data" / "misp-warninglists" / "lists"
    found: list[Row] = []
    for one in sorted(lists.iterdir()):
        if "scan" in one.name or one.name in _SCANNERS:
            found += _rows(one.name, json.loads((one / "list.json").read_bytes()))
    return tuple(found)


def _rows(name: str, content: dict[str, object]) -> Iterator[Row]:
    values = content["list"] if content["type"] == "cidr" else ()
    assert isinstance(values, list | tuple)
    for value in values:
        first, last = _range(str(value))
        yield first, last, name, str(content["name"])


def _own(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(csv.reader(file), 1):
            if not line or line[0].startswith("#") or line[0] == "prefix":
                continue
            try:
                first, last = _range(line[0])
            except ValueError as error:
                what = Text(f"line {number}: {error}", f"{number} 行目: {error}")
                remedy = Text("Write `prefix,reason`, one a line.", "`prefix,reason` の形で1行に1件書いてください。")
                raise Problem(str(path), what, remedy) from error
            yield first, last, _OWN, line[1].strip() if len(line) > 1 else ""


def _range(text: str) -> tuple[bytes, bytes]:
    """The range of an address or prefix; published lists write host bits, which do no harm here."""
    network = ip_network(text.strip(), strict=False)
    return packed(network.network_address), packed(network.broadcast_address)
