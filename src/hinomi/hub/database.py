"""From a database URL to Django's words for it: SQLite in the home, or PostgreSQL by one setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

# WAL lets pages read while a job writes; IMMEDIATE makes writers queue instead of failing half-way (SQLite, "Isolation").
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
}
# On a full disk there is no room for the 32 KB that processes share through a file even to read (SQLite, "WAL-mode File
# Format", 2.3); who locks the others out keeps them in memory of its own. Others there are none: they would have that file.
ALONE = SQLITE | {"init_command": f"PRAGMA locking_mode=EXCLUSIVE; {SQLITE['init_command']}"}


def database(url: str, file: Path) -> dict[str, Any]:
    """Django's `DATABASES["default"]` for a URL; an empty one is the SQLite file."""
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": SQLITE, "CONN_MAX_AGE": None}
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        what = Text("this is not the address of a PostgreSQL database.", "PostgreSQLのアドレスではありません。")
        form = "postgresql://user:password@host/name"
        raise WrongUse("HINOMI_DATABASE_URL", what, Text(f"Write {form}.", f"{form} の形で書いてください。"))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
