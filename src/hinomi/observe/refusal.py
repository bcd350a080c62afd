"""Why an input cannot be read: where, what, and what to do next, in both languages."""

from __future__ import annotations

from hinomi.schema.words import Text


class InputError(Exception):
    """An input that gives nothing; `where` names it, `what` and `next` are sentences for its owner."""

    def __init__(self, where: str, what: Text, next: Text) -> None:  # noqa: A002 — the word the house uses for it
        super().__init__(f"{where}: {what.en}; {next.en}")
        self.where, self.what, self.next = where, what, next
