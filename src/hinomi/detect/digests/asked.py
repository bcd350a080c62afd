"""What was asked for: probes counted by source, kind of probe, port and five minutes, with the signs of tools.

Scans, tools, surges and new ports all count the same probes. Read and grouped once, five million packets are 0.8 million
rows, which each of them then asks in some hundredths of a second; each reading for itself took half a second.
"""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir
from ibis import _

from hinomi.detect.detector import Look
from hinomi.detect.digest import Digest
from hinomi.detect.packets import NO_PORT, probe, signs, slot
from hinomi.detect.telescope import registered
from hinomi.schema.words import TOOLS, Text

STEP: Final = 300  # seconds of a slot: divides ten minutes, and is below the time-out of scans on a /16


def query(packets: ir.Table, look: Look) -> ir.Table:
    """One row per source, kind of probe, port, slot, and whether the receiver was dark; `slot` 0 begins with the window."""
    telescope = registered(look)
    dark = telescope.sees(packets).fill_null(False) if telescope else ibis.literal(False)
    columns = {"kind": probe(packets), "port": packets.dport.fill_null(NO_PORT), "dark": dark}
    asked = packets.select("src", "time", **columns, **signs(packets), slot=slot(packets.time, look.window.start, STEP))
    borne = {tool: _.count(where=_[tool]) for tool in TOOLS}
    counted = asked.filter(_.kind.notnull()).group_by("src", "kind", "port", "slot", "dark")
    return counted.agg(packets=_.count(), first=_.time.min(), last=_.time.max(), **borne)


def seen(asked: ir.Table, look: Look) -> ir.Table:
    """The digest without what is older than the history of a look."""
    return asked.filter(_.slot >= -(int(look.history.total_seconds()) // STEP))


DIGEST = Digest(
    about=Text(
        "Probes (SYN, datagram, ping, stealth) by source, port and five minutes.",
        "プローブ（SYN・データグラム・ping・ステルス）を送信元・ポート・5分ごとに集計したもの。",
    ),
    kind="packet",
    query=query,
)
