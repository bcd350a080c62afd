"""`hinomi members`: who belongs, and which networks are theirs since when."""

from __future__ import annotations

from pathlib import Path

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import line, table, tell
from hinomi.schema.words import Text

group = typer.Typer(help="Organisations and their networks.", no_args_is_help=True)
CSV = "CSV: organisation,sector,country,prefix,dark,valid_from,valid_until; also name_ja,contact,email,phone."
NONE = Text(
    "No networks are registered. `hinomi members import FILE.csv` reads them.",
    "登録済みのネットワークはありません。`hinomi members import FILE.csv` で取り込めます。",
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="members")


@group.command("import")
def import_members(
    file: Path = typer.Argument(help=CSV),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Read organisations and their networks from a CSV file; all of it or nothing."""
    opened()
    from hinomi.hub.register import take_in_file

    done = take_in_file(file)
    counts = {name: getattr(done, name) for name in ("organisations", "networks", "changed", "unchanged")}
    if as_json:
        line(counts)
    else:
        said = Text(
            "New: organisations {organisations}, networks {networks}. Changed: {changed}. As they were: {unchanged}.",
            "新規: 組織 {organisations} 件、ネットワーク {networks} 件。変更: {changed} 件。変更なし: {unchanged} 件。",
        )
        tell(said, **counts)


@group.command("contact")
def contact(
    organisation: str = typer.Argument(help="Its id, as `hinomi members list` shows it."),
    name: str = typer.Argument(help="The person or desk to call."),
    email: str = typer.Option("", help="Mail address."),
    phone: str = typer.Option("", help="Telephone number."),
    kind: str = typer.Option("technical", help="What for: technical, abuse, management, press."),
    language: str = typer.Option("ja", help="The language to write in: ja, en."),
) -> None:
    """Add a person or desk to call at an organisation."""
    opened()
    from hinomi.hub.register import add_contact
    from hinomi.schema.words import CONSOLE

    add_contact(organisation, kind, name, email=email, phone=phone, language=language, actor=CONSOLE)
    said = Text("{name} can be called at {organisation} now.", "{organisation} の連絡先に {name} を追加しました。")
    tell(said, name=name, organisation=organisation)


@group.command("leave")
def leave(organisation: str = typer.Argument(help="Its id, as `hinomi members list` shows it.")) -> None:
    """Let an organisation go: its networks end now, and it reads nothing any more; the record stays."""
    opened()
    from hinomi.hub.register import let_go
    from hinomi.schema.words import CONSOLE

    let_go(organisation, actor=CONSOLE)
    said = Text(
        "{organisation} has left; its networks end now.", "{organisation} は退会しました。ネットワークの登録も終了しました。"
    )
    tell(said, organisation=organisation)


@group.command("list")
def list_members(
    as_json: bool = typer.Option(False, "--json", help="One JSON object per network."),
    exercise: bool = typer.Option(False, help="Those of exercises instead of the real ones."),
) -> None:
    """Show the networks that are registered."""
    opened()
    from hinomi.members.models import Network

    columns = ("organisation", "name", "sector", "country", "prefix", "dark", "valid_from", "valid_until")
    described = (f"organisation__{name}" for name in columns[1:4])
    fields = ("organisation_id", *described, "cidr", *columns[5:])
    rows = Network.objects.filter(organisation__exercise=exercise).order_by("organisation_id", "first").values_list(*fields)
    if as_json:
        for row in rows:
            line(dict(zip(columns, row, strict=True)))
    else:
        table(columns, rows, NONE)
