"""The command line as a new user meets it: real processes, real files, a folder of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.captures import Syn, capture
from tests.acceptance.tower import HINOMI, Tower

MEMBERS = """organisation,sector,country,prefix,dark,valid_from,valid_until
観測網,information-communication,JP,198.18.0.0/16,yes,2026-01-01,
川崎水道,water,JP,203.0.113.0/24,no,2026-01-01,
"""
CONTRACT = {
    "observe": {"path", "format", "kind", "rows", "quarantined", "segments", "first", "last", "seconds"},
    "findings": {
        *("id", "detector", "subject", "window", "severity", "confidence", "title", "measures", "indicators"),
        *("attack", "organisations", "exercise"),
    },
    "cases": {"id", "title", "status", "severity", "sectors", "attack", "indicators", "created", "modified", "exercise"},
}


EVIL = ("delete from packet", "copy (select 1) to 'stolen.csv'", "select * from read_csv('/etc/passwd')", "attach 'x.db'")


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Tower:
    return Tower(tmp_path_factory.mktemp("tower") / "home")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Tower:
    return Tower(tmp_path_factory.mktemp("empty") / "home")


@pytest.fixture(scope="module")
def infected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A member's address that knocks at a thousand dark addresses."""
    packets = [
        Syn(1_795_000_000.0 + number * 0.2, "203.0.113.77", f"198.18.{number // 250}.{number % 250}", 23)
        for number in range(1000)
    ]
    path = tmp_path_factory.mktemp("captures") / "night.pcap"
    path.write_bytes(capture(packets))
    return path


def test_from_a_capture_to_a_case(tower: Tower, infected: Path, tmp_path: Path) -> None:
    members = tmp_path / "members.csv"
    members.write_text(MEMBERS)
    assert tower("init").status == 0
    assert tower("members", "import", members).status == 0

    read = tower("observe", infected, "--sensor", "dark-1", "--json")
    one, total = read.records
    assert read.status == 0
    assert set(one) >= CONTRACT["observe"]
    assert (one["format"], one["kind"], one["rows"], one["quarantined"]) == ("pcap", "packet", 1000, 0)
    assert one["first"].endswith("Z")
    assert total["total"]["rows"] == 1000

    again = tower("observe", infected, "--sensor", "dark-1", "--json").records[0]
    assert (again["rows"], again["duplicates"]) == (0, again["segments"])

    looked = tower("detect", "--json")
    assert looked.status == 0, looked.err
    assert {one["verdict"] for one in looked.records} <= {"found", "clean", "not-applicable"}

    found = tower("findings", "--json").records
    assert all(set(one) >= CONTRACT["findings"] for one in found)
    blamed = [one for one in found if one["subject"]["value"] == "203.0.113.77" and one["organisations"]]
    assert blamed, "the member whose address knocks is told"
    assert all(not one["exercise"] for one in found)

    cases = tower("cases", "--json").records
    assert cases
    assert all(set(one) >= CONTRACT["cases"] for one in cases)
    assert {one["status"] for one in cases} == {"proposed"}

    before = {one["id"] for one in found}
    assert tower("detect").status == 0
    assert {one["id"] for one in tower("findings", "--json").records} == before, "looking again changes nothing"


def test_a_case_is_opened_shown_and_exported_and_a_played_one_never_leaves(tower: Tower) -> None:
    tower("init")
    words = ("--severity", "high", "--sector", "finance", "--indicator", "hxxp://evil[.]example/", "--json")
    (made,) = tower("case", "new", "Phishing against banks", *words).records
    assert set(made) >= CONTRACT["cases"]
    assert made["indicators"] == [{"type": "url", "value": "http://evil.example/"}]
    shown = tower("case", "show", made["id"]).out
    assert "TLP:AMBER+STRICT" in shown
    assert "http://evil.example/" in shown
    bundle = json.loads(tower("case", "export", made["id"]).out)
    assert {"incident", "indicator", "grouping"} <= {one["type"] for one in bundle["objects"]}
    logged = [json.loads(line.partition(" ")[2]) for log in tower.home.glob("audit/*.log") for line in log.open()]
    (released,) = [one for one in logged if "release" in one]
    assert (released["account"], released["channel"], released["query"]) == ("command line", "case export", made["id"])
    wrong = tower("case", "export", made["id"], "--format", "pigeon")
    assert (wrong.status, wrong.out) == (2, "")
    assert "stix-bundle" in wrong.err
    assert tower("case", "move", made["id"], "contained").status == 2, "a proposed case is confirmed first"
    assert tower("case", "show", "incident--none").status == 2

    (played,) = tower("case", "new", "Only played", "--exercise", "--json").records
    refused = tower("case", "export", played["id"])
    assert (refused.status, refused.out) == (2, "")
    assert "exercise never leaves" in refused.err

    wrong = tower("case", "new", "x", "--indicator", "nonsense")
    assert wrong.status == 2
    assert "1: nonsense" in wrong.err


