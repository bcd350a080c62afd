"""What all tests share. Their installation is a folder of its own: `hinomi.testing.home`."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("HINOMI_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of data that others recorded; its absence skips the test, and the skip is counted."""
    if not DATA.is_dir():
        pytest.skip(f"no recorded data at {DATA}; set HINOMI_TEST_DATA")
    return DATA


@pytest.hookimpl(trylast=True)  # after those that mark their folder
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts something heavy (a JVM, a browser) runs on one worker, so that it is started once."""
    for item in items:
        for heavy in ("spark", "browser"):
            if item.get_closest_marker(heavy):
                item.add_marker(pytest.mark.xdist_group(heavy))
