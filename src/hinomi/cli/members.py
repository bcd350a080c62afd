"""`hinomi members`: who belongs, and which networks are theirs since when."""

from __future__ import annotations

from pathlib import Path

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import line, table, tell
from hinomi.schema.words import Text

group = typer.Typer(help="Organisations and their networks.", no_args_is_help=True)
NONE = Text(
    "No networks are registered. `hinomi members import FILE.csv` reads them.",
    "登録済みのネットワークはありません。`hinomi members import FILE.csv` で取り込めます。",
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="members")


@group.command("import")
def import_members(
    file: Path = typer.Argument(help="CSV: organisation,sector,country,prefix,dark,valid_from,valid_until"),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Read organisations and their networks from a CSV file; all of it or nothing."""
    opened()
    from hinomi.hub.register import take_in_file

    done = take_in_file(file)
    if as_json:
        line({"organisations": done.organisations, "networks": done.networks, "unchanged": done.unchanged})
    else:
        tell(
            Text(
                "{organisations} organisations and {networks} networks are new; {unchanged} networks were there already.",
                "新規: 組織 {organisations} 件、ネットワーク {networks} 件。登録済み: {unchanged} 件。",
            ),
            organisations=done.organisations,
            networks=done.networks,
            unchanged=done.unchanged,
        )


@group.command("list")
def list_members(
    as_json: bool = typer.Option(False, "--json", help="One JSON object per network."),
    exercise: bool = typer.Option(False, help="Those of exercises instead of the real ones."),
) -> None:
    """Show the networks that are registered."""
    opened()
    from hinomi.members.models import Network

    columns = ("organisation", "sector", "country", "prefix", "dark", "valid_from", "valid_until")
    fields = ("organisation_id", "organisation__sector", "organisation__country", "cidr", *columns[4:])
    rows = Network.objects.filter(organisation__exercise=exercise).order_by("organisation_id", "first").values_list(*fields)
    if as_json:
        for row in rows:
            line(dict(zip(columns, row, strict=True)))
    else:
        table(columns, rows, NONE)
