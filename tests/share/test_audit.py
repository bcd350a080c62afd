"""The record of what left: nothing missing, nothing twice, and what was altered is found."""

import json
from pathlib import Path

import pytest
from django.db import connection

from hinomi.share import audit
from hinomi.share.ledger import Ledger
from hinomi.share.models import Entry

pytestmark = pytest.mark.django_db


def entry(n: int) -> bytes:
    told = {"at": "2026-11-22T00:00:00+00:00", "reader": "minato", "operator": False, "account": "token 1", "channel": "test"}
    return json.dumps({**told, "rules": ["own-organisation"], "count": 1, "first": n, "last": n, "n": n}).encode()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Two processes' files with three entries each."""
    for _ in range(2):
        ledger = Ledger(tmp_path)
        for n in range(3):
            ledger.append(entry(n))
    return tmp_path


def alter(sql: str) -> None:
    with connection.cursor() as database:
        database.execute(sql)


def said(where: Path) -> list[str]:
    return [problem.what.en for problem in audit.verify(where)]


def test_entries_are_carried_over_once(written: Path) -> None:
    assert audit.carry(written) == 6
    assert audit.carry(written) == 0
    assert list(Entry.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_what_is_added_later_follows(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for n in range(4):
        ledger.append(entry(n))
        assert audit.carry(tmp_path) == 1
    assert said(tmp_path) == []


def test_an_intact_record_has_nothing_wrong(written: Path) -> None:
    assert said(written) == []
    audit.carry(written)
    assert said(written) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE share_entry SET entry = replace(entry, 'minato', 'aozora') WHERE number = 3", "entry 3 is missing"),
        ("DELETE FROM share_entry WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM share_entry WHERE number > 4", "ends at 4, but 6 were added"),
        ("UPDATE share_entry SET hash = 'x' WHERE number = 6", "entry 6 is missing"),
    ],
)
def test_an_altered_table_is_found(written: Path, change: str, what: str) -> None:
    audit.carry(written)

    alter(change)

    assert any(what in one for one in said(written))


def test_an_altered_file_is_found_before_and_after_it_is_carried_over(written: Path) -> None:
    file = min(written.glob("*.log"))
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"n": 1', b'"n": 7'))
    assert any("was altered from byte" in one for one in said(written))

    file.write_bytes(whole)
    audit.carry(written)
    file.write_bytes(whole.replace(b'"n": 1', b'"n": 7'))
    assert any("was altered from byte" in one for one in said(written))


def test_a_file_that_is_gone_cut_or_written_anew_is_found(written: Path) -> None:
    audit.carry(written)
    first, second = sorted(written.glob("*.log"))

    first.write_bytes(first.read_bytes()[:-50])
    second.unlink()
    assert said(written) == ["is gone, and held audit entries.", "was cut short."]

    another = Ledger(written / "elsewhere")
    for n in range(9):
        another.append(entry(100 + n))
    (forged,) = (written / "elsewhere").glob("*.log")
    first.write_bytes(forged.read_bytes())
    assert "was written anew." in said(written)


def test_rows_are_neither_changed_nor_deleted_by_the_program(written: Path) -> None:
    audit.carry(written)

    with pytest.raises(TypeError):
        Entry.objects.filter(number=1).update(count=0)
    with pytest.raises(TypeError):
        Entry.objects.all().delete()
