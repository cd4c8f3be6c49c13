"""Where every query starts: from what the user may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

if TYPE_CHECKING:
    from collections.abc import Iterable

    from staff.models import Store, User

M = TypeVar("M", bound=models.Model)


class StoreScopedQuerySet(models.QuerySet[M]):
    """Rows owned by one store, found along ``store_path``."""

    store_path = "store"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rows of the stores ``user`` works in. Strangers see nothing."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_all_stores:
            return self
        return self._in(user.stores.filter(is_active=True))

    def in_stores(self, stores: Iterable[Store]) -> Self:
        """Rows of ``stores`` only: narrows what a page shows, never widens what may be seen."""
        return self._in(list(stores))

    def _in(self, stores: Any) -> Self:
        return self.filter(**{f"{self.store_path}__in": stores})
