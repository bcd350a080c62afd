"""`hinomi`: the commands, and the one place that turns a problem into a message and an exit status.

Exit status: 0 done, 1 done in part (and says which), 2 wrong use, 3 could not.
"""

from __future__ import annotations

import os
import sys

import typer

from hinomi import __version__
from hinomi.cli import allowing, cases, drill, installation, members, server, tokens, traffic
from hinomi.cli.faults import faults, told
from hinomi.cli.output import complain, flush, say

app = typer.Typer(
    name="hinomi",
    help="Hinomi (火の見): observe attacks, detect them early, keep cases, decide who may know, drill.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (installation, server, members, traffic, allowing, cases, drill, tokens):
    room.register(app)


@app.callback(invoke_without_command=True)
def hinomi(version: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> None:
    """Hinomi (火の見): observe attacks, detect them early, keep cases, decide who may know, drill."""
    if version:
        say(__version__)
        raise typer.Exit


def _run() -> None:
    try:
        app()
    finally:
        flush()


def main() -> None:
    """Run one command; a person's problem becomes one message, never a traceback."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's threads for algebra, of which we have none, would spin
    from hinomi.schema.problems import Problem, WrongUse

    if sys.stderr is None:  # closed by whoever started us; what is said there would go among the data
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 -- until this process ends
    try:
        _run()
    except Problem as problem:
        complain(problem)
        sys.exit(2 if isinstance(problem, WrongUse) else 3)
    except BrokenPipeError:  # the reader of our output has gone: `hinomi findings | head`
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except faults() as error:
        complain(told(error))
        sys.exit(3)
