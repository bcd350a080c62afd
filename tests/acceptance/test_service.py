"""The systemd unit of `docs/howto/run-a-hub.md`: it says what systemd understands, and locks the hub in."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.tower import HINOMI

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "run-a-hub.md"
ANALYZE = shutil.which("systemd-analyze")
pytestmark = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
EXPOSED = 2.0  # of 10, by systemd's own reckoning; a unit that says nothing has 9.6


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    found = re.search(r"```ini\n(.*?)```", HOWTO.read_text(), re.DOTALL)
    assert found is not None
    path = tmp_path / "hinomi.service"
    path.write_text(found[1].replace("/opt/hinomi/bin/hinomi", str(HINOMI)))
    return path


def _analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANALYZE), "--no-pager", *map(str, words)], capture_output=True, text=True)


def test_the_unit_is_understood(unit: Path) -> None:
    answer = _analyze("verify", unit)
    assert answer.returncode == 0, answer.stderr
    assert unit.name not in answer.stderr


def test_the_unit_may_do_little(unit: Path) -> None:
    answer = _analyze("security", "--offline=yes", unit)
    exposure = re.search(r"exposure level for hinomi.service: ([\d.]+)", answer.stdout)
    if exposure is None:
        pytest.skip(f"this systemd cannot judge a unit that is not loaded: {answer.stderr.strip()}")
    assert float(exposure[1]) < EXPOSED
