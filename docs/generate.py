"""Write what of the documentation can be derived: the reference from the code, the indexes from the pages there are.

`make docs` writes; a test compares; nobody edits these pages by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
SECTIONS = (
    ("start", "Start here", "はじめに"),
    ("howto", "How to", "手引き"),
    ("explain", "How it works", "しくみ"),
    ("reference", "Reference", "リファレンス"),
    ("decisions", "Decisions", "設計判断の記録"),
)
NOTE = "<!-- Written by docs/generate.py from the code; do not edit. -->"


def pages() -> Mapping[str, str]:
    """Every generated page by its path under docs/."""
    makers: dict[str, Callable[[], Iterable[str]]] = {
        "reference/fields.md": fields,
        "reference/events.md": events,
        "reference/detectors.md": detectors,
        "reference/scenarios.md": scenarios,
        "reference/words.md": words,
        "reference/settings.md": settings,
        "reference/cli.md": cli,
        "index.md": index,
        "ja/index.md": index_ja,
    }
    return {name: "\n".join([NOTE, "", *make()]).rstrip() + "\n" for name, make in makers.items()}


def index() -> Iterator[str]:
    yield from ("# Hinomi", "", "Documentation. 日本語は[こちら](ja/index.md)。 What Hinomi is: [README](../README.md).", "")
    for folder, title, _ in SECTIONS:
        listed = sorted((DOCS / folder).glob("*.md"))
        if listed:
            yield from (f"## {title}", "", *(f"- [{heading(page)}]({folder}/{page.name})" for page in listed), "")


def index_ja() -> Iterator[str]:
    """The Japanese pages; where one is not translated, the English one."""
    yield from ("# 火の見", "", "ドキュメント。 English: [index](../index.md)。 火の見とは: [README](../../README.ja.md)。", "")
    for folder, _, title in SECTIONS:
        names = {page.name for page in (DOCS / folder).glob("*.md")} | {
            page.name for page in (DOCS / "ja" / folder).glob("*.md")
        }
        if names:
            yield from (f"## {title}", "", *(entry_ja(folder, name) for name in sorted(names)), "")


def entry_ja(folder: str, name: str) -> str:
    own = DOCS / "ja" / folder / name
    if own.exists():
        return f"- [{heading(own)}]({folder}/{name})"
    note = "" if folder == "reference" else "（英語）"  # the reference is in both languages
    return f"- [{heading(DOCS / folder / name)}](../{folder}/{name}){note}"


def heading(page: Path) -> str:
    """The title of a page: its first heading."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), page.stem)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in row)} |"
    yield ""


def code(text: object) -> str:
    return f"`{text}`" if str(text) else ""


