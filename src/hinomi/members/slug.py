"""The id of an organisation, made of its name: the same name always gives the same id."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from hinomi.members.romaji import romanise


def slug(name: str) -> str:
    """The id of a name: Latin letters as they are, kana in Latin letters, what cannot be written as a short hash.

    "Tokyo Gas" is `tokyo-gas`, "ひのみ電力" is `hinomi-` and six characters of a hash of the whole name, "東京電力" is
    `org-` and the hash.
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    latin = "".join(c for c in unicodedata.normalize("NFKD", romanise(plain).casefold()) if not unicodedata.combining(c))
    written = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:40].rstrip("-")
    lost = any(c.isalpha() and not c.isascii() for c in latin)
    if written and not lost:
        return written
    return f"{written or 'org'}-{fingerprint(plain)}"


def fingerprint(name: str) -> str:
    """Six characters that tell two names apart when their letters do not."""
    return blake2b(unicodedata.normalize("NFKC", name).encode(), digest_size=3).hexdigest()
