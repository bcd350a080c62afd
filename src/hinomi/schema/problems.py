"""`Problem`: what a person did or met that cannot go on: where, what, and what to do next, in both languages."""

from __future__ import annotations

from hinomi.schema.words import Text


class Problem(Exception):  # noqa: N818 -- a word for the person who reads it, not for the programmer
    """One clear message for the user; the command line prints it and exits with 3, a page shows it. No traceback."""

    def __init__(self, where: str, what: Text, remedy: Text) -> None:
        super().__init__(where, what, remedy)
        self.where, self.what, self.remedy = where, what, remedy

    def __str__(self) -> str:
        return self.told("en")

    def told(self, language: str) -> str:
        """The message in "en" or "ja": where, what, and what to do next."""
        what, remedy = (self.what.ja, self.remedy.ja) if language == "ja" else (self.what.en, self.remedy.en)
        joint = "" if what.endswith("。") else " " if what.endswith(".") else "。" if language == "ja" else "; "
        return f"{self.where}: {what}{joint}{remedy}"


class WrongUse(Problem):
    """The call itself is wrong (an unknown name, a bad time); the command line exits with 2, the API answers 422."""


class Missing(WrongUse):
    """What is named is not there for who asks, or never was; the two are told alike, the API answers 404."""


class Conflict(WrongUse):
    """What is asked does not fit how things stand now, and asking again will not help; the API answers 409."""
