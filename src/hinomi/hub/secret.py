"""The installation's own key, made at first use: there is no default secret anywhere."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from hinomi.schema.problems import Problem
from hinomi.schema.words import Text


def secret(path: Path) -> str:
    """The key in `path`, made there when there is none; two processes that start at once agree on one."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        what = Text("the installation cannot be used here ({why}).", "ここにはインストールできません（{why}）。")
        remedy = Text("Set HINOMI_HOME to a folder of your own.", "HINOMI_HOME に自分のフォルダを指定してください。")
        raise Problem(str(path.parent), what.fill(why=error.strerror), remedy) from None


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
