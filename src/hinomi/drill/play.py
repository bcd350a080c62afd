"""Play a scenario: its members, its packets, the detectors over its day, and the referee; all of it marked exercise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hinomi import pipeline
from hinomi.casebook import queries
from hinomi.drill import cast, referee, synthesis, truth
from hinomi.drill.referee import Score
from hinomi.drill.scenario import Scenario
from hinomi.home import home
from hinomi.lake.lake import Lake
from hinomi.registry import plugins
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text, Verdict

Report = Callable[[Text, float | None], None]
SEEDS = 1000
RECIPE = "recipe"  # of the packets in the lake beside it

MAKING = Text("making the traffic of {day}", "{day} のトラフィックを生成しています")
PACKETS_SHARE = 0.4  # of the bar: making packets takes about as long as looking at them


@dataclass(frozen=True)
class Exercise:
    """A scenario with its seed: where it lives, and the day it plays on."""

    name: str
    scenario: Scenario
    seed: int

    @property
    def folder(self) -> Path:
        return home().exercise(self.name)


def exercise(name: str, seed: int | None = None, day: datetime | None = None) -> Exercise:
    """The exercise of a scenario and a seed, on the scenario's own day or another; WrongUse when there is none such.

    Another seed plays on other days and in a folder of its own, so that two exercises never share a window.
    """
    known = plugins("hinomi.drill.scenarios", Scenario)
    if name not in known:
        what = Text("There is no such scenario.", "そのシナリオはありません。")
        raise WrongUse(name, what, Text(f"There are: {', '.join(known)}.", f"次のシナリオがあります: {', '.join(known)}。"))
    scenario = known[name]
    seed = scenario.seed if seed is None else seed
    if not 1 <= seed <= SEEDS:
        what = Text("The seed is out of range.", "シードが範囲外です。")
        raise WrongUse(str(seed), what, Text(f"Use 1 to {SEEDS}.", f"1 から {SEEDS} の値を使ってください。"))
    label = f"{name}-{seed}" if seed != scenario.seed else name
    if day is not None:
        return Exercise(f"{label}-{day.date()}", replace(scenario, day=_dated(scenario, day)), seed)
    days = timedelta(days=(scenario.history + 1) * (seed - scenario.seed))
    return Exercise(label, replace(scenario, day=scenario.day + days), seed)


def _dated(scenario: Scenario, day: datetime) -> datetime:
    """The midnight that a day begins with; the ordinary days before it must lie after the last change of a network."""
    midnight = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    networks = [network for one in scenario.organisations for network in one.networks]
    changes = [time for one in networks for time in (one.valid_from, one.valid_until) if time is not None]
    earliest = max(changes, default=midnight) + timedelta(days=scenario.history)
    if midnight < earliest:
        what = Text("The networks of this scenario change hands later.", "このシナリオのネットワークはその後に移転します。")
        later = Text("Choose {day} or later.", "{day} 以降を選んでください。").fill(day=earliest.date())
        raise WrongUse(str(midnight.date()), what, later)
    return midnight


def play(name: str, seed: int | None = None, progress: Report = pipeline.silent, day: datetime | None = None) -> Score:
    """Play a scenario and score it. Playing again adds nothing: the lake takes a segment once, a look replaces itself."""
    one = exercise(name, seed, day)
    _apart(one)
    _clear(one)
    with Lake.open(one.folder, exercise=True) as lake:
        _stage(one)
        _fill(lake, one, progress)
        for _ in pipeline.detect(lake, pipeline.Span(one.scenario.looked_from, one.scenario.end), report=_later(progress)):
            pass
    return score(one.name)


def _apart(one: Exercise) -> None:
    """WrongUse when another exercise holds these days: a look at a window replaces what was said of it before."""
    for folder in home().exercise("").glob("*/"):
        try:
            other = truth.read(folder).window
        except FileNotFoundError:  # stopped before its truth was told
            continue
        if folder != one.folder and abs(other.start - one.scenario.day) <= timedelta(days=one.scenario.history):
            what = Text("The exercise {other} has these days.", "演習 {other} と日付が重なります。").fill(other=folder.name)
            apart = Text("Choose a day {days} days away from {day}.", "{day} から {days} 日以上離れた日を選んでください。")
            raise WrongUse(one.name, what, apart.fill(days=one.scenario.history + 1, day=other.start.date()))


def _clear(one: Exercise) -> None:
    """Make room: a lake that an older scenario or an older Hinomi filled is dropped, two days in one would be neither."""
    made, written = synthesis.recipe(one.scenario, one.seed), one.folder / RECIPE
    if one.folder.exists() and (not written.exists() or written.read_text() != made):
        shutil.rmtree(one.folder)
    one.folder.mkdir(parents=True, exist_ok=True)
    written.write_text(made)


def _stage(one: Exercise) -> None:
    ids = cast.register(one.scenario)
    cast.write(one.folder, one.scenario, ids)
    truth.write(one.folder, truth.truth(one.scenario, one.seed, ids))


def _fill(lake: Lake, one: Exercise, progress: Report) -> None:
    hours = list(synthesis.segments(one.scenario, one.seed))
    for number, receipt in enumerate(lake.append(hours), start=1):
        day = receipt.first.date() if receipt.first else one.scenario.day.date()
        progress(MAKING.fill(day=day), number / len(hours) * PACKETS_SHARE)


def _later(progress: Report) -> Report:
    """The report of the second part of the work, on the rest of the bar."""
    return lambda what, share: progress(what, None if share is None else PACKETS_SHARE + (1 - PACKETS_SHARE) * share)


def score(name: str) -> Score:
    """The referee's score of an exercise that has been played, from its kept truth and the findings as they stand now."""
    folder = home().exercise(name)
    try:
        known = truth.read(folder)
    except FileNotFoundError:
        what = Text("This exercise has not been played here.", "この演習はまだ実施されていません。")
        remedy = Text("Play it with `hinomi drill play`.", "`hinomi drill play` で実施してください。")
        raise WrongUse(name, what, remedy) from None
    unable = queries.looks(known.window, exercise=True, only=(Verdict.FAILED, Verdict.NOT_APPLICABLE))
    return referee.score(known, queries.heard(known.window, exercise=True), {look.detector: look.reason for look in unable})