def span(length: timedelta) -> str:
    """A length of time as people write it."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds != size else ''}"
    return "none"


def fields() -> Iterator[str]:
    from hinomi.schema.fields import FIELDS, Sensitivity

    yield "# Fields 項目一覧"
    yield ""
    yield "Every column of the lake: its type and unit, what it means, whom it can hurt outside, and what remains of it then."
    yield ""
    yield f"Sensitivity, in order: {', '.join(code(one.name.lower()) for one in Sensitivity)}."
    yield ""
    head = ("field", "type", "unit", "meaning", "意味", "sensitivity", "blur", "STIX")
    yield from table(
        head,
        (
            (code(one.name), one.type, one.unit, *one.meaning, one.sensitivity.name.lower(), one.blur.value, code(one.stix))
            for one in FIELDS.values()
        ),
    )


def events() -> Iterator[str]:
    from hinomi.schema.events import COMMON, EVENTS

    yield "# Event kinds イベント種別"
    yield ""
    yield f"One table of the lake for each. Every kind begins with {', '.join(map(code, COMMON))}, which are never null;"
    yield "everything else is null when unknown. Addresses are 16 bytes (IPv4 as IPv4-mapped IPv6), times are UTC microseconds."
    yield ""
    yield from table(
        ("kind", "one row is", "1行の意味", "fields"),
        ((code(one.name), *one.row, ", ".join(map(code, one.own))) for one in EVENTS.values()),
    )


def detectors() -> Iterator[str]:
    from hinomi.detect.detector import Detector
    from hinomi.registry import plugins

    yield "# Detectors 検知器"
    yield ""
    for name, one in plugins("hinomi.detect.detectors", Detector).items():
        yield f"## {name}"
        yield ""
        yield from (f"**{one.title.en}** · {one.title.ja}", "", one.about.en, "", one.about.ja, "")
        looks = (
            f"Watches {', '.join(map(code, one.kinds))} in windows of {span(one.window)}, with a past of {span(one.history)}."
        )
        uses = f" Uses the lookups {', '.join(map(code, one.lookups))}." if one.lookups else ""
        uses += f" Reads the digests {', '.join(map(code, one.digests))}." if one.digests else ""
        attack = f" ATT&CK: {', '.join(one.attack)}." if one.attack else ""
        counts = f" Its findings count on the dial `{one.topic}`."
        yield from (looks + uses + attack + counts, "")
        yield from table(
            ("parameter", "value", "unit", "meaning", "意味", "source"),
            ((code(p.name), value(p.value), p.unit.en, *p.meaning, p.source.en) for p in one.parameters),
        )
        yield from table(("measure", "unit", "meaning", "意味"), ((code(m.name), m.unit.en, *m.meaning) for m in one.measures))
        yield from ("What helps:", "", *map(trouble, one.troubles), "")
        yield from ("What it cannot see:", "")
        yield from (f"- {limit.en} {limit.ja}" for limit in one.limits)
        yield ""


def trouble(one: Any) -> str:
    """What helps, against which relation, and whether the subject suffers."""
    from hinomi.casebook.stix.countermeasures import CATALOGUE

    relation = f"`relation` {', '.join(map(code, one.relations))}: " if one.relations else ""
    helps = "; ".join(f"{CATALOGUE[key].name.en} {CATALOGUE[key].name.ja}" for key in one.helps)
    suffers = "The subject suffers, and is no indicator. 対象は被害者であり、インジケータにはなりません。"
    return f"- {relation}{helps}." + (f" {suffers}" if one.suffers else "")


def value(given: object) -> str:
    return ", ".join(map(str, given)) if isinstance(given, tuple) else str(given)


def scenarios() -> Iterator[str]:
    from hinomi.drill.scenario import Scenario
    from hinomi.registry import plugins

    yield "# Scenarios 演習シナリオ"
    yield ""
    yield "This page tells what is planted: do not read it before you train."
    yield ""
    for name, one in plugins("hinomi.drill.scenarios", Scenario).items():
        yield f"## {name}"
        yield ""
        yield from (f"**{one.title.en}** · {one.title.ja}", "", one.story.en, "", one.story.ja, "")
        yield from table(
            ("planted", "what", "内容", "begins", "lasts", "raised by", "found by", "ATT&CK"),
            (
                (
                    code(plant.name),
                    *plant.title,
                    clock(plant.cause.begin),
                    span(plant.cause.lasts),
                    ", ".join(plant.raised_by) if plant.ceiling is None else f"nobody above {plant.ceiling.word}",
                    ", ".join(plant.found_by),
                    ", ".join(plant.attack),
                )
                for plant in one.planted
            ),
        )


def clock(after: timedelta) -> str:
    minutes = int(after.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def settings() -> Iterator[str]:
    from hinomi.hub.options import reference

    yield from reference()


def words() -> Iterator[str]:
    from hinomi.schema import scope
    from hinomi.schema import words as catalogue

    yield "# Words others match on 用語と値"
    yield ""
    kinds = (catalogue.Severity, catalogue.SubjectKind, catalogue.Verdict, catalogue.CaseStatus, catalogue.Step, catalogue.Role)
    for kind in (*kinds, catalogue.IndicatorType, scope.Purpose):
        yield from (f"## {kind.__name__}", "", first_line(kind), "", ", ".join(code(word(one)) for one in kind) + ".", "")
    yield from ("## Tlp", "", first_line(scope.Tlp), "")
    yield from table(("label", "marking definition"), ((one.label, code(one.marking)) for one in scope.Tlp))
    yield from ("## Sectors 分野", "")
    yield from table(("sector", "name", "名称"), ((code(slug), *text) for slug, text in scope.SECTORS.items()))


def word(one: Enum) -> str:
    return str(one.value) if isinstance(one.value, str) else one.name.lower()


def first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]


def cli() -> Iterator[str]:
    import typer.main

    from hinomi.cli.app import app

    yield "# Command line コマンド"
    yield ""
    yield "Exit status: 0 done, 1 done in part (and says which), 2 wrong use, 3 could not. Every command answers `--help`."
    yield ""
    yield from command("hinomi", typer.main.get_command(app))


def command(name: str, one: Any) -> Iterator[str]:
    """One command or group, as click knows it."""
    if children := getattr(one, "commands", None):
        if " " in name:
            yield from (f"## {name}", "", one.help or "", "")
        for child, inner in sorted(children.items()):
            yield from command(f"{name} {child}", inner)
        return
    shown = [param for param in one.params if not getattr(param, "hidden", False) and param.name != "help"]
    usage = " ".join(argument(param) for param in shown if param.param_type_name == "argument")
    yield from (f"### {name}", "", (one.help or "").strip(), "", "```", f"{name}{' ' + usage if usage else ''}", "```", "")
    yield from table(("option", "meaning", "default"), map(option, shown)) if shown else ()


def argument(param: Any) -> str:
    return str(param.metavar or param.name.upper()) + ("…" if param.nargs != 1 else "")


def option(param: Any) -> tuple[str, str, str]:
    if param.param_type_name == "argument":
        return code(argument(param)), getattr(param, "help", None) or "", "" if param.required else "optional"
    default = param.default
    plain = isinstance(default, str | int | float) and not isinstance(default, bool) and str(default)
    names = ", ".join((*param.opts, *param.secondary_opts))
    return code(names), param.help or "", code(default) if plain else ""


def main() -> None:
    """Write the pages that changed."""
    for name, text in pages().items():
        target = DOCS / name
        target.parent.mkdir(exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
