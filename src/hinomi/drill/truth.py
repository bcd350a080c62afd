"""The ground truth of one played exercise: who was planted when, whom a finding should name, and who should say so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hinomi.drill.scenario import Known, Planted, Scenario
from hinomi.drill.stage import Dice
from hinomi.schema.findings import Finding, Subject, Window
from hinomi.schema.words import Severity, SubjectKind, Text

FILE = "truth.json"


@dataclass(frozen=True)
class Plant:
    """One planted thing as it was played: who should name its `subjects`, unless `ceiling` says that it is harmless.

    `traces` are what else a true finding about it may name. `organisation` is the member that it concerns.
    """

    name: str
    title: Text
    window: Window
    subjects: tuple[Subject, ...]
    traces: tuple[Subject, ...] = ()
    raised_by: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    known_as: tuple[Known, ...] = ()
    organisation: str = ""
    attack: tuple[str, ...] = ()
    ceiling: Severity | None = None

    def explains(self, finding: Finding) -> bool:
        """Whether a finding comes from this plant: its subject, and what was seen of it fell into this time."""
        first, last = finding.first or finding.window.start, finding.last or finding.window.end
        meets = first < self.window.end and self.window.start <= last
        return meets and (finding.subject in self.subjects or finding.subject in self.traces)


@dataclass(frozen=True)
class Truth:
    """Everything planted in one played exercise, and the time that is judged."""

    window: Window
    plants: tuple[Plant, ...]


def truth(scenario: Scenario, seed: int, members: Mapping[str, str] | None = None) -> Truth:
    """What is true of the scenario when it is played with this seed; `members` are the ids its organisations got."""
    ids = members or {one.name: one.name for one in scenario.organisations}
    plants = tuple(_plant(scenario, planted, Dice(seed, planted.name), ids) for planted in scenario.planted)
    return Truth(Window(scenario.day, scenario.end), plants)


def _plant(scenario: Scenario, planted: Planted, dice: Dice, ids: Mapping[str, str]) -> Plant:
    cause = planted.cause
    start = scenario.day + cause.begin
    return Plant(
        planted.name,
        planted.title,
        Window(start, start + cause.lasts),
        cause.subjects(dice),
        cause.traces(dice),
        planted.raised_by,
        planted.found_by,
        planted.known_as,
        ids[planted.organisation] if planted.organisation else "",
        planted.attack,
        planted.ceiling,
    )


def write(folder: Path, known: Truth) -> None:
    """Keep the truth beside the exercise's lake."""
    record = {"window": _times(known.window), "plants": [_record(plant) for plant in known.plants]}
    (folder / FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> Truth:
    """The truth of an exercise that has been played; FileNotFoundError when none was."""
    record = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Truth(_window(record["window"]), tuple(_read(plant) for plant in record["plants"]))


def _record(plant: Plant) -> dict[str, object]:
    return {
        "name": plant.name,
        "title": plant.title._asdict(),
        "window": _times(plant.window),
        "subjects": plant.subjects,
        "traces": plant.traces,
        "raised_by": plant.raised_by,
        "found_by": plant.found_by,
        "known_as": plant.known_as,
        "organisation": plant.organisation,
        "attack": plant.attack,
        "ceiling": None if plant.ceiling is None else plant.ceiling.word,
    }


def _read(record: Mapping[str, Any]) -> Plant:
    ceiling = record["ceiling"]
    return Plant(
        record["name"],
        Text(**record["title"]),
        _window(record["window"]),
        _subjects(record["subjects"]),
        _subjects(record["traces"]),
        tuple(record["raised_by"]),
        tuple(record["found_by"]),
        tuple(Known(*known) for known in record["known_as"]),
        record["organisation"],
        tuple(record["attack"]),
        None if ceiling is None else Severity.named(ceiling),
    )


def _subjects(pairs: Iterable[tuple[str, str]]) -> tuple[Subject, ...]:
    return tuple(Subject(SubjectKind(kind), value) for kind, value in pairs)


def _times(window: Window) -> list[str]:
    return [time.isoformat() for time in window]


def _window(times: Iterable[str]) -> Window:
    return Window(*map(datetime.fromisoformat, times))
