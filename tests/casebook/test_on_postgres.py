"""The rooms that keep things pass the same tests on PostgreSQL, by one setting."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import postgres

__all__ = ["postgres"]
pytestmark = [pytest.mark.postgres, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
ROOMS = ("tests/members", "tests/casebook")


@pytest.mark.skipif("HINOMI_DATABASE_URL" in os.environ, reason="this is the run on PostgreSQL")
def test_the_same_tests_pass_on_postgresql(postgres: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--create-db", *ROOMS],
        cwd=ROOT,
        env=os.environ | {"HINOMI_DATABASE_URL": postgres},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 100, done.stdout[-2000:]
