"""What do the words mean? Every term of art of the pages, in plain words and both languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import counted, say
from hinomi.schema.words import Text


@dataclass(frozen=True)
class Term:
    """One word, and what it means."""

    name: str
    word: Text
    means: Text


def _read() -> tuple[Term, ...]:
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Term(name, Text(**one["word"]), Text(one["en"], one["ja"])) for name, one in told.items())


TERMS = _read()


@shown
def glossary(request: HttpRequest) -> Page:
    """Every term with what it means."""
    return Page(
        template="pages/glossary.html",
        question=_("What do the words mean?"),
        answer=counted("%(count)s term in plain words.", "%(count)s terms in plain words.", len(TERMS)),
        data={"terms": TERMS},
        rows=[{"term": term.word, "means": term.means} for term in TERMS],
        context={"scope": scope_of(request), "terms": sorted(TERMS, key=lambda term: say(term.word).lower())},
    )
