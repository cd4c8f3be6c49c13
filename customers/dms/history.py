"""What was imported last, in a line or two."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Import
from staff.models import Store, User


def freshness(*, user: User, stores: Iterable[Store]) -> list[str]:
    """How old the data in view is, for the foot of the navigation; nothing before the first import."""
    newest = (
        Import.objects.visible_to(user)
        .in_stores(stores)
        .finished()
        .order_by("-committed_at")
        .only("committed_at")
        .first()
    )
    if newest is None or newest.committed_at is None:
        return []
    when = timezone.localtime(newest.committed_at)
    return [
        _("Data as of %(when)s") % {"when": f"{when:%m-%d %H:%M}"},
        _("DMS import #%(number)d") % {"number": newest.pk},
    ]
