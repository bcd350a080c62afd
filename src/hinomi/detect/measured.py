"""What a detector declares of the measures that its findings carry: unit, meaning, words, and how each is counted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from hinomi.detect import units
from hinomi.schema.words import TOOLS, Text

THRESHOLD: Final = "threshold_"  # begins the name of every number that a measure was compared with


@dataclass(frozen=True)
class Recount:
    """How a measure is counted again from the packets that a finding rests on, so that its course can be drawn.

    `what`: packets, or the different addresses of a column. They are counted anew every `each` seconds, or (0) on and on from
    the first packet; with `probes` only in what asks for something, SYNs and datagrams.
    """

    what: Literal["packets", "src", "dst"]
    each: int = 0
    probes: bool = False


@dataclass(frozen=True)
class Measured:
    """One measure of a detector's findings: its name in them, its unit, and what people call it.

    It was compared with the measure `against`, by default `threshold_…` and its own name, where a finding has one. `words`
    are the words that it may be; `recount` says how the lake can tell its course; an estimate says which measure it was
    `scaled_from`, since that count's chance is its own.
    """

    name: str
    unit: Text
    meaning: Text
    against: str = ""
    words: Mapping[str, Text] = field(default_factory=dict)
    recount: Recount | None = None
    scaled_from: str = ""

    @property
    def threshold(self) -> str:
        """Under which name a finding says what this was compared with."""
        return self.against or f"{THRESHOLD}{self.name}"


# What several detectors tell alike. The casebook reads `packets` and `tool`, and gives `known` to what is allowed.
SEEN: Final = Measured("packets", units.PACKETS, Text("packets", "パケット数"))
TOOL: Final = Measured("tool", units.NAME, Text("tool", "ツール"), words=TOOLS)
KNOWN: Final = Measured("known", units.NAME, Text("known as harmless because", "無害と知られる理由"))
REACHED: Final = Measured("targets", units.ADDRESSES, Text("addresses reached", "到達したアドレス数"), recount=Recount("dst"))
LASTED: Final = Measured("seconds", units.SECONDS, Text("duration in seconds", "継続時間 (秒)"))
TELESCOPE: Final = Measured("telescope_size", units.ADDRESSES, Text("addresses of the telescope", "観測アドレス数"))


def rate(scaled_from: str) -> Measured:
    """The rate Internet-wide, estimated from what a telescope counted."""
    words = Text("estimated packets a second", "推定毎秒パケット数")
    return Measured("estimated_pps", units.PACKETS_PER_SECOND, words, scaled_from=scaled_from)


def assumption(of: Text) -> Measured:
    """What an estimate takes for granted; findings carry it in English, the language of their keys."""
    return Measured("assumption", units.NAME, Text("assumption", "仮定"), words={of.en: of})
