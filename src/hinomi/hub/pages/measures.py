"""What the measures of findings are called: detectors write short keys, people read words."""

from __future__ import annotations

from django.utils.translation import gettext

from hinomi.hub.pages.words import number, say
from hinomi.schema.words import Text

NAMES: dict[str, Text] = {
    "agreeing": Text("sampled packets that agree", "一致した標本パケット数"),
    "aggressive": Text("reaches much of the telescope", "大規模なスキャン"),
    "alarms_hosts": Text("alarms by hosts", "ホスト数による警報"),
    "alarms_packets": Text("alarms by packets", "パケット数による警報"),
    "alert": Text("packets for an alert", "警報となるパケット数"),
    "also_internal": Text("also seen inside", "内部でも観測"),
    "assumption": Text("assumption", "仮定"),
    "attacker_ports": Text("ports of the attackers", "攻撃元ポート数"),
    "attacks": Text("attacks", "攻撃回数"),
    "bytes": Text("bytes", "バイト数"),
    "confounder": Text("possible mistake", "誤検知の可能性"),
    "contiguous": Text("share of neighbouring targets", "連続した宛先の割合"),
    "datagrams": Text("datagrams", "データグラム数"),
    "estimated_pps": Text("estimated packets a second", "推定毎秒パケット数"),
    "events": Text("scan events", "スキャンイベント数"),
    "fingerprint": Text("fingerprint", "指紋"),
    "fingerprints": Text("fingerprints", "指紋の数"),
    "hosts": Text("unique hosts", "ユニークホスト数"),
    "hosts_usual": Text("usual unique hosts", "普段のユニークホスト数"),
    "idle_seconds": Text("seconds of silence that end it", "終了とみなす無通信秒数"),
    "kind": Text("kind of probe", "探索の種類"),
    "known": Text("known as harmless because", "無害と知られる理由"),
    "level": Text("level", "警報の段階"),
    "max_ppm": Text("most packets in a minute", "1分あたり最大パケット数"),
    "mismatches": Text("quotes that do not fit", "一致しない引用数"),
    "networks": Text("networks of the sources", "送信元のネットワーク数"),
    "packets": Text("packets", "パケット数"),
    "points": Text("points of history", "履歴の点数"),
    "port": Text("port", "ポート"),
    "ports": Text("ports", "ポート"),
    "ppm": Text("packets a minute", "毎分パケット数"),
    "pps": Text("packets a second", "毎秒パケット数"),
    "proto": Text("protocol number", "プロトコル番号"),
    "relation": Text("relation", "関係"),
    "rise": Text("rise", "増加倍率"),
    "rule": Text("rule", "規則"),
    "score": Text("score", "スコア"),
    "score_hosts": Text("score of hosts", "ホスト数のスコア"),
    "score_packets": Text("score of packets", "パケット数のスコア"),
    "seconds": Text("duration in seconds", "継続時間 (秒)"),
    "seen_in": Text("seen in", "観測場所"),
    "shape": Text("shape", "形"),
    "share_of_telescope": Text("share of the telescope", "観測アドレス数に占める割合"),
    "sources": Text("sources", "送信元数"),
    "sources_all": Text("sources in all", "全送信元数"),
    "sources_before": Text("sources before", "以前の送信元数"),
    "spoofed_16s": Text("forged /16 networks", "詐称された /16 数"),
    "spoofed_addresses": Text("forged addresses", "詐称アドレス数"),
    "stray": Text("stray packets", "迷いパケット"),
    "syns": Text("opening packets (SYN)", "SYNパケット数"),
    "target_port": Text("port under attack", "攻撃されたポート"),
    "target_ports": Text("ports under attack", "攻撃されたポート数"),
    "targets": Text("addresses reached", "到達したアドレス数"),
    "telescope_size": Text("addresses of the telescope", "観測アドレス数"),
    "tool": Text("tool", "ツール"),
    "uniform_p": Text("fit to uniform forging (p)", "一様詐称への適合度 (p値)"),
}
VALUES: dict[str, Text] = {
    "advisory": Text("advisory", "注意"),
    "alert": Text("alert", "警報"),
    "block": Text("block: many ports of a whole range", "ブロック（範囲全体の多数のポート）"),
    "echo": Text("ping (ICMP echo)", "ping（ICMPエコー）"),
    "external": Text("outward", "外部へ"),
    "horizontal": Text("horizontal: one port, many addresses", "水平（1ポート・多数のアドレス）"),
    "internal": Text("inward", "内部へ"),
    "live: unanswered probes": Text("live network: probes that nobody answered", "実ネットワーク：応答のなかった探索"),
    "masscan": Text("Masscan", "Masscan"),
    "mirai": Text("Mirai family", "Mirai系"),
    "not-uniform": Text("sources are not forged uniformly", "送信元の詐称が一様でない"),
    "quoted-source-mismatch": Text("quotes do not fit the victim", "引用が被害者と一致しない"),
    "reflection": Text("reflection: our addresses were forged", "リフレクション（観測アドレスが詐称された）"),
    "reset-storm": Text("a middlebox that resets connections", "中間装置による接続リセット"),
    "sources forged uniformly over IPv4": Text("sources forged uniformly over IPv4", "送信元がIPv4全体で一様に詐称されている"),
    "spoofed": Text("forged source", "詐称された送信元"),
    "stealth": Text("TCP without a SYN (stealth scan)", "SYNのないTCP（ステルススキャン）"),
    "strobe": Text("strobe: several ports, many addresses", "ストローブ（複数ポート・多数のアドレス）"),
    "syn": Text("SYN", "SYN"),
    "targets drawn uniformly from IPv4": Text("targets drawn uniformly from IPv4", "宛先がIPv4全体から一様に選ばれている"),
    "udp": Text("UDP", "UDP"),
    "vertical": Text("vertical: many ports, one address", "垂直（多数のポート・1アドレス）"),
    "victim": Text("victim", "被害者"),
    "zmap": Text("ZMap", "ZMap"),
}
_NUMBERED = ("port", "proto", "kind")  # numbers that are names: never grouped by thousands


def measure_name(key: str) -> Text:
    """The words for a key; a key that nobody has named is shown as it is."""
    plain = key.replace("_", " ")
    return NAMES.get(key, Text(plain, plain))


def shown(key: str, value: float | str | bool | None) -> str:
    """A measure's value as people read it; a number that is a name stays as it is."""
    if value in VALUES:
        return say(VALUES[str(value)])
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value) if key in _NUMBERED or key.endswith("_port") else number(value)
