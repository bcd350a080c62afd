"""The only place that knows the order: observe → lake → detect → casebook.

Everything here can be run again: segments the lake holds are acknowledged, not doubled; a window that is looked at
again replaces what was said of it. So a crash needs no repair but another run.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.words import Text

if TYPE_CHECKING:  # these rooms bring heavy libraries; they are opened when they are used
    import pyarrow as pa

    from hinomi.detect.detector import Detector
    from hinomi.lake.lake import Lake
    from hinomi.observe.quarantine import Misfit
    from hinomi.observe.reading import Input
    from hinomi.schema.findings import Outcome, Window
    from hinomi.schema.segments import Segment

Report = Callable[[Text, float | None], None]


READING = Text("reading {name}: {rows} rows", "{name} を読み込み中: {rows} 行")
LOOKING = Text("{title}: looking at {day}", "{title}: {day} を調べています")
GIVE = Text("Give files, folders, or - for standard input.", "ファイル、フォルダ、または標準入力の - を指定してください。")


def silent(what: Text, share: float | None) -> None:
    """The report of someone who does not watch."""


@dataclass(frozen=True)
class Observed:
    """What became of one input; `problem` says why it could not be read, or not to its end."""

    path: str
    format: str = ""
    kind: str = ""
    rows: int = 0
    quarantined: int = 0
    segments: int = 0
    duplicates: int = 0
    first: datetime | None = None
    last: datetime | None = None
    seconds: float = 0.0
    misfits: tuple[Misfit, ...] = ()  # why something did not fit, how often, and where first
    damaged: bool = False  # a part of it, or all of it, could not be read
    skipped: Mapping[str, int] = field(default_factory=dict)  # sound frames of other protocols
    drops: Mapping[str, int] = field(default_factory=dict)  # what a live capture took and missed
    problem: Problem | None = None


def inputs(given: Iterable[str | Path] | None) -> Iterator[Path]:
    """The inputs that a person named: files, the files of folders, and `-` for standard input."""
    from hinomi.observe.reading import walk

    named = list(given or ())
    if not named:
        raise WrongUse("observe", Text("No input is named.", "入力が指定されていません。"), GIVE)
    if "" in named:  # an unset variable of a shell; as a path it would be the folder where one happens to be
        raise WrongUse("observe", Text("The name of an input is empty.", "入力の名前が空です。"), GIVE)
    yield from walk(named)


@contextmanager
def opened_lake(exercise: str = "") -> Iterator[Lake]:
    """The lake of this installation, or of one of its exercises, which must have been played."""
    from hinomi.home import home
    from hinomi.lake.lake import Lake

    root = home().exercise(exercise) if exercise else home().lake
    if exercise and not root.is_dir():
        raise WrongUse(
            exercise,
            Text("This exercise has not been played here.", "この演習はまだ実施されていません。"),
            Text("Play it with `hinomi drill play`.", "`hinomi drill play` で実施してください。"),
        )
    with Lake.open(root, exercise=bool(exercise)) as lake:
        yield lake


def observe(
    lake: Lake,
    paths: Iterable[Path],
    *,
    sensor: str = "",
    as_: str | None = None,
    report: Report = silent,
) -> Iterator[Observed]:
    """Read inputs into the lake, one after the other; one that cannot be read does not stop the next."""
    for path in paths:
        began = time.monotonic()
        try:
            done = _observe_one(lake, path, sensor=sensor or platform.node(), as_=as_, report=report)
        except Problem as problem:
            done = Observed(str(path), problem=problem)
        yield replace(done, seconds=round(time.monotonic() - began, 3))


def _observe_one(lake: Lake, path: Path, *, sensor: str, as_: str | None, report: Report) -> Observed:
    from hinomi.observe.reading import open_input

    source = open_input(path, sensor=sensor, as_=as_)
    size = path.stat().st_size if path.is_file() else 0
    return _taken(lake, source, str(path), lambda: min(1.0, source.bytes / size) if size else None, report)


def observe_live(lake: Lake, interface: str, *, sensor: str = "", report: Report = silent) -> Iterator[Observed]:
    """Capture from an interface until SIGINT or SIGTERM; what was seen is durable every few seconds."""
    from hinomi.observe.live import live

    began = time.monotonic()
    try:
        with live(interface, sensor=sensor or platform.node()) as source:
            done = _taken(lake, source, interface, lambda: None, report, lambda: f" ({source.drops.dropped:,} dropped)")
        drops = source.drops
        done = replace(done, drops={"captured": drops.captured, "kernel": drops.dropped, "interface": drops.lost})
    except Problem as problem:
        done = Observed(interface, problem=problem)
    yield replace(done, seconds=round(time.monotonic() - began, 3))


def _taken(
    lake: Lake,
    source: Input,
    name: str,
    share: Callable[[], float | None],
    report: Report,
    more: Callable[[], str] = str,
) -> Observed:
    """Append an input to the lake, piece by piece, and sum up the receipts, also of one that cannot be read to its end."""
    rows = segments = duplicates = 0
    first = last = None
    met: list[Problem] = []
    try:
        for receipt in lake.append(_as_far_as_it_goes(source, met)):
            segments += 1
            rows += receipt.rows
            duplicates += receipt.duplicate
            first = min(filter(None, (first, receipt.first)), default=None)
            last = max(filter(None, (last, receipt.last)), default=None)
            report(READING.fill(name=name, rows=f"{rows:,}{more()}"), share())
    except Problem as problem:
        met.append(problem)
    return Observed(
        name,
        format=source.format,
        kind=source.kind,
        rows=rows,
        quarantined=source.quarantined,
        segments=segments,
        duplicates=duplicates,
        first=first,
        last=last,
        misfits=source.misfits,
        damaged=source.damaged,
        skipped=source.skipped,
        problem=next(iter(met), None),
    )


def _as_far_as_it_goes(source: Input, met: list[Problem]) -> Iterator[Segment]:
    """The segments of an input; what ends it early is noted, not raised, so that the lake keeps what came before."""
    try:
        yield from source
    except Problem as problem:
        met.append(problem)


def total(done: Iterable[Observed]) -> Observed:
    """The sum of what was read."""
    done = list(done)
    return Observed(
        "",
        rows=sum(one.rows for one in done),
        quarantined=sum(one.quarantined for one in done),
        segments=sum(one.segments for one in done),
        duplicates=sum(one.duplicates for one in done),
        first=min((one.first for one in done if one.first), default=None),
        last=max((one.last for one in done if one.last), default=None),
        seconds=round(sum(one.seconds for one in done), 3),
    )


@dataclass(frozen=True)
class Span:
    """A stretch of time, open where nothing is said."""

    start: datetime | None = None
    end: datetime | None = None

    def within(self, covered: Window) -> Window:
        """The part of what the lake covers that is asked for."""
        from hinomi.schema.findings import Window

        return Window(max(self.start or covered.start, covered.start), min(self.end or covered.end, covered.end))


def detect(
    lake: Lake,
    span: Span = Span(),
    *,
    only: Sequence[str] = (),
    engine: str = "duckdb",
    report: Report = silent,
) -> Iterator[Outcome]:
    """Run detectors over every window of the span that the lake covers; keep what they found and propose cases."""
    yield from _look(lake, _planned(lake, chosen(only), span), engine=engine, report=report)


def watch(lake: Lake, *, engine: str = "duckdb", report: Report = silent) -> Iterator[Outcome]:
    """Run detectors over the windows that are new, or into which rows have come since they were looked at."""
    from hinomi.casebook import queries

    seen = queries.rows_seen(exercise=lake.exercise)
    due = [one for one in _planned(lake, chosen(()), Span()) if seen.get((one.name, one.window.start)) != one.rows]
    yield from _look(lake, due, engine=engine, report=report)


def chosen(only: Sequence[str], option: str = "--only") -> Mapping[str, Detector]:
    """The detectors of these names, all when none is given; `WrongUse` of the option that names one there is not."""
    from hinomi.detect.run import detectors

    known = detectors()
    unknown = [name for name in only if name not in known]
    if unknown:
        raise WrongUse(
            option,
            Text(f"There is no detector {', '.join(unknown)}.", f"検知器 {'、'.join(unknown)} はありません。"),
            Text(f"There are {', '.join(known)}.", f"利用できるのは {'、'.join(known)} です。"),
        )
    return {name: known[name] for name in only} if only else known


class Planned(NamedTuple):
    """A look that may be taken, and the rows that the lake has for it: by them a later run knows whether it is stale."""

    window: Window
    name: str
    detector: Detector
    rows: int


def _planned(lake: Lake, chosen: Mapping[str, Detector], span: Span) -> list[Planned]:
    """The looks at windows that hold rows: a lake of two captures ten years apart has two days, not four thousand.

    Rows are counted before anything is looked at, so that those which come meanwhile make the look stale.
    """
    held = {kind: lake.days(kind) for kind in {kind for detector in chosen.values() for kind in detector.kinds}}
    return sorted(
        Planned(window, name, detector, _rows(held, detector, window))
        for name, detector in chosen.items()
        for window in _windows({day for kind in detector.kinds for day in held[kind]}, detector, span)
    )


def _windows(held: Iterable[date], detector: Detector, span: Span) -> Iterator[Window]:
    from hinomi.detect.run import windows
    from hinomi.schema.findings import Window

    days = [datetime.combine(day, datetime.min.time(), UTC) for day in sorted(held)]
    parts = (span.within(Window(day, day + timedelta(days=1))) for day in days)
    yield from dict.fromkeys(window for part in parts if part.start < part.end for window in windows(detector, part))


def _rows(held: Mapping[str, Mapping[date, int]], detector: Detector, window: Window) -> int:
    return sum(
        rows
        for kind in detector.kinds
        for day, rows in held[kind].items()
        if (window.start - detector.history).date() <= day < window.end.date() or day == window.start.date()
    )


def _look(lake: Lake, planned: Sequence[Planned], *, engine: str, report: Report) -> Iterator[Outcome]:
    """Take the planned looks, window by window, keep what each says, and propose cases."""
    from hinomi.casebook import actions
    from hinomi.detect.run import looks
    from hinomi.lake.engine import open_engine

    rows, numbers = {(one.name, one.window): one.rows for one in planned}, count()
    titles = {one.name: one.detector.title for one in planned}

    def began(window: Window, detector: str) -> None:
        report(LOOKING.fill(title=titles[detector], day=window.start.date()), next(numbers) / len(planned))

    with open_engine(engine, lake) as opened:
        for window, group in groupby(planned, key=lambda one: one.window):
            chosen, known = {one.name: one.detector for one in group}, lookups(lake, window)
            for outcome in looks(chosen, opened, window, known, exercise=lake.exercise, before=partial(began, window)):
                outcome = replace(outcome, rows=rows[outcome.detector, window])
                recorded = actions.record([outcome], exercise=lake.exercise)
                actions.propose(recorded.findings)
                yield outcome


def lookups(lake: Lake, window: Window) -> Mapping[str, pa.Table]:
    """What members, warning lists and the hub's allowances know, for detectors; an exercise brings its own."""
    import pyarrow as pa
    import pyarrow.feather as feather

    from hinomi.casebook import allowing
    from hinomi.lake.lookups.warnings import allowed
    from hinomi.members.lookups import networks

    if not lake.exercise:
        return {"networks": networks(window), "allowed": pa.concat_tables([allowed(), allowing.lookup(window)])}
    own = feather.read_table(lake.root / "allowed.arrow")
    return {"networks": feather.read_table(lake.root / "networks.arrow"), "allowed": pa.concat_tables([allowed(), own])}
