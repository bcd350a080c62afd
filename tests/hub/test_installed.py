"""What the doctor says of translations, clock and disk."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import hinomi
from hinomi.home import Home
from hinomi.hub import health, installed

SOURCE = Path(hinomi.__file__).parent / "hub" / "locale" / "ja" / "LC_MESSAGES" / "django.po"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of one catalogue and nothing else."""
    for name in ("django.po", "django.mo"):
        shutil.copy(SOURCE.with_name(name), tmp_path / name)
    monkeypatch.setattr(hinomi, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "__init__.py").touch()
    return tmp_path


def test_catalogues_as_they_were_compiled_are_well(package: Path) -> None:
    assert installed.translations().ok


def test_a_catalogue_that_was_not_compiled_again_is_told(package: Path) -> None:
    source = package / "django.po"
    source.write_text(source.read_text("utf-8") + '\nmsgid "A word of tomorrow"\nmsgstr "明日の言葉"\n', "utf-8")
    assert not installed.translations().ok
    (package / "django.mo").unlink()
    assert "django.mo is missing or older" in installed.translations().message.en


def test_a_clock_behind_the_day_of_installation_is_told(package: Path) -> None:
    assert installed.build_clock().ok
    told = installed.build_clock(datetime.now(UTC) - timedelta(days=400))
    assert not told.ok
    assert "NTP" in told.message.en


@pytest.mark.parametrize(("free", "state"), [(10 * 1024**3, "good"), (1024**3, "warning"), (1024**2, "bad")])
def test_a_disk_that_fills_is_a_warning_before_it_is_a_fault(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert health._disk().state == state


def test_the_fuller_disk_counts_where_the_lake_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = Home(tmp_path)
    here.lake.mkdir()
    monkeypatch.setattr(health, "home", lambda: here)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=0 if place == here.lake else 1 << 40))
    check = health._disk()
    assert check.state == "bad"
    assert str(here.lake) in check.message.en
