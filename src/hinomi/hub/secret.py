"""The installation's own key, made at first use: there is no default secret anywhere."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret(path: Path) -> str:
    """The key in `path`, made there when there is none; two processes that start at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
    return path.read_text(encoding="utf-8").strip()


def _make(path: Path) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # never overwrites: the first one wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
