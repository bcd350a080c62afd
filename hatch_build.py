"""Compile the translation catalogues when the package is built or installed for development."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """`*.po` → `*.mo` beside it, as Django reads them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- the interface of hatchling
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        for catalogue in Path(self.root, "src").rglob("*.po"):
            target = catalogue.with_suffix(".mo")
            with catalogue.open("rb") as source, target.open("wb") as compiled:
                write_mo(compiled, read_po(source, locale=catalogue.parts[-3]))
            build_data["artifacts"].append(str(target.relative_to(self.root)))
