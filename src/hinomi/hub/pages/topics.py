"""What the dials of the weather show: topics, each with the detectors that speak about it.

A detector belongs to a topic by its ATT&CK-like subject, which only people can say; one that no topic names is still on
every other page.
"""

from __future__ import annotations

from dataclasses import dataclass

from hinomi.schema.words import Text


@dataclass(frozen=True)
class Topic:
    """One dial."""

    name: str
    title: Text
    about: Text
    detectors: tuple[str, ...] = ()


TOPICS: tuple[Topic, ...] = (
    Topic(
        "scans",
        Text("Scans", "スキャン"),
        Text(
            "Sources that search the darknet for open doors, and ports that are suddenly searched for.",
            "ダークネットで侵入口を探す送信元と、急に狙われ始めたポート。",
        ),
        ("telescope-scan", "scanner-tool", "port-surge", "new-port"),
    ),
    Topic(
        "dos",
        Text("Denial of service", "DoS攻撃"),
        Text(
            "Victims whose answers to forged senders reach the darknet.",
            "送信元を偽った攻撃への応答がダークネットに届いた被害者。",
        ),
        ("backscatter",),
    ),
    Topic(
        "infections",
        Text("Members seen", "会員の観測"),
        Text(
            "Members' addresses that send to the darknet: infected, misconfigured, or under attack.",
            "ダークネットへ送信している会員のアドレス。感染、設定の誤り、または攻撃の被害。",
        ),
        ("member-in-darknet",),
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
