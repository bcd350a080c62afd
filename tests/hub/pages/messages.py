"""The sentences of the pages, as templates and modules say them: `python -m tests.hub.pages.messages` renews the catalogue."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import hinomi.hub

HUB = Path(hinomi.hub.__file__).parent
CATALOGUE = HUB / "locale" / "ja" / "LC_MESSAGES" / "django.po"
TEMPLATES = (
    "base.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "405.html",
    "429.html",
    "parts",
    "pages",
    "ninja",
)  # account and upload pages have a catalogue of their own
MODULES = ("pages", "templatetags", "charts", "api")
SINGLE, COUNTED = ("_", "gettext", "gettext_lazy"), ("ngettext", "counted")

Message = str | tuple[str, str]


def sentences() -> Iterator[tuple[Message, str]]:
    """Every sentence with the file that says it."""
    for name in TEMPLATES:
        path = HUB / "templates" / name
        for file in sorted(path.rglob("*.*")) if path.is_dir() else [path] * path.exists():
            yield from _extract(_templatized(file), file)
    for folder in MODULES:
        for file in sorted((HUB / folder).rglob("*.py")):
            yield from _extract(file.read_text(encoding="utf-8"), file)


def _templatized(file: Path) -> str:
    from django.utils.translation.template import templatize

    return templatize(file.read_text(encoding="utf-8"), origin=str(file))


def _extract(source: str, file: Path) -> Iterator[tuple[Message, str]]:
    for _line, function, found, _comments in extract_python(
        io.BytesIO(source.encode()), [*SINGLE, *COUNTED], [], {"encoding": "utf-8"}
    ):
        texts = found if isinstance(found, tuple) else (found,)
        plain = tuple(text for text in texts if isinstance(text, str))
        if not plain:
            continue  # called with a name: what it holds is said elsewhere
        yield (plain[:2] if function in COUNTED else plain[0]), str(file.relative_to(HUB))  # type: ignore[misc]  # two of them


def catalogue() -> Catalog:
    """The catalogue as it is kept."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, "ja")


def renew() -> None:
    """Add what is new, drop what nobody says any more, keep what is translated; compile."""
    kept = catalogue() if CATALOGUE.exists() else Catalog("ja")
    fresh = Catalog("ja", domain="django", project="hinomi", header_comment="# Japanese of the pages.", fuzzy=False)
    for message, _where in sentences():
        known = kept.get(message if isinstance(message, str) else message[0])
        empty = "" if isinstance(message, str) else ("",)
        fresh.add(message, known.string if known and known.string and isinstance(known.id, type(message)) else empty)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, sort_output=True, omit_header=False, width=0)
    compile_()


def compile_() -> None:
    """`django.mo` beside the catalogue, as an installation has it."""
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue())


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure()
    django.setup()
    renew()
