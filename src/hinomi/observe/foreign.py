"""Formats that people hand over, known by their first bytes, which Hinomi does not read: what each is, and the way round it."""

from __future__ import annotations

from typing import Final, NamedTuple

from hinomi.schema.words import Text

_UNPACK: Final = Text("unpack it and give what is in it", "展開して、中のファイルを指定してください")
_CONVERT: Final = Text("convert it: editcap -F pcapng IN OUT", "変換してください: editcap -F pcapng 入力 出力")
_DECOMPRESS: Final = Text(
    "decompress it, or use gzip, xz, bzip2 or zstd", "展開するか、gzip・xz・bzip2・zstd で圧縮し直してください"
)
_UTF_8: Final = Text("convert it: iconv -f UTF-16 -t UTF-8", "変換してください: iconv -f UTF-16 -t UTF-8")
_AS_TEXT: Final = Text("export it as CSV or JSON lines", "CSV または JSON Lines で書き出してください")
_PACKETS: Final = Text("give a capture or a packet log", "キャプチャまたはパケットログを指定してください")


class Foreign(NamedTuple):
    """What it is in both languages, and what to do."""

    en: str
    ja: str
    remedy: Text


_BY_START: Final[dict[bytes, Foreign]] = {
    b"PK\x03\x04": Foreign("a zip archive", "zip アーカイブ", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": Foreign("a 7-Zip archive", "7-Zip アーカイブ", _UNPACK),
    b"Rar!": Foreign("a RAR archive", "RAR アーカイブ", _UNPACK),
    b"\x04\x22\x4d\x18": Foreign("compressed with lz4", "lz4 で圧縮されたデータ", _DECOMPRESS),
    b"\x1f\x9d": Foreign("compressed with compress (.Z)", "compress (.Z) で圧縮されたデータ", _DECOMPRESS),
    b"snoop\0\0\0": Foreign("a snoop capture (RFC 1761)", "snoop 形式のキャプチャ", _CONVERT),
    b"iptrace ": Foreign("an AIX iptrace capture", "AIX iptrace 形式のキャプチャ", _CONVERT),
    b"GMBU": Foreign("a Microsoft Network Monitor capture", "Network Monitor 形式のキャプチャ", _CONVERT),
    b"XCP\0": Foreign("a NetXRay or Sniffer capture", "NetXRay/Sniffer 形式のキャプチャ", _CONVERT),
    b"TRSNIFF": Foreign("a Sniffer capture", "Sniffer 形式のキャプチャ", _CONVERT),
    b"\x0c\xa5": Foreign("an nfcapd flow file (nfdump)", "nfcapd フローファイル (nfdump)", _PACKETS),
    b"Obj\x01": Foreign("an Avro file", "Avro ファイル", _AS_TEXT),
    b"PAR1": Foreign("a Parquet file", "Parquet ファイル", _AS_TEXT),
    b"SQLite format 3\0": Foreign("a SQLite database", "SQLite データベース", _AS_TEXT),
    b"%PDF": Foreign("a PDF document", "PDF 文書", _PACKETS),
    b"\x7fELF": Foreign("a Linux program (ELF)", "Linux プログラム (ELF)", _PACKETS),
    b"MZ": Foreign("a Windows program", "Windows プログラム", _PACKETS),
    b"\xff\xfe": Foreign("text in UTF-16", "UTF-16 のテキスト", _UTF_8),
    b"\xfe\xff": Foreign("text in UTF-16", "UTF-16 のテキスト", _UTF_8),
    b"<?xml": Foreign("an XML document", "XML 文書", _AS_TEXT),
    b"<!DOCTYPE": Foreign("a web page", "Web ページ", _PACKETS),
    b"<html": Foreign("a web page", "Web ページ", _PACKETS),
}
_TAR: Final = Foreign("a tar archive", "tar アーカイブ", _UNPACK)


def recognised(head: bytes) -> Foreign | None:
    """What the first bytes are of, if we know; tar says so only at byte 257."""
    if head[257:262] == b"ustar":
        return _TAR
    return next((what for start, what in _BY_START.items() if head.startswith(start)), None)
