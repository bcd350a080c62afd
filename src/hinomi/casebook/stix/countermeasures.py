"""What helps: counter-measures for each kind of trouble, in both languages. A case never goes out without one.

Sources: NIST SP 800-61r3, JPCERT/CC incident handling guides, NOTICE (notice.go.jp) advice to device owners, RFC 4732
(denial-of-service considerations), BCP 38/84 (ingress filtering); wording our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from hinomi.casebook.stix.envelope import Envelope, Told
from hinomi.schema.findings import Finding
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Text

_SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Countermeasure:
    """One thing to do: its name, and the steps."""

    key: str
    name: Text
    steps: Text

    def told(self, exercise: bool) -> Told:
        ja = {"name": self.name.ja, "description": self.steps.ja}
        envelope = Envelope("", Tlp.CLEAR, _SINCE, exercise)
        return envelope.wrap("course-of-action", (self.key,), ja, name=self.name.en, description=self.steps.en)


ISOLATE = Countermeasure(
    "isolate-and-clean",
    Text("Isolate the device and clean it", "機器を隔離し、駆除する"),
    Text(
        "Find the device behind the address at that time. Cut it off from the network. A router or camera: update its "
        "firmware, restart it, change the password, close administration from outside. A computer: keep a copy of memory "
        "and disk, then reinstall. Look for the same traffic from its neighbours, and watch the address for a week.",
        "該当時刻にそのアドレスを使っていた機器を特定し、ネットワークから切り離します。ルータやカメラはファームウェアを更新して再起動し、"
        "パスワードを変更し、外部からの管理機能を閉じます。PCやサーバはメモリとディスクの写しを取ってから再構築します。"
        "周囲の機器に同じ通信がないか確かめ、1週間はそのアドレスを見守ります。",
    ),
)
WITHSTAND = Countermeasure(
    "withstand-denial-of-service",
    Text("Withstand the denial of service", "サービス妨害に耐える"),
    Text(
        "Call the upstream provider and give the address, port and rate of this case. Filter what the service does not need, "
        "turn on SYN cookies and rate limits, move behind a scrubbing service if one is arranged. Sources are mostly forged: "
        "do not block them one by one. Keep logs, and tell users by another way than the service that is down.",
        "上流事業者に連絡し、この事案のアドレス・ポート・通信量を伝えます。サービスに不要な通信を遮断し、"
        "SYN cookie とレート制限を有効にし、契約があれば緩和サービスへ切り替えます。"
        "送信元の多くは詐称されているため、個別の遮断は効きません。"
        "ログを保全し、止まっているサービス以外の手段で利用者に知らせます。",
    ),
)
CLOSE_PORT = Countermeasure(
    "close-the-port",
    Text("Close the port that is being searched", "探索されているポートを閉じる"),
    Text(
        "Check whether the port of this case answers from outside on your networks. Close it, or let only known addresses in. "
        "Update the products that use it, and change factory passwords. Watch for connections from inside to the same port "
        "elsewhere: that is what an infected device does.",
        "この事案のポートが自組織の外から応答するか確かめ、閉じるか既知のアドレスだけに許可します。"
        "そのポートを使う製品を更新し、初期パスワードを変更します。内部から外部の同じポートへの接続は感染機器の動きなので監視します。",
    ),
)
WATCH_SCANNER = Countermeasure(
    "limit-scanners",
    Text("Limit what scanners learn", "スキャナに渡す情報を減らす"),
    Text(
        "Block the addresses of this case for as long as its indicators are valid, after checking them against your allow-list."
        " Close services that need not be public. A scan alone is not a break-in: look for what answered it.",
        "この事案のアドレスを、許可リストと照合したうえで、インジケータの有効期間だけ遮断します。公開不要なサービスを閉じます。"
        "スキャンだけでは侵入ではありません。応答した機器がないか調べます。",
    ),
)
SPOOFED = Countermeasure(
    "stop-spoofing",
    Text("Stop forged source addresses", "送信元詐称を止める"),
    Text(
        "Addresses of unused networks cannot send: someone forges them. Filter at the edge (BCP 38, BCP 84) so that no packet "
        "leaves with a source that is not yours, and do not blame the holder of the address.",
        "使っていない空間のアドレスから通信が出ることはなく、詐称されています。自組織のものでない送信元の通信が外へ出ないよう"
        "境界で遮断し (BCP 38、BCP 84)、アドレスの保有者を責めないでください。",
    ),
)
LOOK = Countermeasure(
    "look-closer",
    Text("Look closer", "詳しく調べる"),
    Text(
        "Open the evidence of the findings, compare with your own logs of the same time, and note what you see in the case.",
        "検知の根拠を開き、同じ時間帯の自組織のログと照らし合わせ、分かったことを事案に書き留めます。",
    ),
)

CATALOGUE = {one.key: one for one in (ISOLATE, WITHSTAND, CLOSE_PORT, WATCH_SCANNER, SPOOFED, LOOK)}  # detectors name keys


def countermeasures(findings: Iterable[Finding]) -> tuple[Countermeasure, ...]:
    """What helps against what was found, each once, in a fixed order; never nothing."""
    asked = sorted({(one.detector, one.helps) for one in findings})
    chosen = {CATALOGUE.get(key, LOOK): None for _detector, keys in asked for key in keys or (LOOK.key,)}
    return tuple(chosen) or (LOOK,)
