"""`hinomi init`, `doctor`, `backup`, `restore`: one installation and its health."""

from __future__ import annotations

from pathlib import Path

import typer

from hinomi.cli.output import line, said, say, tell
from hinomi.schema.words import Text

STANDS = {"good": "ok  ", "warning": "note", "bad": "FAIL"}


def register(app: typer.Typer) -> None:
    for command in (init, doctor, backup, restore):
        app.command()(command)


def opened() -> None:
    """Make this process ready to use the installation: settings read, database there and up to date."""
    import logging

    from hinomi.hub.setup import prepare

    prepare()
    logging.getLogger("hinomi").setLevel(logging.WARNING)  # the command itself says what it did


def init() -> None:
    """Make the installation in HINOMI_HOME (default ./.hinomi); doing it again changes nothing."""
    from hinomi.home import home

    opened()
    tell(Text("The installation in {root} is ready.", "{root} の準備ができました。"), root=home().root)


def doctor(as_json: bool = typer.Option(False, "--json", help="One JSON object per check.")) -> None:
    """Say what is wrong with this installation, and what to do."""
    from hinomi.hub.setup import connect_alone_on_a_full_disk

    connect_alone_on_a_full_disk()
    from hinomi.hub.health import thorough

    checks = list(thorough())
    for check in checks:
        if as_json:
            line({"check": check.name, "ok": check.ok, "message": check.message._asdict()})
        else:
            say(f"{STANDS[check.state]} {check.name}: {said(check.message)}")
    bad = {check.name for check in checks if not check.ok}
    raise typer.Exit(3 if bad & {"home", "database"} else 1 if bad else 0)  # without those two nothing can be done


def backup(target: Path = typer.Argument(help="The archive to write, for example hinomi.tar.zst.")) -> None:
    """Write the whole installation into one archive, consistent even while the hub runs."""
    from hinomi.hub.archive import save

    saved = save(target)
    tell(
        Text("{files} {files:file is|files are} in {target}.", "{target} に {files} ファイルを保存しました。"),
        files=saved,
        target=target,
    )


def restore(source: Path = typer.Argument(help="An archive written by `hinomi backup`.")) -> None:
    """Bring an installation back from an archive, into an empty HINOMI_HOME only."""
    from hinomi.hub.archive import bring_back

    files = bring_back(source)
    tell(Text("{files} {files:file was|files were} restored.", "{files} ファイルを復元しました。"), files=files)
