"""What the dials of the weather show: topics, each with the detectors that say they speak about it."""

from __future__ import annotations

from dataclasses import dataclass

from hinomi.hub.pages.catalogue import detectors
from hinomi.schema.words import Text


@dataclass(frozen=True)
class Topic:
    """One dial."""

    name: str
    title: Text
    about: Text

    @property
    def detectors(self) -> tuple[str, ...]:
        return tuple(name for name, one in detectors().items() if one.topic == self.name)


TOPICS: tuple[Topic, ...] = (
    Topic(
        "scans",
        Text("Scans", "スキャン"),
        Text(
            "Sources that search the darknet for open doors, and ports that are suddenly searched for.",
            "ダークネットで侵入口を探す送信元と、急に狙われ始めたポート。",
        ),
    ),
    Topic(
        "dos",
        Text("Denial of service", "DoS攻撃"),
        Text(
            "Victims whose answers to forged senders reach the darknet.",
            "送信元を偽った攻撃への応答がダークネットに届いた被害者。",
        ),
    ),
    Topic(
        "infections",
        Text("Members seen", "会員の観測"),
        Text(
            "Members' addresses that send to the darknet: infected, misconfigured, or under attack.",
            "ダークネットへ送信している会員のアドレス。感染、設定の誤り、または攻撃の被害。",
        ),
    ),
    Topic(
        "accounts",
        Text("Accounts", "アカウント"),
        Text("Stolen or guessed passwords being tried at members' services.", "会員のサービスに対するパスワードの試行。"),
    ),
    Topic(
        "exposure",
        Text("Exposure", "露出"),
        Text("Members' devices and services that anybody can reach and misuse.", "誰からでも悪用できる会員の機器・サービス。"),
    ),
)
