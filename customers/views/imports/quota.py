"""The size limit of uploads, kept while the bytes come in: nothing beyond it reaches the disk."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

# Beyond so many times the limit the rest is not even read: the browser sees a broken connection.
_PATIENCE = 10


class QuotaHandler(FileUploadHandler):
    """First in the row of handlers; afterwards ``too_big`` says whether the file was dropped."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._announced = 0
        self._received = 0
        self.too_big = False

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803  # Django's own name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self._announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # The other fields of the form are few: what is announced is the file.
        if self._announced > self._limit + (1 << 16):
            self._stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > self._limit:
            self._stop()
        return raw_data

    def _stop(self) -> None:
        self.too_big = True
        raise StopUpload(connection_reset=self._announced > self._limit * _PATIENCE)

    def file_complete(self, file_size: int) -> None:
        return None
