"""The hub's own stories, told once more with PostgreSQL: one setting, nothing else changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import binaries, server

HERE = Path(__file__).parent
STORIES = (
    "test_sign_in",
    "test_tokens",
    "test_schedule",
    "test_api",
    "test_upload",
    "test_account_pages",
    "test_moment",
    "test_written",
)


@pytest.mark.postgres
@pytest.mark.slow
def test_the_same_stories_hold_on_postgresql() -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)")
    stories = [str(HERE / f"{story}.py") for story in STORIES]
    with server() as url:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *stories]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HINOMI", "PYTEST"))}
        told = subprocess.run(
            command, env=kept | {"HINOMI_DATABASE_URL": url}, cwd=HERE.parents[1], capture_output=True, text=True
        )
    assert told.returncode == 0, told.stdout[-4000:]
