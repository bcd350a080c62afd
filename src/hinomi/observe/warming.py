"""Compile the kernels ahead of their first use: `python -m hinomi.observe.warming`, once per machine and release.

What was compiled is kept beside the source (or in the user's cache folder), so that later processes load it in moments.
"""

from __future__ import annotations

import io

from hinomi.observe.reading import open_input
from hinomi.observe.source import sources


def warm() -> int:
    """Read the example of every source, whole and damaged; returns the rows that were read."""
    rows = 0
    for source in sources().values():
        for damage in (b"", b"\xff" * 64):
            for segment in open_input(io.BytesIO(source.example() + damage), sensor="warming"):
                rows += sum(batch.num_rows for batch in segment.decode())
    return rows


if __name__ == "__main__":
    warm()
