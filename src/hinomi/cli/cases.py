"""`hinomi cases`, `hinomi case …`: what happened, and what is done about it."""

from __future__ import annotations

import sys
from typing import Any

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import line, said, say, table, tell
from hinomi.schema.words import CaseStatus, Step, Text

group = typer.Typer(help="One case: open it by hand, show, move, mark, export it.", no_args_is_help=True)
NONE = Text(
    "No cases. `hinomi detect` proposes them, `hinomi case new` opens one.",
    "事案はありません。`hinomi detect` が提案し、`hinomi case new` で登録できます。",
)
AS_JSON = typer.Option(False, "--json", help="One JSON object per line.")


def register(app: typer.Typer) -> None:
    app.command("cases")(cases)
    app.add_typer(group, name="case")


def cases(
    as_json: bool = AS_JSON, exercise: bool = typer.Option(False, help="Those of exercises instead of the real ones.")
) -> None:
    """Show the cases, newest first."""
    opened()
    from hinomi.casebook import queries
    from hinomi.casebook.audience import HUB

    found = queries.cases(HUB, exercise=exercise)
    if as_json:
        for one in found:
            line(one)
    else:
        columns = ("severity", "status", "title", "modified", "id")
        rows = ((one["severity"], one["status"], said(Text(**one["title"])), one["modified"], one["id"]) for one in found)
        table(columns, rows, NONE)


@group.command()
def new(
    title: str = typer.Argument(help="What happened, in a sentence."),
    severity: str = typer.Option("medium", help="info, low, medium, high or critical."),
    sector: list[str] = typer.Option([], help="A sector that it concerns; may be given more than once."),
    description: str = typer.Option("", help="What is known, from whom, since when."),
    indicator: list[str] = typer.Option([], help="A value to look for; its type is recognised. May be given more than once."),
    tlp: str = typer.Option("TLP:AMBER+STRICT", help="The marking: who may read it."),
    finding: list[str] = typer.Option([], help="The id of a finding to attach; may be given more than once."),
    exercise: bool = typer.Option(False, help="It is played, and never leaves."),
    as_json: bool = AS_JSON,
) -> None:
    """Open a case by hand; it is proposed until somebody confirms it."""
    opened()
    from hinomi.casebook import queries
    from hinomi.casebook.draft import written
    from hinomi.hub import casework
    from hinomi.schema.words import CONSOLE

    typed = {"title": title, "severity": severity, "tlp": tlp, "description": description}
    draft = written(**typed, sectors=sector, indicators="\n".join(indicator), findings=finding, exercise=exercise)
    made = casework.open_case(draft, actor=CONSOLE)
    if as_json:
        line(queries.shape_of(made))
    else:
        tell(Text("The case is open: {case}", "事案を登録しました: {case}"), case=made.id)


@group.command()
def show(case: str, as_json: bool = AS_JSON) -> None:
    """Show one case with its time line and what it refers to."""
    opened()
    from hinomi.casebook import queries
    from hinomi.casebook.audience import HUB

    whole = queries.case(case, HUB)
    if as_json:
        line(whole)
        return
    say(said(Text(**whole["title"])))
    for key in ("id", "status", "severity", "tlp", "assignee", "sectors", "attack", "organisations"):
        say(f"{key:14} {whole[key] if isinstance(whole[key], str) else ', '.join(whole[key])}")
    if whole["description"]:
        say(f"\n{whole['description']}\n")
    table(("look for", "value"), ((one["type"], one["value"]) for one in whole["indicators"]))
    table(("time", "what", "who"), ((one["at"], _line(one), one["actor"]) for one in whole["timeline"]))


def _line(entry: dict[str, Any]) -> str:
    """What an entry of the time line says, and that it is a note for the hub only where it is."""
    inside = said(Text("(for the hub only) ", "（ハブ内のみ）")) if entry["kind"] == Step.JOTTED else ""
    return inside + said(Text(**entry["what"]))


@group.command()
def export(case: str, form: str = typer.Option("stix-bundle", "--format", help="The format; stix-bundle is STIX 2.1.")) -> None:
    """Write the case as a file to stdout, as the hub's operator may see it; the audit log says so first."""
    opened()
    from hinomi.casebook.audience import HUB
    from hinomi.schema.words import CONSOLE
    from hinomi.share import gate
    from hinomi.share.format import named

    wanted = named(form)
    errand = gate.errand_of(gate.Caller(HUB, CONSOLE), "case export", case)
    sys.stdout.buffer.write(wanted.write(gate.release_case(case, errand)) + b"\n")


@group.command()
def confirm(case: str) -> None:
    """Say that a proposed case is real."""
    move(case, CaseStatus.CONFIRMED)


@group.command()
def move(case: str, status: CaseStatus) -> None:
    """Move a case along its life: confirmed, contained, closed."""
    opened()
    from hinomi.hub import casework
    from hinomi.schema.words import CONSOLE

    casework.move(case, status, actor=CONSOLE)
    tell(Text("{case} is {status} now.", "{case} を {status} にしました。"), case=case, status=status.value)


@group.command()
def mark(case: str, tlp: str = typer.Argument(help="TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED.")) -> None:
    """Mark a case, which decides who may read it from now on."""
    opened()
    from hinomi.casebook.draft import tlp_named
    from hinomi.hub import casework
    from hinomi.schema.words import CONSOLE

    wanted = tlp_named(tlp)
    casework.mark(case, wanted, actor=CONSOLE)
    tell(Text("{case} is {tlp} now.", "{case} を {tlp} にしました。"), case=case, tlp=wanted.label)
