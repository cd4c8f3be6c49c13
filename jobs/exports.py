"""Files of long lists, made by a job once another person has approved them."""

from __future__ import annotations

from jobs.models import Job
from jobs.services import enqueue
from staff.models import ExportRequest

MAKE = "jobs.make_export"


def order(request: ExportRequest) -> Job:
    """Put the making of an approved file down; who asked can follow it."""
    stores = list(request.stores.all())
    return enqueue(
        kind=MAKE,
        key=f"{MAKE}:{request.pk}",
        arguments={"request": request.pk},
        store=stores[0] if len(stores) == 1 else None,
        by=request.requested_by,
    )
