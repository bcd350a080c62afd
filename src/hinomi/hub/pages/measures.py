"""What the measures of findings are called: detectors write short keys, people read words."""

from __future__ import annotations

from hinomi.schema.words import Text

NAMES: dict[str, Text] = {
    "addresses": Text("dark addresses reached", "到達したダークアドレス数"),
    "targets": Text("addresses reached", "到達したアドレス数"),
    "packets": Text("packets", "パケット数"),
    "ports": Text("ports tried", "試行ポート数"),
    "port": Text("port", "ポート"),
    "sources": Text("sources", "送信元数"),
    "hosts": Text("unique hosts", "ユニークホスト数"),
    "rate": Text("estimated rate", "推定レート"),
    "ppm": Text("packets a minute", "毎分パケット数"),
    "max_ppm": Text("most packets in a minute", "1分あたり最大パケット数"),
    "pps": Text("estimated packets a second", "推定毎秒パケット数"),
    "duration": Text("duration in seconds", "継続時間 (秒)"),
    "seconds": Text("duration in seconds", "継続時間 (秒)"),
    "factor": Text("times the usual", "通常比 (倍)"),
    "score": Text("score", "スコア"),
    "shape": Text("shape", "形"),
    "tool": Text("tool", "ツール"),
    "prefixes": Text("/16 networks of the sources", "送信元の /16 ネットワーク数"),
    "known": Text("known as harmless", "無害と知られる理由"),
    "aggressive": Text("aggressive", "攻撃的"),
    "share": Text("share", "割合"),
    "bytes": Text("bytes", "バイト数"),
}


def measure_name(key: str) -> Text:
    """The words for a key; a key that nobody has named is shown as it is."""
    plain = key.replace("_", " ")
    return NAMES.get(key, Text(plain, plain))
