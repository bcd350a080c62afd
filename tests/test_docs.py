"""Documentation that can be wrong can fail: generated pages are current, links lead somewhere, plugins have how-tos."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("README*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_say_what_the_code_says() -> None:
    stale = [name for name, text in generator().pages().items() if (DOCS / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert broken == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = (DOCS / "index.md").resolve()
    reached, waiting = set[Path](), [index]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        waiting += [(page.parent / link).resolve() for link in LINK.findall(page.read_text(encoding="utf-8"))]
    lost = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if page.resolve() not in reached]
    assert lost == [], "link them from docs/index.md or docs/ja/index.md"


def test_every_kind_of_plugin_has_a_how_to() -> None:
    asked = {name for file in (ROOT / "src").rglob("*.py") for name in re.findall(r'plugins\("([\w.]+)"', file.read_text())}
    kinds = {name.rpartition(".")[2].removesuffix("s") for name in asked}
    missing = [kind for kind in sorted(kinds) if not list((DOCS / "howto").glob(f"add-a*-{kind}.md"))]
    assert kinds
    assert missing == []
