"""`next`: where a page ended, as an opaque signed text that never expires and gives the same page however often it is used.

It is a place in the order of addition, never an offset, so that an insert between two pages loses and doubles nothing.
The signature binds it to the reader and to the filters it was made for: with others it is refused, not misread.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

SIGNATURE = 16  # bytes of HMAC-SHA-256 kept (RFC 2104 §5 asks for at least half of them)
LENGTH = 32  # characters of a cursor: 8 bytes of place and the signature, in base64


class CursorError(ValueError):
    """The text is no cursor of ours, or was made for another reader or other filters."""


def write(place: int, scope: str, key: bytes) -> str:
    """The cursor after `place`, for the reader and filters that `scope` names."""
    raw = place.to_bytes(8, "big")
    return urlsafe_b64encode(raw + _sign(raw, scope, key)).decode()


def read(cursor: str, scope: str, key: bytes) -> int:
    """The place a cursor stands for; CursorError when it was not made here for this scope."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii")) if len(cursor) == LENGTH else b""
    except ValueError:
        raw = b""
    place, signature = raw[:8], raw[8:]
    if not hmac.compare_digest(signature, _sign(place, scope, key)):
        raise CursorError(cursor[:LENGTH])
    return int.from_bytes(place, "big")


def _sign(raw: bytes, scope: str, key: bytes) -> bytes:
    return hmac.digest(key, raw + scope.encode(), "sha256")[:SIGNATURE]
