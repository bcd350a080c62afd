"""The shape of a scan: how many ports of how many addresses, and whether these are a whole range."""

from __future__ import annotations

from collections.abc import Sequence

from hinomi.detect.detector import Row
from hinomi.schema.words import Text

SHAPES = {
    "horizontal": Text("horizontal: one port, many addresses", "水平（1ポート・多数のアドレス）"),
    "vertical": Text("vertical: many ports, one address", "垂直（多数のポート・1アドレス）"),
    "strobe": Text("strobe: several ports, many addresses", "ストローブ（複数ポート・多数のアドレス）"),
    "block": Text("block: many ports of a whole range", "ブロック（範囲全体の多数のポート）"),
}
WHOLE = 0.5  # of the addresses between the lowest and the highest: a block rather than a strobe, own choice


def shape_of(group: Sequence[Row]) -> str:
    """Horizontal: one port, many targets. Strobe: several. Vertical: many ports of few. Block: many of a whole range."""
    swept = {(row["kind"], row["port"]) for row in group if row["shape"] == "sweep"}
    if any(row["shape"] == "knock" for row in group):
        whole = any(row["shape"] == "sweep" and density(row) >= WHOLE for row in group)
        return "vertical" if not swept else "block" if whole else "strobe"
    return "strobe" if len(swept) > 1 else "horizontal"


def density(row: Row) -> float:
    """Targets per address of the range they span: 1 is a block walked without a gap."""
    return float(row["targets"]) / row["span"] if row["span"] else 0.0
