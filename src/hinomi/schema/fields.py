"""THE table of fields: name, Arrow type, unit, meaning, who may be hurt by it, how it is blurred, its STIX path.

Readers, lake columns, API parameters, redaction and the reference page are derived from this table. Integers are signed
(Iceberg knows no unsigned ones): 32 bits hold ports and flags, 64 bits hold sequence numbers and byte counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import pyarrow as pa

from hinomi.schema.words import Text


class Sensitivity(IntEnum):
    """Whom the value can hurt when it gets out, in order."""

    OPEN = 0  # describes an attacker or nothing in particular
    SENSOR = 1  # tells where we look: a known darknet address is a burnt one
    VICTIM = 2  # points at an organisation
    PERSON = 3  # points at a person or at the content of a communication
    SECRET = 4  # a credential


class Blur(StrEnum):
    """What remains of the value when it may not be shown as it is."""

    KEEP = "keep"
    HOUR = "hour"  # a time, cut to its hour
    PREFIX = "prefix"  # an address, cut to /16 (IPv4) or /32 (IPv6)
    PSEUDONYM = "pseudonym"  # the same value gives the same pseudonym under one key
    MAGNITUDE = "magnitude"  # a count, rounded to its power of ten
    DROP = "drop"


ADDRESS = pa.binary(16)
TIME = pa.timestamp("us", tz="UTC")
I32, I64, TEXT, BYTES, FLAG = pa.int32(), pa.int64(), pa.string(), pa.binary(), pa.bool_()
TEXTS = pa.list_(pa.string())


@dataclass(frozen=True)
class Field:
    """One column of the lake."""

    name: str
    type: pa.DataType
    unit: str
    meaning: Text
    sensitivity: Sensitivity
    blur: Blur
    stix: str = ""


def _table(*rows: tuple[str, pa.DataType, str, str, str, Sensitivity, Blur, str]) -> dict[str, Field]:
    fields = [Field(name, kind, unit, Text(en, ja), hurt, blur, stix) for name, kind, unit, en, ja, hurt, blur, stix in rows]
    assert len({field.name for field in fields}) == len(fields), "a field is declared twice"
    return {field.name: field for field in fields}


OPEN, SENSOR, VICTIM, PERSON, SECRET = Sensitivity
KEEP, HOUR, PREFIX, PSEUDONYM, MAGNITUDE, DROP = Blur

# fmt: off
FIELDS: dict[str, Field] = _table(
    # every kind
    ("time",         TIME,    "UTC",     "when it was seen",                                   "観測時刻",                       OPEN,   HOUR,      "observed-data:first_observed"),
    ("sensor",       TEXT,    "",        "the sensor that saw it",                             "観測したセンサ",                 SENSOR, DROP,      ""),
    ("segment",      TEXT,    "",        "content id of the piece of input it came in",        "取り込み単位の内容識別子",       SENSOR, DROP,      ""),
    # addresses and transport
    ("src",          ADDRESS, "",        "source address",                                     "送信元アドレス",                 OPEN,   PREFIX,    "network-traffic:src_ref.value"),
    ("dst",          ADDRESS, "",        "destination address",                                "宛先アドレス",                   SENSOR, PREFIX,    "network-traffic:dst_ref.value"),
    ("proto",        I32,     "IANA",    "IP protocol number",                                 "IPプロトコル番号",               OPEN,   KEEP,      "network-traffic:protocols"),
    ("sport",        I32,     "",        "source port",                                        "送信元ポート",                   OPEN,   KEEP,      "network-traffic:src_port"),
    ("dport",        I32,     "",        "destination port",                                   "宛先ポート",                     OPEN,   KEEP,      "network-traffic:dst_port"),
    # packet
    ("flags",        I32,     "bits",    "TCP flags, FIN=1 … CWR=128",                         "TCPフラグ (FIN=1 … CWR=128)",    OPEN,   KEEP,      "network-traffic:extensions.'tcp-ext'.src_flags_hex"),
    ("seq",          I64,     "",        "TCP sequence number",                                "TCPシーケンス番号",              OPEN,   DROP,      ""),
    ("ack",          I64,     "",        "TCP acknowledgement number",                         "TCP確認応答番号",                OPEN,   DROP,      ""),
    ("window",       I32,     "bytes",   "TCP window as in the header",                        "TCPウィンドウ (ヘッダの値)",     OPEN,   KEEP,      ""),
    ("options",      I32,     "bytes",   "length of the TCP options",                          "TCPオプション長",                OPEN,   KEEP,      ""),
    ("ipid",         I32,     "",        "IPv4 identification",                                "IPv4識別子",                     OPEN,   DROP,      ""),
    ("ttl",          I32,     "hops",    "time to live or hop limit, as received",             "受信時のTTL・ホップ制限",        OPEN,   KEEP,      ""),
    ("length",       I64,     "bytes",   "length of the IP packet by its header",              "IPパケット長 (ヘッダの値)",      OPEN,   KEEP,      "network-traffic:src_byte_count"),
    ("fragment",     I32,     "8 bytes", "fragment offset of a later fragment",                "後続フラグメントのオフセット",   OPEN,   KEEP,      ""),
    ("icmp_type",    I32,     "",        "ICMP or ICMPv6 type",                                "ICMP・ICMPv6タイプ",             OPEN,   KEEP,      "network-traffic:extensions.'icmp-ext'.icmp_type_hex"),
    ("icmp_code",    I32,     "",        "ICMP or ICMPv6 code",                                "ICMP・ICMPv6コード",             OPEN,   KEEP,      "network-traffic:extensions.'icmp-ext'.icmp_code_hex"),
    ("inner_src",    ADDRESS, "",        "source address quoted by an ICMP error",             "ICMPエラーが引用する送信元",     SENSOR, PREFIX,    ""),
    ("inner_dst",    ADDRESS, "",        "destination address quoted by an ICMP error",        "ICMPエラーが引用する宛先",       VICTIM, PREFIX,    ""),
    ("inner_proto",  I32,     "IANA",    "protocol quoted by an ICMP error",                   "ICMPエラーが引用するプロトコル", OPEN,   KEEP,      ""),
    ("inner_sport",  I32,     "",        "source port quoted by an ICMP error",                "ICMPエラーが引用する送信元ポート", OPEN, KEEP,      ""),
    ("inner_dport",  I32,     "",        "destination port quoted by an ICMP error",           "ICMPエラーが引用する宛先ポート", OPEN,   KEEP,      ""),
    ("payload",      BYTES,   "≤ 64 B",  "first bytes after the transport header",             "トランスポートヘッダ直後の先頭", PERSON, DROP,      "artifact:payload_bin"),
    # flow
    ("end",          TIME,    "UTC",     "when the last packet or the lease was seen",         "終了時刻",                       OPEN,   HOUR,      "network-traffic:end"),
    ("packets",      I64,     "packets", "packets counted",                                    "パケット数",                     OPEN,   MAGNITUDE, "network-traffic:src_packets"),
    ("bytes",        I64,     "bytes",   "bytes counted",                                      "バイト数",                       OPEN,   MAGNITUDE, "network-traffic:src_byte_count"),
    ("exporter",     TEXT,    "",        "the router or probe that exported the record",       "エクスポータ",                   SENSOR, DROP,      ""),
    ("sampling",     I32,     "1 in n",  "packet sampling rate of the exporter",               "サンプリング間隔",               SENSOR, KEEP,      ""),
    # dns
    ("client",       ADDRESS, "",        "address of the client",                              "クライアントのアドレス",         PERSON, PSEUDONYM, ""),
    ("resolver",     ADDRESS, "",        "address of the resolver",                            "リゾルバのアドレス",             SENSOR, PREFIX,    ""),
    ("qname",        TEXT,    "",        "name asked for, lower case, without final dot",      "問い合わせ名",                   PERSON, DROP,      "domain-name:value"),
    ("qtype",        I32,     "IANA",    "record type asked for",                              "問い合わせタイプ",               OPEN,   KEEP,      ""),
    ("rcode",        I32,     "IANA",    "response code; unknown when no answer was seen",     "応答コード",                     OPEN,   KEEP,      ""),
    ("answers",      TEXTS,   "",        "answers as text",                                    "応答の内容",                     OPEN,   DROP,      "domain-name:resolves_to_refs"),
    # login
    ("service",      TEXT,    "",        "service that was signed in to",                      "対象サービス",                   VICTIM, DROP,      ""),
    ("account",      TEXT,    "",        "keyed pseudonym of the account",                     "アカウントの仮名",               PERSON, PSEUDONYM, "user-account:user_id"),
    ("outcome",      TEXT,    "",        "success or failure, with its reason",                "結果と理由",                     OPEN,   KEEP,      ""),
    ("agent",        TEXT,    "",        "user agent or client software",                      "ユーザエージェント",             OPEN,   DROP,      ""),
    ("password",     TEXT,    "",        "keyed fingerprint of the password tried",            "試行パスワードの指紋",           SECRET, DROP,      ""),
    # honeypot
    ("protocol",     TEXT,    "",        "application protocol of the decoy",                  "おとりのプロトコル",             OPEN,   KEEP,      "network-traffic:protocols"),
    ("session",      TEXT,    "",        "session on the decoy",                               "おとり上のセッション",           SENSOR, PSEUDONYM, ""),
    ("act",          TEXT,    "",        "what the attacker did: connect, login, command …",   "攻撃者の行為",                   OPEN,   KEEP,      ""),
    ("user",         TEXT,    "",        "user name tried on the decoy",                       "試行ユーザ名",                   OPEN,   KEEP,      ""),
    ("secret",       TEXT,    "",        "password tried on the decoy",                        "試行パスワード",                 OPEN,   DROP,      ""),
    ("command",      TEXT,    "",        "command given on the decoy",                         "実行コマンド",                   OPEN,   DROP,      "process:command_line"),
    ("url",          TEXT,    "",        "URL asked for or fetched from",                      "URL",                            PERSON, DROP,      "url:value"),
    ("sha256",       TEXT,    "hex",     "SHA-256 of a file",                                  "ファイルのSHA-256",              OPEN,   KEEP,      "file:hashes.'SHA-256'"),
    ("bytes_in",     I64,     "bytes",   "bytes received",                                     "受信バイト数",                   OPEN,   MAGNITUDE, ""),
    ("bytes_out",    I64,     "bytes",   "bytes sent",                                         "送信バイト数",                   OPEN,   MAGNITUDE, ""),
    ("request",      TEXT,    "",        "type of a request, as the protocol names it",        "要求の種別",                     OPEN,   KEEP,      ""),
    # exposure
    ("address",      ADDRESS, "",        "address examined or leased",                         "調査・割当対象のアドレス",       VICTIM, PREFIX,    "ipv4-addr:value"),
    ("port",         I32,     "",        "port examined",                                      "調査対象ポート",                 OPEN,   KEEP,      ""),
    ("vendor",       TEXT,    "",        "vendor as recognised",                               "ベンダ",                         OPEN,   KEEP,      "software:vendor"),
    ("product",      TEXT,    "",        "product as recognised",                              "製品",                           OPEN,   KEEP,      "software:name"),
    ("version",      TEXT,    "",        "version as recognised",                              "バージョン",                     OPEN,   KEEP,      "software:version"),
    ("cpe",          TEXT,    "CPE 2.3", "product name in CPE",                                "CPE名",                          OPEN,   KEEP,      "software:cpe"),
    ("banner",       TEXT,    "sha256",  "digest of the banner",                               "バナーのダイジェスト",           VICTIM, DROP,      ""),
    ("test",         TEXT,    "",        "test that was made",                                 "実施した検査",                   OPEN,   KEEP,      ""),
    ("amplification", pa.float64(), "ratio", "response bytes per request byte",                "増幅率",                         OPEN,   KEEP,      ""),
    # web
    ("host",         TEXT,    "",        "host asked for",                                     "アクセス先ホスト",               PERSON, DROP,      "domain-name:value"),
    ("method",       TEXT,    "",        "HTTP method",                                        "HTTPメソッド",                   OPEN,   KEEP,      ""),
    ("status",       I32,     "HTTP",    "HTTP status",                                        "HTTPステータス",                 OPEN,   KEEP,      ""),
    # lease
    ("port_first",   I32,     "",        "first port of the leased range",                     "割当ポート範囲の先頭",           PERSON, DROP,      ""),
    ("port_last",    I32,     "",        "last port of the leased range",                      "割当ポート範囲の末尾",           PERSON, DROP,      ""),
    ("subscriber",   TEXT,    "",        "opaque reference of the subscriber",                 "加入者の参照符号",               PERSON, DROP,      ""),
)
# fmt: on
