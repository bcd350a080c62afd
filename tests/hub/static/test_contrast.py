"""Every pair of colours that stands together can be read: WCAG 2.2, success criteria 1.4.3 and 1.4.11, from the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hinomi.hub

TOKENS = (Path(hinomi.hub.__file__).parent / "static/hub/css/tokens.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"--([a-z0-9-]+): (light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\))", TOKENS))
TEXT = 4.5
SHAPE = 3.0  # borders of what one can use, and drawings that say something
GROUNDS = ("paper", "sheet", "sunk")
KINDS = [name for name in PAIRS if name.startswith("kind-")]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str, theme: int) -> float:
    low, high = sorted(_luminance(re.findall("#[0-9a-f]{6}", PAIRS[name])[theme]) for name in (first, second))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "accent", "calm"])
def test_words_can_be_read_on_every_ground(ink: str, theme: int) -> None:
    assert min(_contrast(ink, ground, theme) for ground in GROUNDS) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_what_is_marked(theme: int) -> None:
    assert _contrast("ink", "glow", theme) >= TEXT
    assert _contrast("on-accent", "accent", theme) >= TEXT
    assert _contrast("paper", "ink", theme) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("shape", ["edge", *KINDS])
def test_shapes_are_told_from_their_ground(shape: str, theme: int) -> None:
    assert min(_contrast(shape, ground, theme) for ground in ("paper", "sheet")) >= SHAPE


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_more_heat_is_further_from_the_ground(theme: int) -> None:
    steps = [_contrast(f"heat-{step}", "sheet", theme) for step in range(6)]
    assert steps == sorted(steps)
