"""Keep and check the audit log: carry what the processes wrote into one chained table, and find what was altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson
from django.db import transaction

from hinomi.home import home
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text
from hinomi.share.acts import Act
from hinomi.share.ledger import START, SUFFIX, Break, Line, lines, link
from hinomi.share.models import ChainHead, Entry, LedgerFile

BATCH = 5_000
ALARM = Text(
    "Restore the file from a backup and find out who could write here.",
    "バックアップから戻し、誰が書き込めたかを調べてください。",
)


def carry(where: Path | None = None) -> int:
    """Take over what the processes wrote since the last time; how many entries. Safe to run anywhere, at any time."""
    total = 0
    known = dict(LedgerFile.objects.values_list("name", "offset"))
    for file in sorted((where or home().audit).glob(f"*{SUFFIX}")):
        while file.stat().st_size != known.get(file.name) and (taken := _carry_batch(file)):
            total += taken
    return total


@transaction.atomic
def _carry_batch(file: Path) -> int:
    ChainHead.objects.get_or_create(name="disclosures")
    head = ChainHead.objects.select_for_update().get(name="disclosures")
    state = LedgerFile.objects.filter(name=file.name).first() or LedgerFile(name=file.name)
    read = [line for line in islice(lines(file, state.offset, state.hash), BATCH) if isinstance(line, Line)]
    rows = []
    for line in read:
        head.number, head.hash = head.number + 1, link(head.hash, line.entry)
        rows.append(_row(head.number, head.hash, line.entry))
        state.offset, state.entries, state.hash = line.end, state.entries + 1, line.hash
    if rows:
        Entry.objects.bulk_create(rows)
        head.save()
    state.save()
    return len(rows)


def _row(number: int, digest: str, entry: bytes) -> Entry:
    told = orjson.loads(entry)
    row = Entry(number=number, at=datetime.fromisoformat(told["at"]), entry=entry.decode(), hash=digest)
    row.act, row.account = told.get("act", Act.RELEASED.value), told["account"][:150]
    if row.act != Act.RELEASED:
        row.about = told["about"][:200]
        return row
    row.organisation, row.operator, row.channel = told["reader"], told["operator"], told["channel"]
    row.rule, row.count = " ".join(told["rules"]), told["count"]
    row.first_seq, row.last_seq = told["first"], told["last"]
    return row


def verify(where: Path | None = None) -> list[Problem]:
    """What is wrong with the record: altered, cut or missing lines in files, and altered or missing rows in the table."""
    return [*_verify_files(where or home().audit), *_verify_chain()]


def _verify_files(where: Path) -> Iterator[Problem]:
    known = {state.name: state for state in LedgerFile.objects.all()}
    for name in sorted(known.keys() - {file.name for file in where.glob(f"*{SUFFIX}")}):
        yield Problem(name, Text("is gone, and held audit entries.", "監査ログのファイルがありません。"), ALARM)
    for file in sorted(where.glob(f"*{SUFFIX}")):
        state = known.get(file.name)
        if state is not None and file.stat().st_size < state.offset:
            yield Problem(str(file), Text("was cut short.", "が途中で切られています。"), ALARM)
            continue
        seen = START
        for line in lines(file):
            if isinstance(line, Break):
                what = Text(f"was altered from byte {line.offset} on.", f"が {line.offset} バイト目から書き換えられています。")
                yield Problem(str(file), what, ALARM)
                break
            seen = line.hash if state is not None and line.end == state.offset else seen
        else:
            if state is not None and seen != state.hash:
                yield Problem(str(file), Text("was written anew.", "が別の内容に書き直されています。"), ALARM)


def _verify_chain() -> Iterator[Problem]:
    number, digest = 0, START
    for found, entry, said in Entry.objects.order_by("number").values_list("number", "entry", "hash").iterator():
        number, digest = number + 1, link(digest, entry.encode())
        if (found, said) != (number, digest):
            what = Text(f"entry {number} is missing or was altered.", f"{number} 番の記録が欠けているか書き換えられています。")
            yield Problem("audit log", what, ALARM)
            return
    head = ChainHead.objects.filter(name="disclosures").first() or ChainHead()
    if (head.number, head.hash) != (number, digest):
        what = Text(
            f"ends at {number}, but {head.number} were added.", f"{head.number} 件あるはずが {number} 件で終わっています。"
        )
        yield Problem("audit log", what, ALARM)
