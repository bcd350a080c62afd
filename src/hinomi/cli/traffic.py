"""`hinomi observe`, `detect`, `watch`, `findings`, `sql`: traffic in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import typer

from hinomi.cli.installation import opened
from hinomi.cli.output import complain, language, line, moment, said, shown, table, tell
from hinomi.cli.progress import progress
from hinomi.pipeline import Observed
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Severity, Text, Verdict

if TYPE_CHECKING:
    from hinomi.observe.quarantine import Misfit
    from hinomi.schema.findings import Outcome

FAILED = Text(
    "; {count} {count:input|inputs} could not be read, or not to their end", "、読み込めない、または途中までの入力 {count} 件"
)
NOTHING = Text(
    "Nothing was there to read: the folders hold no files (hidden ones, links to folders and devices are left out).",
    "読み込むものがありません。フォルダにファイルがありません（隠しファイル、フォルダへのリンク、デバイスは対象外です）。",
)
LINE = Text("first in line {line}", "最初: {line} 行目")
WHEN = Text(", {first} – {last} UTC", "、{first} – {last} UTC")
KNOWN = Text("; {count} {count:piece was|pieces were} in the lake already", "（取り込み済み {count} セグメント）")
UNSEEN = Text(
    "No events to look at, or none that are new. `hinomi observe PATH` reads captures and logs into the lake.",
    "調べるべき（新しい）データがありません。`hinomi observe PATH` でキャプチャやログを取り込んでください。",
)
NONE = Text(
    "No findings. `hinomi detect` looks at what the lake holds.",
    "検知結果はありません。`hinomi detect` でデータレイクの中身を調べます。",
)
AS_JSON = typer.Option(False, "--json", help="One JSON object per line.")
EXERCISE = typer.Option("", "--exercise", help="Work on the lake of this exercise.")
ENGINE = typer.Option("duckdb", help="What reads the lake; a name that is none is answered with those there are.")
AS = typer.Option(
    None,
    "--as",
    help="The format, when it cannot be told from the content, and which column of a packet log is which field, "
    "by name or number: packet-csv:when=time,2=src,3=dst.",
)
SENSOR = typer.Option("", help="Name of the sensor; the host's name by default.")


def register(app: typer.Typer) -> None:
    for command in (observe, detect, watch, findings, sql):
        app.command()(command)


def observe(
    paths: list[str] = typer.Argument(None, metavar="PATH…", help="Files, folders, or - for standard input."),
    as_: str | None = AS,
    sensor: str = SENSOR,
    live: str = typer.Option("", help="Capture from this interface until stopped."),
    exercise: str = EXERCISE,
    as_json: bool = AS_JSON,
) -> None:
    """Read captures and logs into the lake; what was read before is not read twice."""
    from hinomi import pipeline

    sensor = _spoken(sensor)
    with progress() as report, pipeline.opened_lake(exercise) as lake:
        source = (
            pipeline.observe_live(lake, live, sensor=sensor, report=report)
            if live
            else pipeline.observe(lake, pipeline.inputs(paths), sensor=sensor, as_=as_, report=report)
        )
        done = [describe(one, as_json) for one in source]
    total = pipeline.total(done)
    failed = sum(one.problem is not None for one in done)
    if not done:
        tell(NOTHING)
    if as_json:
        line({"total": _record(total)})
    elif done:
        tell(
            Text(
                "{rows} {rows:row|rows} from {count} {count:input|inputs}; {quarantined} did not fit{failed}.",
                "{count} 件の入力から {rows} 行。形式に合わないもの {quarantined} 件{failed}。",
            ),
            rows=total.rows,
            count=len(done),
            quarantined=total.quarantined,
            failed=said(FAILED.fill(count=failed)) if failed else "",
        )
    damaged = any(one.damaged for one in done)
    nothing = failed == len(done) and not total.segments
    raise typer.Exit(3 if failed and nothing else 1 if failed or damaged else 0)


def describe(one: Observed, as_json: bool = False) -> Observed:
    """Say what became of one input, and give it back."""
    if as_json:
        line(_record(one))
        return one
    if one.problem is None or one.segments:
        tell(
            Text("{path}: {format}, {rows} {rows:row|rows}{when}{extra}", "{path}: {format}、{rows} 行{when}{extra}"),
            path=shown(one.path),
            format=one.format,
            rows=one.rows,
            when=_when(one),
            extra="".join(f"\n    {each.count} × {said(each.text)} ({_place(each)})" for each in one.misfits)
            + "".join(f"\n    {count} × {protocol}" for protocol, count in one.skipped.items())
            + "".join(f"\n    {what}: {count}" for what, count in one.drops.items()),
        )
    if one.problem is not None:
        complain(one.problem)
    return one


def _when(one: Observed) -> str:
    """From when to when; of an input that is in the lake already there is nothing new to say."""
    known = said(KNOWN.fill(count=one.duplicates)) if one.duplicates else ""
    if one.first is None or one.last is None:
        return known
    return said(WHEN.fill(first=f"{one.first:%Y-%m-%d %H:%M:%S}", last=f"{one.last:%Y-%m-%d %H:%M:%S}")) + known


def _record(one: Observed) -> dict[str, object]:
    record: dict[str, object] = {
        name: getattr(one, name)
        for name in ("path", "format", "kind", "rows", "quarantined", "segments", "first", "last", "seconds")
    }
    if one.duplicates:
        record["duplicates"] = one.duplicates
    if one.misfits:
        record["misfits"] = [each.record for each in one.misfits]
    if one.drops:
        record["drops"] = dict(one.drops)
    if one.skipped:
        record["skipped"] = dict(one.skipped)
    if one.problem is not None:
        record["problem"] = _spoken(one.problem.told(language()))
    return record | {"path": _spoken(one.path)}


def _place(one: Misfit) -> str:
    return said(LINE.fill(line=one.line)) if one.line else f"@ {one.first}"


def _spoken(words: str) -> str:
    """Words of the system that are not UTF-8, as a file's name may be, in a way that can be written."""
    return words.encode("utf-8", "backslashreplace").decode()


