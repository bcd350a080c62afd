"""A pytest plugin (`-p hinomi.testing.home`): tests work on an installation of their own, never on the checkout's.

It must be loaded by `-p`: Django's settings are read before any `conftest.py` is.
"""

from __future__ import annotations

import os
import shutil
import tempfile

OWN = tempfile.mkdtemp(prefix="hinomi-test-")
os.environ["HINOMI_HOME"] = OWN


def pytest_unconfigure() -> None:
    """Nothing of it stays."""
    shutil.rmtree(OWN, ignore_errors=True)
