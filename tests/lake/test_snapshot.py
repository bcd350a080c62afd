"""The commit that only adds files: others read it, it stands beside theirs, and it gives way where a table wants tidying."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import StaticTable

from hinomi.lake import snapshot
from hinomi.lake.lake import Lake
from hinomi.schema.events import EVENTS
from hinomi.schema.segments import Segment

from .events import NOON, batch, counts, packets


def metadata(lake: Lake, kind: str = "packet") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(lake.ledger.pointers()[kind]).read_bytes())
    return found


@pytest.mark.parametrize("kind", list(EVENTS))
def test_a_table_that_we_make_has_the_columns_that_pyiceberg_would_give_it(tmp_path: Path, kind: str) -> None:
    made = snapshot.created(Lake.open(tmp_path).layout, kind, exercise=False)
    (tmp_path / "made.metadata.json").write_text(json.dumps(made))
    table = StaticTable.from_metadata(str(tmp_path / "made.metadata.json"))
    assert table.schema().as_arrow().names == EVENTS[kind].arrow.names
    assert [field.field_id for field in table.schema().fields] == list(range(1, len(EVENTS[kind].arrow.names) + 1))
    assert table.schema().highest_field_id == made["last-column-id"]
    assert str(table.spec().fields[0].transform) == "day"
    assert table.sort_order().order_id == 1


def test_any_catalogue_of_pyiceberg_opens_the_lake_and_finds_what_each_commit_brought(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for number in range(3):
        list(lake.append([packets(f"s{number}", 10 + number)]))
    stranger = SqlCatalog("hinomi", uri=f"sqlite:///{lake.layout.database}", warehouse=str(tmp_path))
    assert stranger.list_tables("events") == [("events", "packet")]
    table = stranger.load_table(("events", "packet"))
    assert [task.file.record_count for task in table.scan().plan_files()] == [12, 11, 10]
    assert [one.summary["total-records"] for one in table.metadata.snapshots if one.summary] == ["10", "21", "33"]
    assert [one.parent_snapshot_id for one in table.metadata.snapshots[1:]] == [
        one.snapshot_id for one in table.metadata.snapshots[:-1]
    ]
    assert table.inspect.manifests().num_rows == 3
    assert {one["data_file"]["record_count"] for one in table.inspect.entries().to_pylist()} == {10, 11, 12}


def test_our_commits_and_those_of_pyiceberg_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake.open(tmp_path)
    for number in range(6):
        monkeypatch.setattr(snapshot, "MANY", 0 if number % 2 else 40)
        list(lake.append([packets(f"s{number}", 5)]))
    assert counts(lake) == {f"s{number}": 5 for number in range(6)}
    assert [one["sequence-number"] for one in metadata(lake)["snapshots"]] == [1, 2, 3, 4, 5, 6]


def test_old_versions_of_the_metadata_go_and_snapshots_are_tidied(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for number in range(90):
        list(lake.append([packets(f"s{number}", 1)]))
    assert lake.rows("packet") == 90
    assert len(metadata(lake)["snapshots"]) <= 41
    assert len(list(lake.layout.metadata("packet").glob("*.metadata.json"))) <= 22
    assert lake.catalogue.table("packet").inspect.manifests().num_rows <= 41
    assert sum(counts(lake).values()) == 90


def test_a_commit_of_rival_metadata_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    list(lake.append([packets("one", 1)]))
    with pytest.raises(OSError, match="changed by someone else"):
        lake.ledger.enter("packet", (), "elsewhere", "", instead_of="not what counts")
    assert lake.ledger.pointers()["packet"] != "elsewhere"


def test_lists_of_texts_keep_their_element(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    rows = batch("dns", "d", [NOON], qname=["example.jp"], answers=[["192.0.2.1"]])
    list(lake.append([Segment("d", "dns", "resolver", lambda: [rows])]))
    table = lake.catalogue.table("dns")
    assert table.scan().to_arrow()["answers"].to_pylist() == [["192.0.2.1"]]