def detect(
    since: str | None = typer.Option(None, "--from", help="Look at windows from this time on."),
    until: str | None = typer.Option(None, "--until", help="Look at windows before this time."),
    only: list[str] = typer.Option([], "--only", help="Only these detectors."),
    engine: str = ENGINE,
    exercise: str = EXERCISE,
    as_json: bool = AS_JSON,
) -> None:
    """Run the detectors over the lake, keep their findings, and propose cases."""
    opened()
    from hinomi import pipeline

    span = pipeline.Span(moment(since, "--from"), moment(until, "--until"))
    if span.start and span.end and span.start >= span.end:
        what = Text("it does not lie after --from.", "--from より後の時刻ではありません。")
        raise WrongUse("--until", what, Text("Write the earlier time after --from.", "早い方を --from に指定してください。"))
    with progress() as report, pipeline.opened_lake(exercise) as lake:
        _tell_outcomes(pipeline.detect(lake, span, only=only, engine=engine, report=report), as_json)


def watch(
    engine: str = ENGINE,
    exercise: str = EXERCISE,
    as_json: bool = AS_JSON,
) -> None:
    """Look at the windows that are new, or into which late rows have come; the hub's scheduler does the same."""
    opened()
    from hinomi import pipeline

    with progress() as report, pipeline.opened_lake(exercise) as lake:
        _tell_outcomes(pipeline.watch(lake, engine=engine, report=report), as_json)


def _tell_outcomes(outcomes: Iterable[Outcome], as_json: bool) -> None:
    seen = []
    for one in outcomes:
        seen.append(one)
        if as_json:
            window = {"start": one.window.start, "end": one.window.end}
            record = {"detector": one.detector, "window": window, "verdict": one.verdict.value, "findings": len(one.findings)}
            line(record | {"reason": one.reason._asdict(), "seconds": round(one.seconds, 3)})
    if not as_json:
        table(("detector", "windows", "findings", "verdict", "reason"), _by_detector(seen), UNSEEN)
    raise typer.Exit(1 if any(one.verdict is Verdict.FAILED for one in seen) else 0)


def _by_detector(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, int, int, str, str]]:
    """One row per detector and verdict, with the last reason given."""
    ordered = sorted(outcomes, key=lambda one: (one.detector, one.verdict))
    for (detector, verdict), looks in groupby(ordered, key=lambda one: (one.detector, one.verdict)):
        group = list(looks)
        yield detector, len(group), sum(len(one.findings) for one in group), verdict.value, said(group[-1].reason)


def findings(
    as_json: bool = AS_JSON,
    exercise: bool = typer.Option(False, help="Those of exercises instead of the real ones."),
    severity: str = typer.Option("info", help="At least this severity."),
    detector: str = typer.Option("", help="Only of this detector."),
) -> None:
    """Show what the detectors found, newest first."""
    opened()
    from hinomi.casebook import queries
    from hinomi.casebook.audience import HUB

    if detector:
        from hinomi import pipeline

        pipeline.chosen([detector], "--detector")
    found = queries.findings(HUB, exercise=exercise, least=_severity(severity), detector=detector or None)
    if as_json:
        for one in found:
            line(one)
    else:
        columns = ("severity", "detector", "subject", "title", "window")
        table(
            columns,
            (
                (one["severity"], one["detector"], one["subject"]["value"], said(Text(**one["title"])), one["window"]["start"])
                for one in found
            ),
            NONE,
        )


def _severity(word: str) -> Severity:
    try:
        return Severity.named(word)
    except ValueError:
        known = [one.word for one in Severity]
        raise WrongUse(
            "--severity",
            Text(f"There is no severity {word}.", f"深刻度 {word} はありません。"),
            Text(f"There are {', '.join(known)}.", f"{'、'.join(known)} のいずれかです。"),
        ) from None


def sql(query: str, exercise: str = EXERCISE, as_json: bool = AS_JSON) -> None:
    """Ask the lake in SQL, read-only: one view per event kind; addr('192.0.2.1') and text(src) convert addresses."""
    from hinomi import pipeline
    from hinomi.lake.sql import query as ask

    with pipeline.opened_lake(exercise) as lake, ask(lake, query) as answer:
        if as_json:
            for row in answer.rows():
                line(dict(zip(answer.columns, row, strict=True)))
        else:
            table(answer.columns, answer.rows())
