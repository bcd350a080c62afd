"""`hinomi drill`: play an exercise into a lake of its own, and score what was found."""

from __future__ import annotations

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import language, line, moment, said, table, tell
from hinomi.cli.progress import progress
from hinomi.schema.words import Text

group = typer.Typer(help="Exercises, marked end to end; nothing of them ever leaves.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="drill")


@group.command()
def scenarios() -> None:
    """Show the scenarios there are."""
    from hinomi.drill.scenario import Scenario
    from hinomi.registry import plugins

    known = plugins("hinomi.drill.scenarios", Scenario)
    table(("scenario", "title"), ((name, said(one.title)) for name, one in known.items()))


@group.command()
def play(
    scenario: str,
    seed: int | None = typer.Option(None, help="Another seed gives another day of the same kind."),
    day: str | None = typer.Option(None, help="Play it on this day, for example 2026-11-22, instead of its own."),
) -> None:
    """Synthesise a scenario, detect over it, and keep findings and cases as exercise."""
    opened()
    from hinomi.drill import play as drill

    on = moment(day, "--day")
    with progress() as report:
        drill.play(scenario, seed=seed, progress=report, day=on)
    name = drill.exercise(scenario, seed, on).name
    tell(Text("Played. See how it went: hinomi drill score {name}", "実施しました。採点: hinomi drill score {name}"), name=name)


@group.command()
def score(scenario: str, as_json: bool = typer.Option(False, "--json", help="One JSON object per planted thing.")) -> None:
    """Say what of a played scenario was found, missed, and falsely raised."""
    opened()
    from hinomi.drill import play as drill

    result = drill.score(scenario)
    if as_json:
        for record in result.records():
            line(record)
    else:
        table(("planted", "verdict", "by", "why"), result.rows(language()))
    raise typer.Exit(0 if result.complete else 1)
