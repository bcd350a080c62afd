"""What the system refuses (a full disk, a folder of somebody else's, a database that is gone), told as a problem."""

from __future__ import annotations

import errno
import sys

from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

# What an administrator can mend; any other error of the system is a mistake of ours and stays a traceback.
_MENDABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, None}


_NO_MEMORY = (
    Text("There is not enough memory.", "メモリが足りません。"),
    Text(
        "Ask for less at a time, or give the process more (ulimit -v, the container's limit).",
        "一度に扱う量を減らすか、上限 (ulimit -v、コンテナの制限) を上げてください。",
    ),
)


def faults() -> tuple[type[Exception], ...]:
    """The kinds of error that may be a fault of the system; Django's only where Django is in use."""
    django = sys.modules.get("django.db")
    system = (OSError, MemoryError)
    return (*system, django.OperationalError, django.InterfaceError) if django else system


def told(error: Exception) -> Problem:
    """A fault as a problem; what nobody outside can mend is raised again."""
    if isinstance(error, MemoryError):
        return Problem("hinomi", *_NO_MEMORY)
    if isinstance(error, OSError) and error.errno not in _MENDABLE:
        raise error
    from hinomi.home import home
    from hinomi.lake.errors import unwritable

    return unwritable(home().root, error)
