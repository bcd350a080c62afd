"""A pytest plugin (`-p hinomi.testing.home`): tests work on an installation of their own, never on the checkout's.

It must be loaded by `-p`: Django's settings are read before any `conftest.py` is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "hinomi-test-"


def sweep(folder: Path) -> None:
    """Remove the installations of runs that were killed: those whose process, named in the folder's name, is gone."""
    for left in folder.glob(f"{PREFIX}[0-9]*-*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(left, ignore_errors=True)


if Path("/proc/self").exists():  # where it is missing nobody's death can be told
    sweep(Path(tempfile.gettempdir()))
OWN = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
os.environ["HINOMI_HOME"] = OWN


def pytest_unconfigure() -> None:
    """Nothing of it stays."""
    shutil.rmtree(OWN, ignore_errors=True)
