"""The owner's card: who they are, how to reach them, which stores may see them."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers import lookups as lookups  # registers field__prefix
from customers.encryption import EncryptedTextField
from staff.models import Store
from staff.querysets import StoreScopedQuerySet


class CustomerQuerySet(StoreScopedQuerySet["Customer"]):
    def _in(self, stores: Any) -> Self:
        # A customer of several stores is one row here: EXISTS, not a join that would double it.
        return self.filter(Exists(StoreCustomer.objects.filter(customer=OuterRef("pk"), store__in=stores)))


class Customer(models.Model):
    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        COMPANY = "company", _("company")

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")

    class Usage(models.TextChoices):
        PRIVATE = "private", _("private car")
        OFFICIAL = "official", _("company car")
        TAXI = "taxi", _("taxi")
        RIDE_HAILING = "ride_hailing", _("ride-hailing")
        OTHER = "other", _("other use")

    class Channel(models.TextChoices):
        WALK_IN = "walk_in", _("walk-in")
        PHONE = "phone", _("phone inquiry")
        WEB = "web", _("web")
        THIRD_PARTY = "third_party", _("third party")
        REFERRAL = "referral", _("referral")
        DMS = "dms", _("DMS")

    class Intention(models.TextChoices):
        POTENTIAL = "potential", _("potential")
        INTENDING = "intending", _("intending")
        PROSPECTIVE = "prospective", _("prospective")
        BOUGHT = "bought", _("bought")

    class ContactChannel(models.TextChoices):
        CALL = "call", _("phone call")
        MESSAGE = "message", _("text message")
        WECHAT = "wechat", _("WeChat")

    # Names the row for life: the encrypted columns are bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    home_store = models.ForeignKey(
        Store, models.PROTECT, related_name="home_customers", verbose_name=_("home store")
    )
    name = models.CharField(_("name"), max_length=120)
    # Company names without blanks and brackets: two spellings of one company are one customer.
    name_key = models.CharField(max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PERSON)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    id_number = EncryptedTextField(_("ID number"), default=b"", blank=True, editable=True)
    id_number_index = models.CharField(max_length=32, blank=True, editable=False)
    address = EncryptedTextField(_("address"), default=b"", blank=True, editable=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    distance_m = models.PositiveIntegerField(_("distance to the store (m)"), null=True, blank=True)
    usage = models.CharField(_("usage"), max_length=12, choices=Usage, blank=True)
    channel = models.CharField(_("acquisition channel"), max_length=12, choices=Channel, blank=True)
    referred_by = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="referrals",
        verbose_name=_("referred by"),
    )
    intention = models.CharField(_("purchase intention"), max_length=12, choices=Intention, blank=True)
    preferred_time = models.CharField(_("preferred contact time"), max_length=40, blank=True)
    preferred_channel = models.CharField(
        _("preferred contact channel"), max_length=8, choices=ContactChannel, blank=True
    )
    may_call = models.BooleanField(_("agreed to be called"), default=True)
    may_message = models.BooleanField(_("agreed to messages"), default=True)
    do_not_call = models.BooleanField(_("do not call"), default=False)
    price_sensitive = models.BooleanField(_("finds maintenance expensive"), default=False)
    # Counts saved edits: a form made from an older one is refused and shown beside the newer.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("id_number_index",),
                condition=~Q(id_number_index=""),
                name="one_customer_per_id_number",
            ),
            models.CheckConstraint(condition=Q(kind__in=("person", "company")), name="customer_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_name"),
        ]
        indexes = [
            models.Index(fields=("name_key",), condition=~Q(name_key=""), name="customer_company_key"),
            models.Index(fields=("home_store", "-id"), name="customer_home_newest"),
            # Few; segmentation asks of every owner whether this one is of them, and mostly reads no row for it.
            models.Index(fields=("id",), condition=Q(price_sensitive=True), name="customer_price_sensitive"),
        ]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name

    @property
    def may_be_called(self) -> bool:
        """ "Do not call" outranks every consent."""
        return self.may_call and not self.do_not_call


class StoreCustomer(models.Model):
    """The stores that may see a customer: the home store, and each one a car of theirs has visited."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="store_links", db_index=False)
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("customer", "store"), name="store_sees_customer_once")]
        indexes = [models.Index(fields=("store", "customer"), name="store_customers")]
        verbose_name = _("customer of a store")
        verbose_name_plural = _("customers of stores")

    def __str__(self) -> str:
        return f"{self.store_id}: {self.customer_id}"


class CustomerCode(models.Model):
    """The number a store's DMS gives a customer."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="codes")
    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("store", "code"), name="dms_code_once_per_store")]
        verbose_name = _("customer number")
        verbose_name_plural = _("customer numbers")

    def __str__(self) -> str:
        return self.code


class PhoneQuerySet(StoreScopedQuerySet["Phone"]):
    def _in(self, stores: Any) -> Self:
        return self.filter(
            Exists(StoreCustomer.objects.filter(customer=OuterRef("customer"), store__in=stores))
        )


class Phone(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="phones", db_index=False)
    number = EncryptedTextField(_("phone"), default=b"")
    # Fingerprints of the digits and of their last four, to find it by.
    number_index = models.CharField(max_length=32)
    last4_index = models.CharField(max_length=32)
    is_mobile = models.BooleanField(default=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = PhoneQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("customer", "number_index"), name="phone_once_per_customer"),
            models.UniqueConstraint(
                fields=("customer",), condition=Q(is_primary=True), name="one_primary_phone"
            ),
        ]
        indexes = [
            models.Index(fields=("number_index",), name="phone_number"),
            models.Index(fields=("last4_index",), name="phone_last4"),
        ]
        verbose_name = _("phone")
        verbose_name_plural = _("phones")

    def __str__(self) -> str:
        return f"phone {self.pk} of customer {self.customer_id}"


class NameGram(models.Model):
    """Each two neighbouring characters of a name: how a name is found by a part of it on any database."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="grams")
    gram = models.CharField(max_length=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("gram", "customer"), name="gram_once_per_customer")]
        verbose_name = _("part of a name")
        verbose_name_plural = _("parts of names")

    def __str__(self) -> str:
        return self.gram


class MemoQuerySet(StoreScopedQuerySet["Memo"]):
    pass


class Memo(models.Model):
    """What an advisor or agent wants the next colleague to know."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="memos")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(_("memo"), max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    form_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = MemoQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("memo")
        verbose_name_plural = _("memos")

    def __str__(self) -> str:
        return self.text[:40]
