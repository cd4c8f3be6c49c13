"""Receiving a file, and forgetting it."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction

from customers.dms.refused import FileRefused
from customers.models import Import
from staff.models import Store, User
from staff.services import record

Status = Import.Status
CHUNK = 1 << 18
# The rows stay in the database, sealed; the file itself is not needed for longer.
KEEP_FILES = timedelta(days=30)


def receive_upload(
    *, file: IO[bytes], file_name: str, store: Store, by: User | None, form_key: uuid.UUID | None = None
) -> tuple[Import, bool]:
    """Keep the file under a random name; the import, and whether this call made it.

    A second post of one form finds the first one's. Raises FileRefused for an empty file or one too big.
    """
    if form_key is not None:
        first = Import.objects.filter(form_key=form_key, created_by=by).first()
        if first is not None:
            return first, False
    size, digest = _measure(file)
    imported = Import(
        store=store,
        file_name=Path(file_name).name[:200],
        size=size,
        sha256=digest,
        form_key=form_key,
        created_by=by,
        repeats=written_before(store=store, sha256=digest),
    )
    imported.file.save("upload", File(file), save=False)
    try:
        with transaction.atomic():
            imported.save()
            record(user=by, action="import.upload", store=store, subject=imported, size=size)
    except IntegrityError:
        imported.file.delete(save=False)
        return Import.objects.get(form_key=form_key, created_by=by), False
    return imported, True


def _measure(file: IO[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > settings.IMPORT_MAX_BYTES:
            raise FileRefused("too_big")
        digest.update(chunk)
    file.seek(0)
    if not size:
        raise FileRefused("empty_file")
    return size, digest.hexdigest()


def written_before(*, store: Store, sha256: str) -> Import | None:
    """The import that wrote these very bytes to the store and still stands."""
    return Import.objects.finished().filter(store=store, sha256=sha256).order_by("pk").first()


def forget_files(*, now: datetime) -> int:
    """Delete the uploaded files that are no longer needed; return how many. Their rows stay, sealed."""
    old = Import.objects.filter(created_at__lt=now - KEEP_FILES).exclude(file="")
    count = 0
    for imported in old.exclude(status__in=(Status.CHECKING, Status.COMMITTING)):
        imported.file.delete(save=False)
        Import.objects.filter(pk=imported.pk).update(file="")
        count += 1
    return count
