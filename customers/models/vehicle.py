"""Cars, and who owned them when."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, GeneratedField, OuterRef, Q
from django.db.models.functions import Now, Right, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer, StoreCustomer
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class VehicleQuerySet(StoreScopedQuerySet["Vehicle"]):
    def _in(self, stores: Any) -> Self:
        """Cars of the stores, and cars whose present owner one of the stores knows."""
        known_owner = StoreCustomer.objects.filter(customer=OuterRef("owner"), store__in=stores)
        return self.filter(Q(home_store__in=stores) | Exists(known_owner))

    def kept(self) -> Self:
        """Neither sold away nor scrapped."""
        return self.filter(state=Vehicle.State.IN_USE)


class Vehicle(models.Model):
    class State(models.TextChoices):
        IN_USE = "in_use", _("in use")
        SOLD_AWAY = "sold_away", _("sold away")
        SCRAPPED = "scrapped", _("scrapped")

    # The store that counts the car as its own; segments and thresholds are that store's.
    home_store = models.ForeignKey(
        Store, models.PROTECT, related_name="home_vehicles", verbose_name=_("home store")
    )
    # The present owner; Ownership keeps the past ones.
    owner = models.ForeignKey(
        Customer, models.PROTECT, null=True, related_name="vehicles", verbose_name=_("owner")
    )
    plate = models.CharField(_("plate"), max_length=10, blank=True, db_index=True)
    # What people remember of a plate: it without province and city.
    plate_serial = GeneratedField(
        expression=Substr("plate", 3),
        output_field=models.CharField(max_length=10),
        db_persist=True,
        db_index=True,
    )
    vin = models.CharField(_("VIN"), max_length=17, blank=True)
    vin_tail = GeneratedField(
        expression=Right("vin", 6),
        output_field=models.CharField(max_length=6),
        db_persist=True,
        db_index=True,
    )
    brand = models.CharField(_("brand"), max_length=60, blank=True)
    series = models.CharField(_("series"), max_length=60, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    purchased_on = models.DateField(_("purchase date"), null=True, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    three_guarantees_until = models.DateField(_("three guarantees until"), null=True, blank=True)
    insurance_until = models.DateField(_("insurance until"), null=True, blank=True)
    inspection_until = models.DateField(_("annual inspection until"), null=True, blank=True)
    odometer_km = models.PositiveIntegerField(_("last odometer (km)"), null=True, blank=True)
    odometer_on = models.DateField(_("day of the odometer reading"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.IN_USE)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = VehicleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("vin",), condition=~Q(vin=""), name="one_vehicle_per_vin"),
            # Without a VIN the plate is the identity; two VINs may have carried one plate, one after the other.
            models.UniqueConstraint(
                fields=("plate",),
                condition=Q(vin="") & ~Q(plate=""),
                name="one_vehicle_per_plate_without_vin",
            ),
            models.CheckConstraint(condition=~Q(plate="") | ~Q(vin=""), name="vehicle_has_identity"),
            models.CheckConstraint(
                condition=Q(odometer_km__isnull=True) | Q(odometer_km__lt=1_000_000),
                name="vehicle_odometer_sane",
            ),
        ]
        indexes = [
            models.Index(fields=("home_store", "-id"), name="vehicle_home_newest"),
            # Segmentation reads the cars in their order from this alone: a car's row is ten times as long, and the
            # pages have room for changes (measured: a tenth of a full run). What changes often stands in no index.
            models.Index(
                fields=("id", "home_store", "owner", "state", "purchased_on"), name="vehicle_of_segments"
            ),
        ]
        verbose_name = _("vehicle")
        verbose_name_plural = _("vehicles")

    def __str__(self) -> str:
        return self.plate or self.vin

    @property
    def display_model(self) -> str:
        return self.model or self.series or self.brand


class Ownership(models.Model):
    """A period of ownership: ``since_on`` <= day < ``until_on``; without ``until_on`` the present one."""

    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="ownerships")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="ownerships")
    since_on = models.DateField(null=True)
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("vehicle",), condition=Q(until_on__isnull=True), name="one_present_owner"
            ),
            models.CheckConstraint(
                condition=Q(since_on__isnull=True)
                | Q(until_on__isnull=True)
                | Q(until_on__gte=F("since_on")),
                name="ownership_ends_after_it_begins",
            ),
        ]
        ordering = (F("since_on").desc(nulls_last=True),)
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")

    def __str__(self) -> str:
        return f"{self.vehicle_id}: {self.customer_id}"
