"""Visits to the workshop, what was sold at them, and what was taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer
from customers.models.vehicle import Vehicle
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class VisitQuerySet(StoreScopedQuerySet["Visit"]):
    def standing(self) -> VisitQuerySet:
        """Without the fully reversed ones."""
        return self.filter(voided=False)


class Visit(models.Model):
    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", _("maintenance")
        REPAIR = "repair", _("repair")
        ACCIDENT = "accident", _("accident repair")
        WARRANTY = "warranty", _("warranty claim")
        OTHER = "other", _("other service")

    class Source(models.TextChoices):
        DESK = "desk", _("logged at the desk")
        DMS = "dms", _("DMS import")

    store = models.ForeignKey(
        Store, models.PROTECT, related_name="visits", db_index=False, verbose_name=_("store")
    )
    # The covering index below serves every look-up by vehicle.
    vehicle = models.ForeignKey(
        Vehicle, models.PROTECT, related_name="visits", db_index=False, verbose_name=_("vehicle")
    )
    # The owner of that day, not of today.
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="visits", db_index=False, verbose_name=_("customer")
    )
    order_no = models.CharField(_("order number"), max_length=40)
    visited_on = models.DateField(_("visit date"))
    arrived_at = models.DateTimeField(_("arrival"), null=True, blank=True)
    settled_on = models.DateField(_("settlement date"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    is_rework = models.BooleanField(_("rework"), default=False, db_default=False)
    charge_type = models.CharField(_("who pays"), max_length=40, blank=True, db_default="")
    odometer_km = models.PositiveIntegerField(_("odometer (km)"), null=True, blank=True)
    labour_fen = models.BigIntegerField(_("labour (fen)"), default=0, db_default=0)
    parts_fen = models.BigIntegerField(_("parts (fen)"), default=0, db_default=0)
    discount_fen = models.BigIntegerField(_("discount (fen)"), default=0, db_default=0)
    # What was paid and not taken back: reversals are subtracted here and kept in Reversal.
    paid_fen = models.BigIntegerField(_("paid (fen)"), default=0)
    cost_fen = models.BigIntegerField(_("cost (fen)"), null=True)
    # Fully reversed: no visit any more, kept for the books.
    voided = models.BooleanField(default=False, db_default=False)
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("advisor"),
    )
    # As the DMS writes them; staff who left have no account.
    advisor_name = models.CharField(max_length=40, blank=True, db_default="")
    team = models.CharField(_("team"), max_length=40, blank=True, db_default="")
    customer_words = models.CharField(_("the customer's words"), max_length=1000, blank=True, db_default="")
    source = models.CharField(max_length=4, choices=Source, default=Source.DESK)
    # Made with the empty form: the second click of a double click finds the first one's visit.
    form_key = models.UUIDField(null=True, unique=True, editable=False)
    # Fingerprint of the row of a file that made it. While nothing has changed it since, the same row is no news.
    said = models.BigIntegerField(null=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [
            # The pattern operators let this one index also find numbers by how they begin (PostgreSQL).
            models.UniqueConstraint(
                fields=("store", "order_no"),
                opclasses=("int8_ops", "varchar_pattern_ops"),
                name="order_number_once_per_store",
            ),
            models.CheckConstraint(condition=~Q(order_no=""), name="visit_has_order_number"),
            models.CheckConstraint(
                condition=Q(kind__in=("maintenance", "repair", "accident", "warranty", "other")),
                name="visit_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(odometer_km__isnull=True) | Q(odometer_km__lt=1_000_000),
                name="visit_odometer_sane",
            ),
            models.CheckConstraint(condition=Q(visited_on__gte="1990-01-01"), name="visit_after_1990"),
        ]
        indexes = [
            # Key order without a hash or a heap: segmentation reads this index alone (measured 4.5 times cheaper).
            # Of every visit, voided ones too: without a whole index each deleted car costs a scan of the table,
            # because the foreign key's check cannot use a partial one.
            models.Index(
                fields=("vehicle", "visited_on", "kind", "paid_fen", "store", "voided"),
                name="visit_by_vehicle",
            ),
            models.Index(fields=("customer", "visited_on"), name="visit_by_customer"),
            # Read backwards it gives a store's newest visits; read whole, the months' figures without the table.
            models.Index(
                fields=("store", "visited_on", "id", "kind", "paid_fen", "voided"),
                condition=Q(voided=False),
                name="visit_by_store",
            ),
            # What an import may find to be its own orders: few, the others came from the DMS.
            models.Index(
                fields=("store", "vehicle"),
                condition=Q(source="desk") & Q(voided=False),
                name="visit_of_desk",
            ),
        ]
        verbose_name = _("visit")
        verbose_name_plural = _("visits")

    def __str__(self) -> str:
        return self.order_no


class VisitLine(models.Model):
    """An item of the order."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("item"), max_length=120)
    amount_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("visit", "position"), name="visit_line_position")]
        ordering = ("position",)
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")

    def __str__(self) -> str:
        return self.name


class MoneyBack(models.Model):
    """Under its own order number or that of the order it is of."""

    order_no = models.CharField(max_length=40)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.order_no


class PendingReversal(MoneyBack):
    """Money given back on an order that no import has brought yet, or that such an order is void. It stays, and each
    visit made of that order has a Reversal of it."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)
    target_no = models.CharField(max_length=40)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, related_name="+")
    # Of a void order: all that was paid, on the day of the visit. It makes no car, and tells which one it was.
    reversed_on = models.DateField(null=True)
    amount_fen = models.BigIntegerField(null=True)
    vin = models.CharField(max_length=17, blank=True, db_default="")
    plate = models.CharField(max_length=10, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("store", "target_no", "vehicle", "order_no", "reversed_on", "amount_fen"),
                name="pending_reversal_once",
            ),
            models.UniqueConstraint(
                fields=("store", "target_no", "vin", "plate"),
                condition=Q(amount_fen__isnull=True),
                name="pending_void_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    vehicle__isnull=False,
                    reversed_on__isnull=False,
                    amount_fen__isnull=False,
                    vin="",
                    plate="",
                )
                | Q(vehicle__isnull=True, reversed_on__isnull=True, amount_fen__isnull=True)
                & ~Q(vin="", plate=""),
                name="pending_amount_or_void",
            ),
        ]
        verbose_name = _("amount taken back before its order came")
        verbose_name_plural = _("amounts taken back before their orders came")


class Reversal(MoneyBack):
    """Money given back on a visit, under its own or the visit's order number."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="reversals")
    reversed_on = models.DateField()
    amount_fen = models.BigIntegerField()
    # What an earlier import brought and left waiting for the visit.
    pending = models.ForeignKey(PendingReversal, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("visit", "order_no", "reversed_on", "amount_fen"), name="reversal_once"
            ),
            # Nothing, where an order that cost nothing was voided.
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="reversal_adds_nothing"),
        ]
        verbose_name = _("amount taken back")
        verbose_name_plural = _("amounts taken back")
