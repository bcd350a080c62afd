"""Compressed data as tools seldom write it, made byte by byte."""

from __future__ import annotations

import lzma
import zlib


def xz_in_much_memory(plain: bytes) -> bytes:
    """As `xz --lzma2=dict=256MiB` does: the size of the dictionary is a byte of the block's header, which has a checksum."""
    packed = bytearray(lzma.compress(plain, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    end = 12 + packed[12] * 4
    packed[packed.index(b"\x21\x01", 12) + 2] = 2 * (28 - 12)
    packed[end : end + 4] = zlib.crc32(packed[12:end]).to_bytes(4, "little")
    return bytes(packed)


def zstd_in_much_memory(plain: bytes) -> bytes:
    """As `zstd --long=31` does, in one block that is not compressed (RFC 8878, 3.1.1)."""
    return b"\x28\xb5\x2f\xfd\x00" + bytes([(31 - 10) << 3]) + (len(plain) << 3 | 1).to_bytes(3, "little") + plain
