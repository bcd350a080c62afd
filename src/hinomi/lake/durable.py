"""Files that are on the disk when we say so: local Iceberg metadata written, flushed and its folder flushed too.

PyIceberg's own file access returns from `close` while the bytes may still be in the page cache only; the catalogue could
then point at a metadata file that a power cut has emptied.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from hinomi.lake.disk import flush


def here(location: str, old: str, new: str) -> str:
    """Where a file of a moved folder is now."""
    return new + location[len(old) :] if old and location.startswith(f"{old}/") else location


class _Written(io.FileIO):
    """A new file that is on the disk, with its name, once it is closed."""

    def close(self) -> None:
        if not self.closed:
            os.fsync(self.fileno())
            super().close()
            flush(Path(str(self.name)).parent)


class LocalInput(InputFile):
    """A local file to read."""

    def __len__(self) -> int:
        return Path(self.location).stat().st_size

    def exists(self) -> bool:
        return Path(self.location).exists()

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002 -- PyIceberg's signature; a local file always is
        return Path(self.location).open("rb")


class LocalOutput(OutputFile):
    """A local file to write, durable when closed."""

    def __len__(self) -> int:
        return Path(self.location).stat().st_size

    def exists(self) -> bool:
        return Path(self.location).exists()

    def to_input_file(self) -> InputFile:
        return LocalInput(self.location)

    def create(self, overwrite: bool = False) -> OutputStream:
        Path(self.location).parent.mkdir(parents=True, exist_ok=True)
        return io.BufferedWriter(_Written(self.location, "wb" if overwrite else "xb"))


class DurableIO(FileIO):
    """PyIceberg's access to the lake's folder; named in the catalogue's `py-io-impl`.

    The properties `moved-from` and `moved-to` let it read metadata whose paths are of a folder that was moved.
    """

    def new_input(self, location: str) -> InputFile:
        return LocalInput(here(location, self.properties.get("moved-from", ""), self.properties.get("moved-to", "")))

    def new_output(self, location: str) -> OutputFile:
        return LocalOutput(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        Path(location if isinstance(location, str) else location.location).unlink(missing_ok=True)
