"""The units of parameters and measures, in both languages. A detector whose unit is not here writes its own `Text`."""

from __future__ import annotations

from typing import Final

from hinomi.schema.words import Text

ADDRESSES: Final = Text("addresses", "アドレス")
ADDRESSES_OR_PORTS: Final = Text("addresses or ports", "アドレスまたはポート")
ALARMS: Final = Text("alarms", "警報")
ATTACKS: Final = Text("attacks", "回")
BYTES: Final = Text("bytes", "バイト")
EVENTS: Final = Text("events", "件")
FINDINGS: Final = Text("findings", "件")
FINGERPRINTS: Final = Text("fingerprints", "種類")
HOSTS: Final = Text("hosts", "ホスト")
HOURS: Final = Text("h", "時間")
MADS: Final = Text("MAD", "MAD")
NETWORKS: Final = Text("/16s", "/16")
PACKETS: Final = Text("packets", "パケット")
PACKETS_PER_MINUTE: Final = Text("packets/min", "パケット/分")
PACKETS_PER_SECOND: Final = Text("packets/s", "パケット/秒")
PER_POINT: Final = Text("per point", "/点")
POINTS: Final = Text("points", "点")
PORTS: Final = Text("ports", "ポート")
PROBABILITY: Final = Text("probability", "（確率）")
RATIO: Final = Text("ratio", "倍")
SCORE: Final = Text("score", "（スコア）")
SECONDS: Final = Text("s", "秒")
SHARE: Final = Text("share of 1", "（割合）")
SOURCES: Final = Text("sources", "送信元")

# What has no unit: a word, or a number that is one (a port, a protocol) and is never grouped by thousands; and a yes or no.
NAME: Final = Text("name", "（名称）")
YES_OR_NO: Final = Text("yes or no", "（真偽）")
