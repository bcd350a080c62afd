"""Sources known to be harmless (survey scanners, what an operator allowed): labelled with the reason, never hidden."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir

from hinomi.detect.detector import Look, Tables
from hinomi.detect.ranges import inside


@dataclass(frozen=True)
class Allowed:
    """The `allowed` lookup, ready to be asked."""

    ranges: tuple[tuple[bytes, bytes, str], ...]

    @classmethod
    def of(cls, look: Look) -> Allowed:
        lines = look.lookups["allowed"].to_pylist()
        return cls(tuple(sorted((one["first"], one["last"], f"{one['list']}: {one['reason']}") for one in lines)))

    def reason(self, address: bytes) -> str:
        """Why the address is known, or ""."""
        return next((reason for first, last, reason in self.ranges if first <= address <= last), "")


def without_allowed(packets: ir.Table, tables: Tables, look: Look) -> ir.Table:
    """The packets (or rows counted by `src`) whose source is not known to be harmless."""
    if not look.lookups["allowed"].num_rows:
        return packets
    return packets.anti_join(inside(packets.select("src"), tables["allowed"]), "src")
