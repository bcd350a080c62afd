"""The audit log, the gate and the TAXII server pass the same tests on PostgreSQL, by one setting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import postgres

__all__ = ["postgres"]
pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.skipif("HINOMI_DATABASE_URL" in os.environ, reason="this is the run on PostgreSQL")
def test_the_same_tests_pass_on_postgresql(postgres: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--create-db", "-m", "not slow", "tests/share"],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"HINOMI_DATABASE_URL": postgres},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
