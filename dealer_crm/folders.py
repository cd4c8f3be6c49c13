"""The embedded broker: kombu's folder transport, made safe for several processes."""

from __future__ import annotations

import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Messages appear whole and leave once.

    kombu writes them in place, so that a reader can find half of one, which ends the worker; and it moves them to the
    system's temporary folder, where on another file system two readers can copy the same one.
    """

    # kombu itself names this argument differently in two of its classes.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        unfinished = Path(self.data_folder_out, f".{name}")
        unfinished.write_bytes(str_to_bytes(dumps(payload)))
        unfinished.replace(Path(self.data_folder_out, name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.startswith(".") or name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = Path(self.processed_folder, name)
            try:
                Path(self.data_folder_in, name).replace(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            text = taken.read_bytes()
            taken.unlink()
            try:
                return loads(bytes_to_str(text))
            except ValueError:
                logger.warning("message %s cannot be read and is dropped; the sweep rings again", name)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