def test_the_lake_is_asked_in_sql_and_cannot_be_changed(tower: Tower, infected: Path) -> None:
    tower("observe", infected, "--sensor", "dark-1")
    counted = tower("sql", "select text(src) as who, count(*) as n from packet group by 1", "--json")
    assert counted.records == [{"who": "203.0.113.77", "n": 1000}]
    for evil in EVIL:
        refused = tower("sql", evil)
        assert refused.status in (2, 3), evil
        assert refused.err.startswith("hinomi: ")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("garbage.pcap", bytes(range(256)) * 64, "format"),
        ("empty.pcap", b"", "empty"),
        ("letter.pcap", b"Dear colleague,\nplease find attached the capture.\n" * 50, "format"),
    ],
)
def test_what_is_no_capture_is_told_in_one_sentence(
    tower: Tower, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    said = tower("observe", path)
    assert said.status == 3
    assert str(path) in said.err
    assert words in said.err.lower()


def test_a_missing_file_does_not_stop_the_others(tower: Tower, infected: Path, tmp_path: Path) -> None:
    said = tower("observe", tmp_path / "gone.pcap", infected)
    assert said.status == 1
    assert "gone.pcap" in said.err


def test_standard_input_is_read(tower: Tower, infected: Path) -> None:
    said = tower("observe", "-", "--sensor", "other", "--json", stdin=infected.read_bytes())
    assert said.records[0]["path"] == "-"
    assert said.records[0]["rows"] == 1000


@pytest.mark.parametrize(
    "words",
    [
        ("detect", "--only", "crystal-ball"),
        ("findings", "--detector", "crystal-ball"),
        ("detect", "--from", "2026-11-02", "--until", "2026-11-01"),
        ("detect", "--from", "yesterday-ish"),
        ("detect", "--engine", "abacus"),
        ("detect", "--exercise", "never-played"),
        ("findings", "--severity", "huge"),
        ("token", "new", "acme"),
        ("token", "new", "acme", "--hub", "--organisation", "acme"),
        ("observe",),
    ],
)
def test_wrong_use_is_said_with_the_way_out(tower: Tower, words: tuple[str, ...]) -> None:
    said = tower(*words)
    assert said.status == 2
    assert len(said.err.strip().splitlines()) == 1
    assert len(said.err) > 30


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (("detect",), "hinomi observe"),
        (("findings",), "hinomi detect"),
        (("cases",), "hinomi case new"),
        (("members", "list"), "hinomi members import"),
        (("token", "list"), "hinomi token new"),
    ],
)
def test_an_empty_answer_says_what_to_do_next(empty: Tower, words: tuple[str, ...], next_step: str) -> None:
    said = empty(*words)
    assert (said.status, said.out) == (0, "")
    assert next_step in said.err


def test_messages_are_japanese_for_who_reads_japanese(tower: Tower, tmp_path: Path) -> None:
    said = tower("observe", tmp_path / "ない.pcap", HINOMI_LANGUAGE="ja")
    assert any("ぁ" <= letter <= "ん" for letter in said.err)


def test_a_token_reads_everything_only_when_that_is_said(tower: Tower) -> None:
    said, japanese = tower("token", "new", "acme"), tower("token", "new", "acme", HINOMI_LANGUAGE="ja")
    assert (said.status, said.out, japanese.status, japanese.out) == (2, "", 2, "")
    assert all("--organisation" in err and "--hub" in err for err in (said.err, japanese.err))
    assert "どちらか" in japanese.err
    assert tower("token", "new", "weather", "--hub").out.startswith("hin_")


def test_help_is_quick_to_import() -> None:
    heavy = {"numba", "pyarrow", "duckdb", "ibis", "django", "numpy", "pandas", "pyiceberg"}
    code = f"import sys, hinomi.cli.app; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([HINOMI.with_name("python"), "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_backup_is_brought_back_elsewhere(tower: Tower, infected: Path, tmp_path: Path) -> None:
    tower("observe", infected, "--sensor", "dark-1")
    archive = tmp_path / "hinomi.tar.zst"
    assert tower("backup", archive).status == 0
    assert tower("backup", archive).status == 3, "nothing is overwritten"
    elsewhere = Tower(tmp_path / "elsewhere")
    assert elsewhere("restore", archive).status == 0
    question = "select count(*) as n from packet where sensor = 'dark-1'"
    assert elsewhere("sql", question, "--json").records == tower("sql", question, "--json").records == [{"n": 1000}]
    assert elsewhere("restore", archive).status == 3, "only into an empty folder"


def test_an_archive_that_is_cut_brings_nothing_back_and_leaves_nothing(tower: Tower, tmp_path: Path) -> None:
    archive = tmp_path / "whole.tar.zst"
    assert tower("backup", archive).status == 0
    (tmp_path / "cut.tar.zst").write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    before = set(tmp_path.iterdir())
    said = Tower(tmp_path / "elsewhere")("restore", tmp_path / "cut.tar.zst")
    assert said.status == 3
    assert "Nothing was changed" in said.err
    assert set(tmp_path.iterdir()) == before


def test_a_home_may_have_any_name(infected: Path, tmp_path: Path) -> None:
    tower = Tower(tmp_path / "here" / "100%20 火の見? #1 [a]*{b,c} 'q\"")
    assert tower("observe", infected).status == 0
    assert tower("sql", "select count(*) as n from packet", "--json").records == [{"n": 1000}]
    assert {one["verdict"] for one in tower("detect", "--json").records} <= {"found", "clean", "not-applicable"}
    assert not [one for one in tower("doctor", "--json").records if not one["ok"]]
    assert tower("backup", tmp_path / "hinomi.tar.zst").status == 0
    assert [path.name for path in (tmp_path / "here").iterdir()] == [tower.home.name], "nothing is outside of it"


def test_a_sensor_gets_a_token_that_may_only_hand_in(tower: Tower) -> None:
    assert tower("token", "new", "north", "--hub", "--scope", "observe").out.startswith("hin_")
    wrong = tower("token", "new", "north", "--hub", "--scope", "rule")
    assert (wrong.status, "read, write, observe" in wrong.err) == (2, True)
