"""A list too long for memory: records in a temporary file, read by number."""

import marshal
import tempfile
from array import array
from functools import lru_cache
from typing import Any


class Spool:
    """Append, then read; the file has no name and goes with the object."""

    def __init__(self, chunk: int = 256) -> None:
        self._size = chunk
        self._file = tempfile.TemporaryFile(prefix="dms-")  # noqa: SIM115  # close() closes it
        self._offsets = array("Q", [0])
        self._open: list[Any] = []
        self._chunk = lru_cache(maxsize=16)(self._load)

    def append(self, record: Any) -> None:
        """Add a record of plain values (text, numbers, None, lists, tuples, dicts)."""
        self._open.append(record)
        if len(self._open) == self._size:
            self.flush()

    def flush(self) -> None:
        """Write what is pending; needed once before reading."""
        if self._open:
            self._file.write(marshal.dumps(self._open))
            self._offsets.append(self._file.tell())
            self._open = []

    def _load(self, number: int) -> list[Any]:
        start, end = self._offsets[number], self._offsets[number + 1]
        self._file.seek(start)
        # Our own bytes from a file without a name: nobody else can write them.
        chunk: list[Any] = marshal.loads(self._file.read(end - start))  # noqa: S302
        return chunk

    def __getitem__(self, index: int) -> Any:
        return self._chunk(index // self._size)[index % self._size]

    def close(self) -> None:
        """Give the space back."""
        self._chunk.cache_clear()
        self._file.close()
