"""Serves chosen files out of node_modules: the chart library's local copy and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core import checks
from django.core.files.storage import FileSystemStorage


class NpmFinder(BaseFinder):
    """Finds ``settings.NPM_STATIC``: address under STATIC_URL -> path inside node_modules."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.root = Path(settings.BASE_DIR) / "node_modules"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        missing = [source for source in settings.NPM_STATIC.values() if not (self.root / source).is_file()]
        if not missing:
            return []
        return [
            checks.Warning(
                "The local copy of Chart.js is missing; without the CDN, pages show tables instead of charts.",
                hint='Run "npm ci".',
                obj=", ".join(missing),
                id="dealer_crm.W001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = settings.NPM_STATIC.get(path)
        found = self.root / source if source else None
        if found is None or not found.is_file():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for address, source in settings.NPM_STATIC.items():
            path = self.root / source
            if path.is_file():
                storage = FileSystemStorage(location=path.parent)
                # collectstatic joins this with the file's own name.
                storage.prefix = str(Path(address).parent)  # type: ignore[attr-defined]  # set by finders only
                yield path.name, storage
