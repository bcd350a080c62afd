"""Why an input cannot be read."""

from __future__ import annotations

from hinomi.schema.problems import Problem
from hinomi.schema.words import Text


class InputError(Problem):
    """An input that cannot be read, or not to its end; the next input is read all the same.

    `uploaded` is the remedy for a person who handed the input in on a page, where there are no options to give.
    """

    def __init__(self, where: str, what: Text, remedy: Text, uploaded: Text | None = None) -> None:
        super().__init__(where, what, remedy)
        self.uploaded = uploaded or remedy


def not_this_format(name: str, format_: str) -> InputError:
    """The refusal of an input that was said to be of a format, and is not."""
    return InputError(
        name,
        Text(f"does not begin as {format_} does: it is no capture of this format", f"{format_} 形式ではありません"),
        Text("leave out --as, then the format is recognised by itself", "--as を外すと、形式は自動で判別されます"),
    )
