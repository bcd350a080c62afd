"""`hinomi allow`: say that what an address sends is known and harmless, see what is, and take it back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import line, said, table, tell
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

if TYPE_CHECKING:
    from hinomi.casebook.models import Allowance

COLUMNS = ("id", "prefix", "valid_from", "valid_until", "reason", "made_by", "withdrawn")
WOULD = Text(
    "Over the last {days} days {counted} {findings:finding|findings} about {block} ({detectors}) would have been kept as "
    "“info” and opened no case; {cases} {cases:open case stays as it is|open cases stay as they are}. "
    "Members concerned: {members}.",
    "過去 {days} 日間の {block} に関する検知 {counted} 件 ({detectors}) は「情報」として残り、事案になりません。"
    "対応中の事案 {cases} 件はそのままです。関係する会員: {members}。",
)
DONE = Text(
    "{prefix} is allowed until {until} (no. {id}). Take it back with `hinomi allow --withdraw {id}`.",
    "{prefix} を {until} まで許可しました (番号 {id})。取り消しは `hinomi allow --withdraw {id}`。",
)
GONE = Text(
    "{prefix} is no longer allowed. `hinomi detect --from {since}` looks again at the days it was.",
    "{prefix} の許可を取り消しました。許可していた日は `hinomi detect --from {since}` で再検知できます。",
)
NONE = Text("Nothing is allowed, nor ever was.", "許可したアドレスはありません。")
MISSING = Text("what, until when and why are needed.", "対象・期限・理由が必要です。")
FORM = Text("hinomi allow 203.0.113.5 --until 2026-12-31 --reason …", "hinomi allow 203.0.113.5 --until 2026-12-31 --reason …")


def register(app: typer.Typer) -> None:
    app.command("allow")(allow)


def allow(
    subject: str = typer.Argument("", help="The address or prefix."),
    until: str = typer.Option("", help="The last day on which it holds, e.g. 2026-12-31."),
    reason: str = typer.Option("", help="How it is known to be harmless."),
    show: bool = typer.Option(False, "--list", help="Show what is allowed, and what was."),
    withdraw: int = typer.Option(0, help="Take back the allowance with this number."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object per line."),
) -> None:
    """Allow an address: findings about it are kept as "info", with the reason, until a day; nothing is deleted."""
    opened()
    if show:
        _list(as_json)
    elif withdraw:
        _withdraw(withdraw, as_json)
    elif subject and until and reason:
        _allow(subject, until, reason, yes, as_json)
    else:
        raise WrongUse("allow", MISSING, FORM)


def _allow(subject: str, until: str, reason: str, yes: bool, as_json: bool) -> None:
    """Say what would happen, ask once when somebody sits there, then do it."""
    from hinomi.casebook import queries
    from hinomi.casebook.allowing import Wish, checked
    from hinomi.casebook.audience import HUB
    from hinomi.hub import allowing
    from hinomi.schema.words import CONSOLE

    wish = Wish(subject, allowing.end_of(until), reason, HUB, CONSOLE)
    checked(wish)
    would = queries.preview(subject, HUB)
    detectors = ", ".join(f"{name} {count}" for name, count in would.detectors.items()) or "–"
    words = {"counted": would.counted, "detectors": detectors, "members": ", ".join(would.members) or "–"}
    tell(WOULD, **(vars(would) | words))
    if sys.stdin.isatty() and not yes:
        typer.confirm(said(Text("Allow it?", "許可しますか?")), abort=True, err=True)
    made = allowing.allow(wish)
    if as_json:
        line(_record(made))
    else:
        tell(DONE, prefix=made.prefix, until=f"{made.valid_until:%Y-%m-%d %H:%M}", id=made.pk)


def _withdraw(id_: int, as_json: bool) -> None:
    from hinomi.casebook.audience import HUB
    from hinomi.hub import allowing
    from hinomi.schema.words import CONSOLE

    gone = allowing.withdraw(id_, reader=HUB, actor=CONSOLE)
    if as_json:
        line(_record(gone))
    else:
        tell(GONE, prefix=gone.prefix, since=f"{gone.valid_from:%Y-%m-%d}")


def _list(as_json: bool) -> None:
    from hinomi.casebook.allowing import allowances
    from hinomi.casebook.audience import HUB

    records = [_record(one) for one in allowances(HUB)]
    if as_json:
        for record in records:
            line(record)
    else:
        table(COLUMNS, [list(record.values()) for record in records], NONE)


def _record(one: Allowance) -> dict[str, object]:
    return {name: getattr(one, name) for name in COLUMNS}
