"""The folder is the registry."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hinomi.registry import RegistryError, plugins


@dataclass(frozen=True)
class Bell:
    sound: str


@pytest.fixture
def tower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / f"tower_{tmp_path.name.replace('-', '_')}"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def hang(folder: Path, file: str, *sounds: str) -> None:
    bells = "\n".join(f"bell_{number} = Bell({sound!r})" for number, sound in enumerate(sounds))
    (folder / file).write_text(f"from {__name__} import Bell\n{bells}\n")


def test_a_file_is_a_plugin_and_its_name_is_the_files_name(tower: Path) -> None:
    hang(tower, "north_gate.py", "clang")
    hang(tower, "east.py", "ding")
    assert {name: bell.sound for name, bell in plugins(tower.name, Bell).items()} == {"east": "ding", "north-gate": "clang"}


@pytest.mark.parametrize("sounds", [(), ("one", "two")])
def test_a_file_without_exactly_one_plugin_is_an_error_that_names_the_file(tower: Path, sounds: tuple[str, ...]) -> None:
    hang(tower, "west.py", *sounds)
    with pytest.raises(RegistryError, match=r"west\.py: must hold exactly one Bell"):
        plugins(tower.name, Bell)


def test_two_plugins_of_one_name_are_an_error(tower: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hang(tower, "south.py", "gong")
    visitor = tower.parent / "south.py"
    visitor.write_text(f"from {__name__} import Bell\nbell = Bell('other')\n")

    class Point:
        value = "south"

    monkeypatch.setattr("hinomi.registry.entry_points", lambda group: [Point] if group == tower.name else [])
    with pytest.raises(RegistryError, match="two plugins are called 'south'"):
        plugins(tower.name, Bell)
    sys.modules.pop("south", None)
