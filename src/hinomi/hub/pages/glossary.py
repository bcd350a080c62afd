"""What do the words mean? Every term of art of the pages, in plain words and both languages."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import say
from hinomi.schema.words import Text


@dataclass(frozen=True)
class Term:
    """One word, and what it means."""

    name: str
    word: Text
    means: Text


def _terms(*rows: tuple[str, str, str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(name, Text(en, ja), Text(means_en, means_ja)) for name, en, ja, means_en, means_ja in rows)


# fmt: off
TERMS = _terms(
    ("darknet", "Darknet", "ダークネット", "Addresses that are announced on the Internet but that nobody uses. What arrives there is sent by scanners, by worms, or by victims answering forged senders.", "インターネットに経路はあるが誰も使っていないアドレス群。届くのは、スキャン、ワーム、または送信元を偽られた攻撃への応答です。"),
    ("telescope", "Network telescope", "ネットワーク望遠鏡", "A sensor that records what arrives at a darknet and never answers.", "ダークネットに届くパケットを記録し、決して応答しないセンサです。"),
    ("scan", "Scan", "スキャン", "Trying many addresses or many ports to find something that answers.", "応答するものを見つけるため、多数のアドレスやポートを試すことです。"),
    ("backscatter", "Backscatter", "バックスキャッタ", "Answers of a victim to packets whose sender was forged. They show that somebody is under a denial-of-service attack.", "送信元を偽ったパケットに対する被害者の応答。誰かがDoS攻撃を受けていることを示します。"),
    ("dos", "Denial of service", "DoS攻撃", "An attack that sends so much that a service cannot answer its users any more.", "大量の通信を送り、サービスが利用者に応答できないようにする攻撃です。"),
    ("finding", "Finding", "検知", "What one detector believes of one subject in one span of time, with its evidence.", "ある検知器が、ある期間、ある対象について判断した内容と根拠です。"),
    ("case", "Case", "事案", "Findings that belong together, with what was done about them.", "関連する検知と、その対処をまとめたものです。"),
    ("window", "Window", "観測窓", "The span of time that a detector looks at in one go.", "検知器が一度に調べる期間です。"),
    ("severity", "Severity", "深刻度", "How much it matters: info, low, medium, high, critical.", "重要さの段階: 情報、低、中、高、緊急。"),
    ("confidence", "Confidence", "確信度", "How sure the detector is, from 0 to 100. It is not a probability.", "検知器の確からしさ (0〜100)。確率ではありません。"),
    ("usual", "Usual range", "通常の範囲", "The middle four fifths of what up to 14 earlier spans of the same length had. It needs at least four.", "同じ長さの過去最大14期間の値のうち、中央の8割。4期間以上の記録が必要です。"),
    ("not-looked", "Not looked", "未観測", "Nobody has looked, so nothing can be said. It is not the same as “nothing found”.", "誰も調べていないため、何も言えません。「検知なし」とは異なります。"),
    ("sector", "Sector", "分野", "The field of critical infrastructure that a member works in.", "会員が属する重要インフラの分野です。"),
    ("indicator", "Indicator", "インジケータ", "A value that others can look for in their own records: an address, a port, a name.", "他の組織が自組織の記録から探せる値 (アドレス、ポート、名前など) です。"),
    ("attack", "ATT&CK", "ATT&CK", "MITRE's catalogue of what attackers do; T1595.001 is “scanning IP blocks”.", "攻撃者の行動を整理したMITREの一覧。T1595.001は「IPブロックの走査」です。"),
    ("stix", "STIX", "STIX", "The standard form in which cases are exchanged between organisations (OASIS STIX 2.1).", "組織間で事案を交換するための標準形式 (OASIS STIX 2.1) です。"),
    ("taxii", "TAXII", "TAXII", "The standard way in which programs fetch STIX from a hub.", "プログラムがハブからSTIXを取得する標準手順です。"),
    ("tlp", "TLP", "TLP", "The Traffic Light Protocol: CLEAR, GREEN, AMBER, AMBER+STRICT and RED say how far something may be passed on.", "情報の共有範囲を示す標識。CLEAR、GREEN、AMBER、AMBER+STRICT、REDの順に狭くなります。"),
    ("exercise", "Exercise", "演習", "Made-up traffic and cases for training. It is marked everywhere and never leaves the hub.", "訓練用に作られた通信と事案。常に明示され、ハブの外に出ることはありません。"),
    ("masscan", "Masscan", "Masscan", "A fast scanner; its packets can be told by a number computed from the destination.", "高速スキャナの一つ。宛先から計算される値で見分けられます。"),
    ("zmap", "ZMap", "ZMap", "A scanner of the whole Internet used in research; older versions mark every packet with the number 54321.", "研究で使われる全インターネット向けスキャナ。旧版は全パケットに54321の印が付きます。"),
    ("mirai", "Mirai", "Mirai", "A worm of cameras and routers; its packets carry the destination as their sequence number.", "カメラやルータに感染するワーム。シーケンス番号が宛先アドレスと一致します。"),
)
# fmt: on


@shown
def glossary(request: HttpRequest) -> Page:
    """Every term with what it means."""
    count = len(TERMS)
    return Page(
        template="pages/glossary.html",
        question=_("What do the words mean?"),
        answer=ngettext("%(count)d term in plain words.", "%(count)d terms in plain words.", count) % {"count": count},
        data={"terms": TERMS},
        rows=[{"term": term.word, "means": term.means} for term in TERMS],
        context={"scope": scope_of(request), "terms": sorted(TERMS, key=lambda term: say(term.word).lower())},
    )
