"""Tags: a store's own words for its customers, and the group's."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer
from customers.values.names import normalise_name
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


def tag_key(name: str) -> str:
    """Tags that read alike are one: "VIP 客户", "vip客户" and "ＶＩＰ客户"."""
    return normalise_name(name).casefold()


class TagQuerySet(StoreScopedQuerySet["Tag"]):
    def _in(self, stores: Any) -> Self:
        """The stores' words, and the group's."""
        return self.filter(Q(store=None) | Q(store__in=stores))


class Tag(models.Model):
    # None: a word of the group, for every store.
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("store")
    )
    name = models.CharField(_("tag"), max_length=20)
    name_key = models.CharField(max_length=40, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Coalesce("store", Value(0)), "name_key", name="tag_once_per_store"),
            models.CheckConstraint(condition=~Q(name_key=""), name="tag_has_name"),
        ]
        ordering = ("name", "pk")
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = tag_key(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """For forms: the constraint is over columns that no form shows."""
        self.name_key = tag_key(self.name)
        if not self.name_key:
            raise ValidationError({"name": _("Enter a word or two.")})
        if Tag.objects.filter(store=self.store, name_key=self.name_key).exclude(pk=self.pk).exists():
            raise ValidationError({"name": _("There is this tag already.")})


class CustomerTag(models.Model):
    """A tag on a customer, and who put it there."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tag_links", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="links", db_index=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("customer", "tag"), name="tag_once_per_customer")]
        indexes = [models.Index(fields=("tag", "customer"), name="customers_of_tag")]
        verbose_name = _("tag of a customer")
        verbose_name_plural = _("tags of customers")

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tag_id}"
