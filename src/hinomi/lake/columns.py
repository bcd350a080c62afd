"""Arrow columns to and from NumPy by their buffers.

PyArrow's own conversions import pandas first, to ask whether the value is pandas': 0.4 s and 45 MB on the way of `observe`.
Its functions, `unique` among them, import `pyarrow.compute`: 30 ms.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def times(column: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """Microseconds since 1970 of a column without nulls, a view where it is one array."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [np.frombuffer(one.buffers()[1], np.int64)[one.offset : one.offset + len(one)] for one in chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def integers(values: NDArray[np.int64]) -> pa.Array:
    """An int64 column over the values, not copied."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def repeated(word: str, rows: int) -> pa.Array:
    """One word for every row, as a dictionary of one."""
    letters = word.encode()
    dictionary = pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, len(letters)], np.int32)), pa.py_buffer(letters))
    zeros = pa.Array.from_buffers(pa.int32(), rows, [None, pa.py_buffer(np.zeros(rows, np.int32))])
    return pa.DictionaryArray.from_arrays(zeros, dictionary)


def words(column: pa.ChunkedArray) -> set[str]:
    """The words that occur in a column of dictionaries without nulls."""
    found: set[str] = set()
    for chunk in column.chunks:
        indices = chunk.indices
        rows = np.frombuffer(indices.buffers()[1], np.int32)[indices.offset : indices.offset + len(indices)]
        found.update(chunk.dictionary[int(one)].as_py() for one in np.flatnonzero(np.bincount(rows)))
    return found
