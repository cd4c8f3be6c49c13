"""Imports: what was uploaded, what came of each row, and what it changed, so that it can be taken back."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.encryption import EncryptedTextField
from customers.models.visit import Visit
from customers.values.packing import unpack
from jobs.models import Job
from staff.models import Store
from staff.querysets import StoreScopedQuerySet

UNDO_FOR = timedelta(days=7)


def random_name(instance: models.Model, filename: str) -> str:
    """Says nothing about the file: neither its name nor its kind reach the disk."""
    return f"imports/{uuid.uuid4().hex}"


class ImportQuerySet(StoreScopedQuerySet["Import"]):
    def finished(self) -> ImportQuerySet:
        return self.filter(status=Import.Status.DONE)

    def without_reports(self) -> ImportQuerySet:
        """Of a file whose rows were all refused they take a hundred megabytes to read."""
        return self.defer("report", "samples", "undo_report")


class Import(models.Model):
    """One uploaded export and what became of it."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        MAPPED = "mapped", _("Waits for decisions")
        READY = "ready", _("Ready to write")
        COMMITTING = "committing", _("Being written")
        DONE = "done", _("Written")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", pgettext_lazy("state of an import", "Cancelled")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", pgettext_lazy("state of an import", "Taken back")

    class Export(models.TextChoices):
        ORDERS = "orders", _("Orders")
        LINES = "lines", _("Orders with their items")
        CUSTOMERS = "customers", _("Customers and vehicles")

    store = models.ForeignKey(
        Store, models.PROTECT, related_name="imports", db_index=False, verbose_name=_("store")
    )
    file = models.FileField(upload_to=random_name, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64)
    form_key = models.UUIDField(null=True, unique=True, editable=False)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.RECEIVED)
    export = models.CharField(_("content"), max_length=9, choices=Export, blank=True)
    # How the file is read: its sheet, its columns (Mapping.as_dict), what 05-01-2018 means.
    sheet = models.CharField(max_length=120, blank=True)
    # The row a person calls the header, where none has names that are known.
    header_row = models.PositiveIntegerField(null=True, editable=False)
    mapping = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    day_order = models.CharField(max_length=3, blank=True)
    # Field -> fill, overwrite or keep, where the user chose otherwise than usual.
    policy = models.JSONField(default=dict)
    # What a user typed instead of cells of the file: JSON {row number: {column number: text}}. Sealed like the samples.
    corrections = EncryptedTextField(default=b"", editable=False)
    # Corrections were made since the last dry run: nobody has seen yet what would come of them.
    untried = models.BooleanField(default=False, db_default=False, editable=False)
    # The mapping page's first rows, and the preview page's samples; of a file without a known header its first rows, of
    # all its sheets, to choose it from: sealed, they are customers' data.
    samples = EncryptedTextField(default=b"", editable=False)
    report = models.JSONField(default=dict)
    # What was written (or, before that, would be): {"created": {...}, "changed": {...}, "unchanged": {...}}.
    counts = models.JSONField(default=dict)
    undo_report = models.JSONField(default=dict)
    seconds = models.JSONField(default=dict)
    # A code of labels.REFUSALS.
    refusal = models.CharField(max_length=24, blank=True)
    # The same bytes were written before by that one.
    repeats = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="repeated_by")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    committed_at = models.DateTimeField(_("written"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(_("taken back"), null=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=("store", "-id"), name="import_newest"),
            models.Index(fields=("store", "sha256"), name="import_same_bytes"),
        ]
        ordering = ("-id",)
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"#{self.pk} {self.file_name}"

    @property
    def refusal_text(self) -> str:
        from customers.dms.labels import refusal_label

        return str(refusal_label(self.refusal)) if self.refusal else ""

    @property
    def undo_until(self) -> datetime | None:
        return self.committed_at + UNDO_FOR if self.committed_at else None

    @property
    def stood_at(self) -> datetime | None:
        """When its rows could be seen: its time in the database is that of the writing's beginning."""
        taken = sum(self.seconds.get(step, 0) for step in ("write", "commit"))
        return self.committed_at + timedelta(seconds=taken) if self.committed_at else None

    def may_undo(self, now: datetime) -> bool:
        return self.status == self.Status.DONE and self.undo_until is not None and now < self.undo_until

    @property
    def remembered_samples(self) -> dict[str, Any]:
        """Rows for the mapping page and the preview page; empty before the first check."""
        found: dict[str, Any] = json.loads(self.samples) if self.samples else {}
        return found

    @property
    def header_choices(self) -> dict[str, list[tuple[int, list[Any]]]]:
        """By sheet the first rows, of which a person may say which is the header.

        None where it is too late or not asked; one sheet where the others have nothing, or the file has none.
        """
        is_asked = (
            self.refusal in ("no_header", "no_rows")
            if self.status == self.Status.REFUSED
            else self.header_row and self.status in (self.Status.MAPPED, self.Status.READY)
        )
        if not is_asked or not self.file:
            return {}
        kept = self.remembered_samples
        return dict(kept.get("sheets", ())) or ({self.sheet: kept["first"]} if kept.get("first") else {})

    @property
    def corrected_cells(self) -> dict[int, dict[int, str]]:
        """Row number -> column number -> what stands instead of the file's cell."""
        kept = json.loads(self.corrections) if self.corrections else {}
        return {int(row): {int(index): text for index, text in cells.items()} for row, cells in kept.items()}


class ImportMapping(models.Model):
    """What a store's user decided for files of one shape."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    fingerprint = models.CharField(max_length=64)
    # Column number -> field, only where the user chose.
    columns = models.JSONField(default=dict)
    policy = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("store", "fingerprint"), name="one_mapping_per_shape")]
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")

    def __str__(self) -> str:
        return f"{self.store_id}: {self.fingerprint[:8]}"


class KindWord(models.Model):
    """A word of a store's DMS for a kind of visit, as its user explained it."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+", db_index=False)
    word = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Visit.Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("store", "word"), name="one_kind_per_word")]
        verbose_name = _("word for a kind of visit")
        verbose_name_plural = _("words for kinds of visits")

    def __str__(self) -> str:
        return self.word


