"""What the lake says when it cannot: where, what, and what to do next, in both languages."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hinomi.schema.words import Text


class LakeError(Exception):
    """The lake could not do what was asked; `text` says it for people, and nothing was half-done."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = ("No space left", "disk is full", "Disk quota", "File too large")


def unwritable(root: Path, error: BaseException) -> LakeError:
    """The failure of a write to `root`, told so that someone knows what to do; nothing of the piece was kept."""
    if getattr(error, "errno", None) in _FULL or any(word in str(error) for word in _FULL_WORDS):
        free = _free(root) // 1_000_000
        return LakeError(
            Text(
                f"{root}: the disk is full ({free} MB free). Nothing of the unfinished piece was kept. "
                "Free some space, or drop old days with `hinomi retain`, and run the same command again.",
                f"{root}: ディスクに空きがありません(残り{free} MB)。書きかけの分は残していません。"
                "空きを増やすか `hinomi retain` で古い日を削除し、同じコマンドをもう一度実行してください。",
            )
        )
    return LakeError(
        Text(
            f"{root}: cannot write: {error}. Nothing of the unfinished piece was kept. "
            "Check the folder's owner, permissions and disk with `hinomi doctor`, and run the same command again.",
            f"{root}: 書き込めません: {error}。書きかけの分は残していません。"
            "`hinomi doctor` で所有者・権限・ディスクを確かめ、同じコマンドをもう一度実行してください。",
        )
    )


@contextmanager
def writing_to(root: Path) -> Iterator[None]:
    """Turn what the system says about a failed write into what a person can act on."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise unwritable(root, error) from error


def _free(root: Path) -> int:
    try:
        found = os.statvfs(root)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize
