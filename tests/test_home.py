"""The folder of an installation: files in it are whole or not there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hinomi.home import put


def test_a_file_that_many_write_at_once_is_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a" / "curve.json"
    contents = [bytes([letter]) * 50_000 for letter in range(8)]

    def write(content: bytes) -> bytes:
        for _ in range(100):
            put(file, content)
        return file.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, contents)) <= set(contents)
    assert list(file.parent.iterdir()) == [file]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(IsADirectoryError):
        put(tmp_path / "here", b"{}")
    assert [one.name for one in tmp_path.iterdir()] == ["here"]
