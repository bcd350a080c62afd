"""The page of figures: medians, ratios to peers, and what was promised."""

from __future__ import annotations

import pytest

from bench.__main__ import benches, page, plain

OURS = {
    "bench": "decode",
    "what": "decode",
    "unit": "M packets/s",
    "better": "higher",
    "date": "2026-11-22",
    "machine": "a PC",
    "load": 0.2,
}


def rows(*figures: dict[str, object]) -> list[str]:
    return [line for line in page(figures) if line.startswith("| decode")]


def test_a_figure_is_its_median_with_the_span_of_its_runs_and_what_it_must_reach() -> None:
    (row,) = rows({**OURS, "who": "hinomi", "runs": [30, 10, 12], "must": "≥ 10"})
    assert row == "| decode | hinomi | 12 M packets/s | 10 to 30 (3) | ≥ 10 |  |"


@pytest.mark.parametrize(("better", "peer", "ratio"), [("higher", 3, "4×"), ("lower", 24, "2×")])
def test_a_peer_is_compared_in_the_direction_that_counts(better: str, peer: float, ratio: str) -> None:
    mine = {**OURS, "who": "hinomi", "runs": [12], "better": better}
    theirs = {**OURS, "who": "peer", "runs": [peer], "better": better}
    assert rows(mine, theirs)[1].endswith(f"| {ratio} |")


def test_a_peer_of_something_else_is_not_compared() -> None:
    other = {**OURS, "who": "peer", "what": "decode of another file", "runs": [1]}
    assert rows({**OURS, "who": "hinomi", "runs": [12]}, other)[1].endswith("|  |")


def test_a_note_and_the_command_are_told() -> None:
    text = "\n".join(page([{**OURS, "who": "hinomi", "runs": [12], "note": "one core"}]))
    assert "hinomi, decode: one core" in text
    assert "2026-11-22, a PC, load 0.2 before the run; `python -m bench decode`" in text


def test_figures_are_written_as_people_read_them() -> None:
    assert [plain(figure) for figure in (12345.6, 12.345, 0.01234)] == ["12,346", "12.3", "0.0123"]


def test_builders_are_no_benches() -> None:
    assert not {"traffic", "__main__"} & set(benches())
