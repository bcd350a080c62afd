"""Settings: one table, the environment over the file, and a clear word for a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinomi.hub.database import database
from hinomi.hub.options import OPTIONS, read_options, reference
from hinomi.hub.secret import secret
from hinomi.schema.problems import WrongUse

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_a_hub_needs_no_settings(tmp_path: Path) -> None:
    said = read_options(tmp_path / "hinomi.toml", {})
    assert said == {option.name: option.default for option in OPTIONS}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hinomi.toml"
    file.write_text('port = 9000\nlanguage = "ja"\nscheduler = false\n')
    said = read_options(file, {"HINOMI_PORT": "9001"})
    assert (said["port"], said["language"], said["scheduler"]) == (9001, "ja", False)


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ("port = 'many'", "hinomi.toml", "port cannot be 'many'"),
        ("port = true", "hinomi.toml", "port cannot be True"),
        ("scheduler = 'maybe'", "hinomi.toml", "Write yes or no"),
        ("prot = 8000", "hinomi.toml", "no setting is called prot"),
        ("port 8000", "hinomi.toml", "Write lines such as"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, line: str, where: str, what: str) -> None:
    file = tmp_path / "hinomi.toml"
    file.write_text(line)
    with pytest.raises(WrongUse) as told:
        read_options(file, {})
    assert where in str(told.value)
    assert what in str(told.value)


def test_a_wrong_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="HINOMI_PORT"):
        read_options(tmp_path / "none", {"HINOMI_PORT": "eight thousand"})


def test_postgresql_is_one_setting(tmp_path: Path) -> None:
    said = database("postgresql://hub:p%40ss@db.example:5433/hinomi?sslmode=require", tmp_path)
    assert said["ENGINE"].endswith("postgresql")
    assert (said["USER"], said["PASSWORD"], said["HOST"], said["PORT"], said["NAME"]) == (
        "hub",
        "p@ss",
        "db.example",
        "5433",
        "hinomi",
    )
    assert said["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "nonsense"])
def test_another_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(WrongUse, match="HINOMI_DATABASE_URL"):
        database(url, tmp_path)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret"
    first = secret(path)
    assert len(first) > 40
    assert secret(path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["secret"]


def test_the_reference_page_is_what_the_table_says() -> None:
    written = DOCS.read_text(encoding="utf-8").partition("\n\n")[2]
    assert written == "\n".join(reference()) + "\n"


def test_every_setting_is_told_in_both_languages() -> None:
    assert all(option.meaning.en and option.meaning.ja for option in OPTIONS)
