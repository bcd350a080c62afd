"""Why an input cannot be read."""

from __future__ import annotations

from hinomi.schema.problems import Problem


class InputError(Problem):
    """An input that gives nothing; the next input is read all the same."""
