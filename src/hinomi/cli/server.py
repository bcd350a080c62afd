"""`hinomi run` and `hinomi demo`: serve the hub, after playing an exercise or reading a capture when asked."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import tell
from hinomi.cli.progress import progress
from hinomi.schema.words import Text

HOST = typer.Option("", help="Address to listen on; else the setting `host`.")
PORT = typer.Option(0, help="Port to listen on; else the setting `port`.")
DAY = "exercise-day"


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(demo)


def run(
    capture: list[Path] = typer.Option([], "--capture", help="Read this capture or folder first, and detect over it."),
    exercise: str = typer.Option("", help="Play this exercise first (once; a played exercise is kept)."),
    host: str = HOST,
    port: int = PORT,
) -> None:
    """Serve the hub on this machine; prints a link that signs the operator in once."""
    from hinomi.hub.serving import free_port, serve

    host, port = _place(host, port)
    free_port(host, port)  # before any long work
    opened()
    if exercise:
        _play(exercise)
    if capture:
        _read(capture)
    from hinomi.hub.accounts import actions

    link = actions.sign_in_link("operator")
    said = Text("Sign in once with this link: {link}", "このリンクで一度だけサインインできます: {link}")
    serve(host, port, ready=lambda: tell(said, link=link))


def demo(host: str = HOST, port: int = PORT) -> None:
    """Play the exercise day and serve the hub."""
    run(capture=[], exercise=DAY, host=host, port=port)


def _place(host: str, port: int) -> tuple[str, int]:
    """Where to listen: as the command says, else the environment, else `hinomi.toml`; every process reads it again."""
    from hinomi.home import home
    from hinomi.hub.options import read_options

    os.environ.update({name: str(value) for name, value in (("HINOMI_HOST", host), ("HINOMI_PORT", port)) if value})
    options = read_options(home().settings, os.environ)
    return str(options["host"]), int(options["port"])


def _play(name: str) -> None:
    from hinomi.drill import play

    with progress() as report:
        play.play(name, progress=report)


def _read(paths: list[Path]) -> None:
    from hinomi import pipeline
    from hinomi.cli.traffic import describe

    with progress() as report, pipeline.opened_lake() as lake:
        for one in pipeline.observe(lake, pipeline.inputs(paths), report=report):
            describe(one)
        for _ in pipeline.watch(lake, report=report):
            pass
