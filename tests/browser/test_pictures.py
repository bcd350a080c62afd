"""The main pages keep their looks: compared with small pictures by structure, not by pixels, since fonts differ by machine.

`HINOMI_RENEW=1 pytest tests/browser/test_pictures.py` takes the pictures anew, after somebody has looked at them.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error

from tests.browser.conftest import ARTIFACTS, Open

KEPT = Path(__file__).parent / "pictures"
SIZE = (64, 80)  # one cell is about 20 pixels: letters vanish, layout and colour stay
LOOKS = [
    *((name, "light", 1280) for name in ("weather", "atlas", "findings", "finding", "case", "members", "upload", "security")),
    *((name, "light", 390) for name in ("weather", "findings", "case", "mine")),
    *((name, "dark", 1280) for name in ("case", "health")),
    *((name, "dark", 390) for name in ("weather", "atlas")),
]
TOLERANCE = 0.06  # mean difference of cells, of 1; a missing card or a wrong theme is far above it


def _small(shot: bytes) -> Image.Image:
    whole = Image.open(io.BytesIO(shot)).convert("RGB")
    return whole.resize(SIZE, Image.Resampling.BOX)


def _taken(page: Any, width: int, tries: int = 3) -> bytes:
    """The top of the page. Chromium, when the machine is very busy, may answer that it cannot take a picture just now."""
    try:
        shot: bytes = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": 900}, animations="disabled")
    except Error as error:
        if tries == 1 or "Unable to capture screenshot" not in error.message:
            raise
        return _taken(page, width, tries - 1)
    return shot


@pytest.mark.parametrize(("name", "theme", "width"), LOOKS)
def test_the_main_pages_look_as_they_did(open_page: Open, places: dict[str, str], name: str, theme: str, width: int) -> None:
    page: Any = open_page(places[name], theme=theme, width=width).page
    shot = _taken(page, width)
    stem = f"{name}-{theme}-{width}.png"
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / stem).write_bytes(shot)
    now, file = _small(shot), KEPT / stem
    if os.environ.get("HINOMI_RENEW"):
        KEPT.mkdir(exist_ok=True)
        now.save(file, optimize=True)
    before = Image.open(file).convert("RGB")
    difference = np.abs(np.asarray(now, float) - np.asarray(before, float)).mean() / 255
    assert difference < TOLERANCE, f"{stem} differs by {difference:.3f}; see {ARTIFACTS / stem}"
