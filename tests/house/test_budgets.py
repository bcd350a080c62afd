"""The budgets of the house: sizes, annotations, broad excepts, reasons for suppressions. Each rule carries its reason."""

from __future__ import annotations

import ast
import re
import statistics
import tokenize
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from tests.house.exceptions import BULKHEADS, LONG_FUNCTIONS, TABLES

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return path.relative_to(ROOT / "src" / "hinomi").as_posix()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, Function):
                assert node.end_lineno is not None
                yield f"{name(path)}:{node.name}", node.end_lineno - node.lineno + 1


def test_files_can_be_read_in_one_sitting() -> None:
    sizes = {name(path): lines(path) for path in SOURCES if name(path) not in TABLES}
    assert {file: size for file, size in sizes.items() if size > 400} == {}
    assert statistics.median(sizes.values()) <= 150


def test_functions_hold_one_thought() -> None:
    sizes = dict(functions())
    assert {where: size for where, size in sizes.items() if size > 60 and where not in LONG_FUNCTIONS} == {}
    ordered = sorted(sizes.values())
    assert statistics.median(ordered) <= 9
    assert ordered[int(len(ordered) * 0.9)] <= 30


def catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"})


def raises_on(handler: ast.ExceptHandler) -> bool:
    """It tidies up and lets the error fly: nothing is swallowed."""
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


def test_broad_excepts_stand_only_in_the_named_bulkheads() -> None:
    broad = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and catches_all(node) and not raises_on(node):
                broad.add(name(path))
    assert broad <= set(BULKHEADS), "everywhere else errors fly"
    assert len(BULKHEADS) <= 6


def test_the_lists_of_exceptions_hold_nothing_that_is_no_longer_needed() -> None:
    sizes = dict(functions())
    assert [where for where in LONG_FUNCTIONS if sizes.get(where, 0) <= 60] == []
    assert [file for file in TABLES if not (ROOT / "src" / "hinomi" / file).exists()] == []


SUPPRESSION = re.compile(r"#\s*(?:type:\s*ignore|noqa)")
RULE = r"#\s*(?:type:\s*ignore\[[\w\-, ]+\]|noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)"
WITH_RULE_AND_REASON = re.compile(RULE + r"\s+(?:#|-{1,2}|—)\s*\S+")


def test_a_suppressed_rule_gives_its_reason_in_the_same_line() -> None:
    bare = []
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]:
        with tokenize.open(path) as file:
            for token in tokenize.generate_tokens(file.readline):
                suppresses = token.type == tokenize.COMMENT and SUPPRESSION.search(token.string)
                if suppresses and not WITH_RULE_AND_REASON.search(token.string):
                    bare.append(f"{path.relative_to(ROOT)}:{token.start[0]} {token.string}")
    assert bare == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    if path.name == "apps.py":
        return
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path}: begin with a docstring"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """A module in a circle cannot be read alone; imports for types and inside functions count, too."""
    graph = grimp.build_graph("hinomi", cache_dir=None)
    needs = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    while free := {module for module, needed in needs.items() if not needed & needs.keys()}:
        needs = {module: needed for module, needed in needs.items() if module not in free}
    assert sorted(needs) == [], "these modules stand in a circle, or above one"


VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "base", "core", "service", "services"}


def test_modules_are_named_by_the_noun_of_the_field() -> None:
    assert [name(path) for path in SOURCES if path.stem in VAGUE] == []


def test_nothing_of_a_machine_or_a_registry_is_in_the_tree() -> None:
    telltale = re.compile(r"(?:/(?:root|home|work)/\w)|index-url|https?://[\w.]*pypi\.org/simple|registry\.npmjs", re.I)
    found = []
    for path in [
        *SOURCES,
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "requirements").iterdir(),
        ROOT / "Makefile",
        ROOT / "README.md",
    ]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if telltale.search(line) and "--no-emit-index-url" not in line:
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_the_changelog_has_a_fragment_for_the_work_under_way() -> None:
    fragments = [path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]
    assert fragments
    assert all(len(path.read_text().strip()) > 20 for path in fragments)
