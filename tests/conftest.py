"""The installation that tests work on is a temporary folder; set before Django reads its settings."""

import os
import tempfile
from pathlib import Path

import pytest

os.environ["HINOMI_HOME"] = tempfile.mkdtemp(prefix="hinomi-test-")

DATA = Path(os.environ.get("HINOMI_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of data that others recorded; its absence skips the test, and the skip is counted."""
    if not DATA.is_dir():
        pytest.skip(f"no recorded data at {DATA}; set HINOMI_TEST_DATA")
    return DATA
