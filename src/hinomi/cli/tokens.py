"""`hinomi token`, `hinomi sign-in`: secrets for programs and links for people, each shown once."""

from __future__ import annotations

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import say, table, tell
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

group = typer.Typer(help="Tokens for programs (TAXII, REST, sensors).", no_args_is_help=True)
NONE = Text("No tokens. `hinomi token new` makes one.", "トークンはありません。`hinomi token new` で発行できます。")
FOR_WHOM = Text("a token reads for one organisation or for the hub.", "トークンは、ひとつの組織かハブのために読むものです。")
EITHER = Text(
    "Give `--organisation ID`, or `--hub` for one that reads everything.",
    "`--organisation ID` か、すべてを読む `--hub` のどちらかを指定してください。",
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="token")
    app.command("sign-in")(sign_in)


@group.command()
def new(
    name: str = typer.Argument(help="What the token is for."),
    organisation: str = typer.Option("", help="The organisation that it reads for."),
    hub: bool = typer.Option(False, "--hub", help="It reads for the hub's own people: everything."),
    scope: list[str] = typer.Option(["read"], help="What it may do: read, write, observe (hand in captures: a sensor)."),
    days: int = typer.Option(365, min=1, help="How long it is valid."),
) -> None:
    """Make a token for an organisation or the hub; it is printed once and kept only as a hash."""
    if bool(organisation) == hub:
        raise WrongUse("token new", FOR_WHOM, EITHER)
    opened()
    from hinomi.hub.accounts import actions
    from hinomi.hub.accounts.scopes import named

    say(actions.make_token(name, organisation=organisation or None, scopes=named(scope), days=days))


@group.command("list")
def list_tokens() -> None:
    """Show the tokens there are, without their secrets."""
    opened()
    from hinomi.hub.accounts.models import Token

    table(
        ("id", "name", "organisation", "expires", "revoked", "last used"),
        (
            (one.pk, one.name, one.organisation_id, one.expires, one.revoked, one.last_used)
            for one in Token.objects.order_by("pk")
        ),
        NONE,
    )


@group.command()
def revoke(token: int = typer.Argument(help="The id that `token list` shows.")) -> None:
    """End a token at once."""
    opened()
    from hinomi.hub.accounts import actions

    actions.revoke_token(token)
    tell(Text("Token {token} is revoked.", "トークン {token} を失効させました。"), token=token)


def sign_in(
    account: str = typer.Argument("operator", help="The account to sign in as."),
    lost: bool = typer.Option(False, "--lost", help="Its second factor is lost: forget it, and end its sessions."),
) -> None:
    """Print a link that signs in once; it dies after use, or after the minutes of the setting `link_minutes`."""
    opened()
    from hinomi.hub.accounts import actions
    from hinomi.hub.serving import address

    if lost:
        actions.forget_second_factor(account)
    say(actions.sign_in_link(account, address()))
