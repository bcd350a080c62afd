"""What the lake says when it cannot: where, what, and what to do next, in both languages."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = ("No space left", "disk is full", "Disk quota", "File too large")


class LakeError(Problem):
    """The lake could not do what was asked; nothing was half-done."""


@contextmanager
def writing_to(root: Path) -> Iterator[None]:
    """Turn what the system says about a failed write into what a person can act on."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise unwritable(root, error) from error


def unwritable(root: Path, error: BaseException) -> LakeError:
    """The failure of a write to `root`, told so that someone knows what to do; nothing of the piece was kept."""
    if _full(root, error):
        free = _free(root) // 1_000_000
        return LakeError(
            str(root),
            Text(
                f"The disk is full ({free} MB free). Nothing of the unfinished piece was kept.",
                f"ディスクに空きがありません(残り{free} MB)。書きかけの分は残していません。",
            ),
            Text(
                "Free some space, or drop old days, and run the same command again.",
                "空きを増やすか古い日を削除し、同じコマンドをもう一度実行してください。",
            ),
        )
    return LakeError(
        str(root),
        Text(
            f"Cannot write: {error}. Nothing of the unfinished piece was kept.",
            f"書き込めません: {error}。書きかけの分は残していません。",
        ),
        Text(
            "Check the folder's owner, permissions and disk with `hinomi doctor`, and run the same command again.",
            "`hinomi doctor` で所有者・権限・ディスクを確かめ、同じコマンドをもう一度実行してください。",
        ),
    )


def _full(root: Path, error: BaseException) -> bool:
    """Whether there was no room; SQLite calls it an I/O error when its shared memory file cannot grow."""
    if getattr(error, "errno", None) in _FULL or any(word in str(error) for word in _FULL_WORDS):
        return True
    return "disk I/O error" in str(error) and _free(root) < 1_000_000


def _free(root: Path) -> int:
    try:
        return shutil.disk_usage(root).free
    except OSError:
        return 0