class ImportRowQuerySet(StoreScopedQuerySet["ImportRow"]):
    store_path = "imported__store"


class ImportRow(models.Model):
    """A row that was not simply taken as it stands; the others are in the raw rows alone."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted with a warning")
        REJECTED = "rejected", _("rejected")
        SKIPPED = "skipped", _("skipped")
        DUPLICATE = "duplicate", _("duplicate")
        REVERSAL = "reversal", _("reversal")

    imported = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False)
    row_no = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(max_length=9, choices=Outcome)
    reason = models.CharField(max_length=24, blank=True)
    # The row it repeats or reverses.
    of_row = models.PositiveIntegerField(null=True)
    warnings = models.JSONField(default=list)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("imported", "row_no"), name="one_outcome_per_row")]
        indexes = [models.Index(fields=("imported", "outcome", "row_no"), name="import_rows_by_outcome")]
        ordering = ("row_no",)
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")

    def __str__(self) -> str:
        return f"{self.imported_id}:{self.row_no}"


class RawRows(models.Model):
    """Some hundred rows of a file as they stood in it: one sealed, packed text instead of a row each."""

    imported = models.ForeignKey(Import, models.CASCADE, related_name="raw_rows", db_index=False)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    first_row = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    body = EncryptedTextField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("imported", "first_row"), name="raw_rows_once")]
        ordering = ("first_row",)
        verbose_name = _("rows as they stood in the file")
        verbose_name_plural = _("rows as they stood in the file")

    def __str__(self) -> str:
        return f"{self.imported_id}:{self.first_row}-{self.last_row}"

    def cells(self) -> dict[int, list[Any]]:
        """Row number -> cells."""
        return dict(unpack(self.body))


class ImportChange(models.Model):
    """Up to some hundred rows of one table that an import made or changed.

    ``rows`` of made ones: [[pk, row of the file or null], ...]; of changed ones:
    [[pk, row or null, {column: old}, {column: new}, when it was touched before or null], ...]. Sealed columns stand as
    their ciphertext.
    """

    imported = models.ForeignKey(Import, models.CASCADE, related_name="changes", db_index=False)
    model = models.CharField(max_length=24)
    created = models.BooleanField()
    first_pk = models.BigIntegerField()
    last_pk = models.BigIntegerField()
    rows = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=("imported", "model", "created"), name="import_changes"),
            models.Index(fields=("model", "first_pk", "last_pk"), name="import_change_of_row"),
        ]
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by imports")

    def __str__(self) -> str:
        return f"{self.imported_id}: {self.model} {self.first_pk}-{self.last_pk}"
