"""The title of an operation: said in the reader's language whenever the description of the API is asked for."""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext_lazy


def title(english: str) -> str:
    """A title that is translated when it is shown; ninja's types know only of plain words."""
    return cast("str", gettext_lazy(english))
