"""The kernels read nothing outside their buffers: the same fuzz, run as plain Python, where NumPy refuses to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_without_compilation_every_access_is_checked_and_none_is_out_of_bounds() -> None:
    story = Path(__file__).with_name("test_observe_kernels.py")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(story)],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        cwd=story.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
