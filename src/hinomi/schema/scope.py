"""Who may know and what may be done: TLP 2.0, PAP, purposes and sectors, as values with an order.

TLP 2.0 (FIRST, 2022) with the marking-definition ids of the OASIS TLP 2.0 extension
(`extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d`). Unmarked is treated as TLP:AMBER+STRICT.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum

from hinomi.schema.words import Text

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


class Tlp(IntEnum):
    """Traffic Light Protocol 2.0, from the widest to the narrowest."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        return "TLP:" + self.name.replace("_", "+")

    @property
    def for_all_members(self) -> bool:
        """Whether everyone who belongs to the hub may read it, whosesoever it is: GREEN is "for the community" (TLP 2.0)."""
        return self <= Tlp.GREEN

    @property
    def marking(self) -> str:
        """The id of the OASIS marking definition."""
        return _MARKINGS[self]


_MARKINGS = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
# STIX 2.1 §7.2.1.4 predefined TLP 1.0 markings, which partners still send; each is read as its TLP 2.0 equal.
_MARKINGS_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
}
_BY_MARKING = {marking: tlp for tlp, marking in _MARKINGS.items()} | _MARKINGS_1


class Pap(IntEnum):
    """Permissible Actions Protocol, from the widest to the narrowest."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    RED = 3


class Purpose(StrEnum):
    """What the reader wants it for."""

    DEFENCE = "defence"
    RESEARCH = "research"
    STATISTICS = "statistics"


UNMARKED = Tlp.AMBER_STRICT


def tlp_of(markings: Iterable[str]) -> Tlp:
    """The narrowest TLP among `object_marking_refs`; silence is TLP:AMBER+STRICT."""
    known = [_BY_MARKING[one] for one in markings if one in _BY_MARKING]
    return max(known) if known else UNMARKED


# The critical-infrastructure sectors of Japan's Basic Policy, with the neighbours that a hub also serves.
SECTORS: dict[str, Text] = {
    "information-communication": Text("information and communication", "情報通信"),
    "finance": Text("finance", "金融"),
    "aviation": Text("aviation", "航空"),
    "airport": Text("airports", "空港"),
    "railway": Text("railways", "鉄道"),
    "electricity": Text("electric power", "電力"),
    "gas": Text("gas", "ガス"),
    "government": Text("government and administration", "政府・行政サービス"),
    "healthcare": Text("medical services", "医療"),
    "water": Text("water", "水道"),
    "logistics": Text("logistics", "物流"),
    "chemical": Text("chemistry", "化学"),
    "credit": Text("credit cards", "クレジット"),
    "petroleum": Text("petroleum", "石油"),
    "port": Text("ports", "港湾"),
    "broadcasting": Text("broadcasting", "放送"),
    "local-government": Text("local governments", "地方公共団体"),
    "education": Text("education and research", "教育・研究"),
    "manufacturing": Text("manufacturing", "製造"),
    "small-business": Text("small and medium enterprises", "中小企業"),
    "other": Text("other", "その他"),
}
