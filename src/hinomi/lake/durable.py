"""Files that are on the disk when we say so: local Iceberg metadata written, flushed and its folder flushed too.

PyIceberg's own file access returns from `close` while the bytes may still be in the page cache only; the catalogue could
then point at a metadata file that a power cut has emptied.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream


def flush(path: Path) -> None:
    """Force a closed file, or a folder's list of names, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
    """PyIceberg's access to the lake's folder; named in the catalogue's `py-io-impl`."""

    def new_input(self, location: str) -> InputFile:
        return LocalInput(location)

    def new_output(self, location: str) -> OutputFile:
        return LocalOutput(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        Path(location if isinstance(location, str) else location.location).unlink(missing_ok=True)
