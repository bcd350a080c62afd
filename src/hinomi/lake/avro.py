"""The little of Apache Avro that Iceberg's manifests need: container files, written by schema, and their blocks carried over.

https://avro.apache.org/docs/1.12.0/specification/ (why this is not left to PyIceberg: see `snapshot`)
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MAGIC: Final = b"Obj\x01"
SYNC: Final = 16
_CODECS: Final = {"null": lambda raw: raw, "deflate": lambda raw: zlib.decompress(raw, -zlib.MAX_WBITS)}

Block = tuple[int, bytes]  # how many records, and their bytes, not compressed


def encoded(schema: Any, value: Any) -> bytes:
    """A value by its schema; unions are of null and one other."""
    if isinstance(schema, list):
        return b"\0" if value is None else b"\2" + encoded(schema[1], value)
    kind = schema if isinstance(schema, str) else schema["type"]
    if kind == "record":
        return b"".join(encoded(field["type"], value.get(field["name"])) for field in schema["fields"])
    if kind == "array":
        items = b"".join(encoded(schema["items"], one) for one in value)
        return (_long(len(value)) + items if value else b"") + b"\0"
    if kind in ("string", "bytes"):
        raw = value.encode() if kind == "string" else value
        return _long(len(raw)) + raw
    return bytes([value]) if kind == "boolean" else _long(value)


def container(schema: Any, about: Mapping[str, str], blocks: Sequence[Block]) -> bytes:
    """A container file of blocks."""
    sync = os.urandom(SYNC)
    header = {**about, "avro.codec": "null", "avro.schema": json.dumps(schema)}
    words = b"".join(encoded("string", key) + encoded("string", word) for key, word in header.items())
    body = b"".join(_long(count) + encoded("bytes", raw) + sync for count, raw in blocks)
    return MAGIC + _long(len(header)) + words + b"\0" + sync + body


def contents(file: bytes) -> tuple[Any, list[Block]]:
    """The schema of a container file, and its blocks. ValueError when it is none, or none that we understand."""
    try:
        header, at = _header(file)
        schema, opened = json.loads(header["avro.schema"]), _CODECS[header.get("avro.codec", b"null").decode()]
        return schema, list(_blocks(file, at + SYNC, opened))
    except (IndexError, KeyError, zlib.error) as error:
        raise ValueError(f"no Avro container that can be read: {error}") from error


def _header(file: bytes) -> tuple[dict[str, bytes], int]:
    if not file.startswith(MAGIC):
        raise ValueError("no Avro container")
    header: dict[str, bytes] = {}
    count, at = _number(file, len(MAGIC))
    while count:
        for _ in range(abs(count)):
            key, at = _bytes(file, at)
            header[key.decode()], at = _bytes(file, at)
        count, at = _number(file, at)
    return header, at


def _blocks(file: bytes, at: int, opened: Any) -> Iterator[Block]:
    while at < len(file):
        count, at = _number(file, at)
        raw, at = _bytes(file, at)
        yield count, opened(raw)
        at += SYNC


def _long(value: int) -> bytes:
    """Zigzag, seven bits at a time, the lowest first."""
    left, out = value << 1 ^ value >> 63, bytearray()
    while left > 127:
        out.append(left & 127 | 128)
        left >>= 7
    return bytes([*out, left])


def _number(file: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while file[at] > 127:
        value |= (file[at] & 127) << shift
        at, shift = at + 1, shift + 7
    value |= file[at] << shift
    return value >> 1 ^ -(value & 1), at + 1


def _bytes(file: bytes, at: int) -> tuple[bytes, int]:
    size, at = _number(file, at)
    return file[at : at + size], at + size
