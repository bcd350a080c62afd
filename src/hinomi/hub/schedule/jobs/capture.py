"""A capture that somebody uploaded: into the lake, then detection over the windows it touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hinomi.hub.schedule.work import Result, Task, Work, written
from hinomi.observe.refusal import InputError
from hinomi.pipeline import Observed, observe, opened_lake, watch
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text, Verdict

READING = Text("Reading the file.", "ファイルを読み込んでいます。")
LOOKING = Text("Detecting.", "検知しています。")


def run(task: Task) -> Result:
    """Read, detect, and say what was read, what was not and why."""
    path, sent_as = Path(task.arguments["path"]), str(task.arguments["sent_as"])
    if not path.exists():
        raise Problem(
            sent_as,
            Text("the uploaded file is no longer there.", "アップロードされたファイルがありません。"),
            Text("Upload it again.", "もう一度アップロードしてください。"),
        )
    task.enter(1, 2, READING)
    with opened_lake() as lake:
        done = list(observe(lake, [path], sensor=str(task.arguments.get("sensor") or "upload"), report=task.report))
        if not any(one.rows or one.duplicates for one in done):
            result = _result(sent_as, done, {})
        else:
            task.enter(2, 2, LOOKING)
            outcomes = list(watch(lake, report=task.report))
            verdicts = Counter(outcome.verdict.value for outcome in outcomes)
            found = sum(len(outcome.findings) for outcome in outcomes if outcome.verdict is Verdict.FOUND)
            failed = [
                {"detector": one.detector, "reason": one.reason._asdict()} for one in outcomes if one.verdict is Verdict.FAILED
            ]
            result = _result(sent_as, done, {"looks": dict(verdicts), "findings": found, "failed": failed})
    path.unlink(missing_ok=True)
    return result


def _result(sent_as: str, done: list[Observed], detection: Mapping[str, Any]) -> Result:
    return {"name": sent_as, "read": [_line(one, sent_as) for one in done], "detection": dict(detection)}


def _line(one: Observed, sent_as: str) -> Mapping[str, Any]:
    problem = one.problem.what._asdict() if one.problem else None
    remedy = _remedy(one.problem)._asdict() if one.problem else None
    return {
        "path": sent_as,
        "format": one.format,
        "kind": one.kind,
        "rows": one.rows,
        "quarantined": one.quarantined,
        "segments": one.segments,
        "duplicates": int(one.duplicates),
        "first": written(one.first),
        "last": written(one.last),
        "seconds": one.seconds,
        "misfits": [each.record for each in one.misfits],
        "skipped": dict(one.skipped),
        "problem": problem,
        "remedy": remedy,
    }


def _remedy(problem: Problem) -> Text:
    """What to do next, for somebody who has a page before them and no command line."""
    return problem.uploaded if isinstance(problem, InputError) else problem.remedy


work = Work(title=Text("Read an uploaded capture", "アップロードされたキャプチャの取り込み"), run=run)
