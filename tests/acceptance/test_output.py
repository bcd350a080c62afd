"""Where answers go: a stdout that is closed or full is named as such, and no name of a file moves the terminal."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.acceptance.captures import Syn, capture
from tests.acceptance.tower import HINOMI, Said, Tower


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Tower:
    tower = Tower(tmp_path_factory.mktemp("output") / "home")
    night = tower.home.with_name("night.pcap")
    night.write_bytes(capture([Syn(1_795_000_000.0 + n, "203.0.113.7", f"198.18.{n % 250}.1", 23) for n in range(3000)]))
    assert tower("observe", night).status == 0
    return tower


def sent(tower: Tower, command: str) -> Said:
    """What a shell sends where it wants."""
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("hinomi", str(HINOMI))], capture_output=True, timeout=240, env=tower.environment
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("words", ['sql "select 1"', 'sql "select 1" --json', "sql 'select * from packet' --json", "--version"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_a_stdout_that_takes_nothing_is_named(tower: Tower, words: str, where: str) -> None:
    said = sent(tower, f"hinomi {words} {where}")
    assert said.status == 3
    assert said.err.startswith("hinomi: stdout: The standard output ")
    assert len(said.err.splitlines()) == 1
    assert str(tower.home) not in said.err


def test_what_is_said_on_a_closed_stderr_does_not_go_among_the_data(tower: Tower) -> None:
    said = sent(tower, "hinomi observe /nowhere --json 2>&-")
    assert said.status == 3
    assert [set(one) & {"problem", "total"} for one in said.records] == [{"problem"}, {"total"}]


def test_a_reader_that_has_enough_is_no_fault(tower: Tower) -> None:
    said = sent(tower, "hinomi sql 'select * from packet' --json | head -n 1")
    assert (said.status, len(said.records), said.err) == (0, 1, "")


def test_a_long_table_comes_whole_in_parts_of_one_width(tower: Tower) -> None:
    lines = tower("sql", "select text(dst) as dst, dport, time from packet").out.splitlines()
    assert len(lines) == 3001
    assert lines[0].split() == ["dst", "dport", "time"]
    assert len({line.index("2026-") for line in lines[1:]}) == 1


def test_addresses_are_addresses_unasked(tower: Tower) -> None:
    (row,) = tower("sql", "select src, payload from packet limit 1", "--json").records
    assert row["src"] == "203.0.113.7"


def test_names_of_files_are_shown_without_what_a_terminal_obeys(tower: Tower, tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "esc\x1b[31m\nred\u3000[bold].csv").write_bytes(b"no packets here\n" * 3)
    good = folder / "good\x1b]0;title\x07.pcap"
    good.write_bytes(capture([Syn(1_796_000_000.0, "203.0.113.7", "198.18.0.1", 23)]))
    said = tower("observe", folder)
    assert not {"\x1b", "\x07"} & set(said.err)
    assert "esc·[31m·red\u3000[bold].csv: is text" in said.err
    assert "good·]0;title·.pcap: pcap, 1 row" in said.err


def test_wrong_sql_is_wrong_use(tower: Tower) -> None:
    said = tower("sql", "select window from packet")
    assert said.status == 2
    assert 'double quotes: "window"' in said.err
