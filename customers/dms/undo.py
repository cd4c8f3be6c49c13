"""Taking an import back: made rows go, changed rows get their old values, what others built on stays and is listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from customers.dms import sql
from customers.dms.bulk import BATCH, chunks, instant
from customers.dms.dependents import NOTED, Dependent, dependents
from customers.dms.restore import restore
from customers.dms.write import lock
from customers.models import (
    Customer,
    CustomerCode,
    Import,
    ImportChange,
    Ownership,
    PendingReversal,
    Phone,
    Reversal,
    StoreCustomer,
    Vehicle,
    Visit,
    VisitLine,
)
from jobs.services import announce
from staff.models import Store

LISTED = 200
CHANGED = gettext_noop("changed since")
DEPENDS = gettext_noop("needed by other records")
TOGETHER = gettext_noop("belongs to a record that stays")
# Between the reason and the kind of record that needs the row.
_BY = "|"
NAMES: dict[type[models.Model], str] = {
    Visit: "visits",
    Vehicle: "vehicles",
    Customer: "customers",
    VisitLine: "lines",
    Reversal: "reversals",
    PendingReversal: "pending_reversals",
    Ownership: "ownerships",
    Phone: "phones",
    CustomerCode: "codes",
    StoreCustomer: "links",
}
_PARTS: tuple[type[models.Model], ...] = (Reversal, VisitLine)
_VISITS: tuple[type[models.Model], ...] = (*_PARTS, Visit)
_CONTACTS: tuple[type[models.Model], ...] = (Phone, CustomerCode, StoreCustomer)
_CUSTOMERS: tuple[type[models.Model], ...] = (*_CONTACTS, Customer)


@dataclass(slots=True)
class Undone:
    """Rows by kind; ``kept`` those made by the import that stay, ``unrestored`` those changed that stay as they are."""

    removed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    unrestored: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "removed": self.removed,
            "restored": self.restored,
            "kept": self.kept,
            "unrestored": self.unrestored,
            "rows": self.rows[:LISTED],
        }

    def leave(self, model: type[models.Model], pks: list[int]) -> None:
        """Changed rows that somebody changed again."""
        if not pks:
            return
        name = NAMES[model]
        self.unrestored[name] = self.unrestored.get(name, 0) + len(pks)
        self.rows += [{"model": model._meta.model_name, "pk": pk, "reason": CHANGED} for pk in pks[:LISTED]]


def undo(
    *, imported: Import, now: datetime, finish: Callable[[dict[str, Any]], Any] | None = None
) -> dict[str, Any]:
    """Take ``imported`` back in one transaction; ``finish`` is called last inside it. Returns the counts."""
    with transaction.atomic():
        lock()
        fresh = Import.objects.without_reports().select_for_update(of=("self",)).get(pk=imported.pk)
        stores = _touched_stores(fresh)
        done = Undone()
        _load(fresh)
        stamp = fresh.committed_at
        assert stamp is not None
        _undo_visits(fresh, done, stamp)
        _undo_vehicles(fresh, done, stamp)
        _undo_customers(fresh, done, stamp)
        _count(done)
        fresh.status, fresh.undone_at, fresh.undo_report = Import.Status.UNDONE, now, done.as_dict()
        fresh.save(update_fields=["status", "undone_at", "undo_report"])
        for store in stores:
            announce("visits_changed", store=store)
        result = {"import": fresh.pk, "removed": done.removed, "restored": done.restored, "kept": done.kept}
        if finish:
            finish(result)
        sql.run_text("DROP TABLE IF EXISTS undo")
    imported.refresh_from_db(fields=["status", "undone_at", "undo_report"])
    return result


def built_on(imported: Import) -> list[int]:
    """Later imports that may stand on rows which ``imported`` made or changed: they are to be taken back first."""
    same = ImportChange.objects.filter(
        imported=imported,
        model=OuterRef("model"),
        first_pk__lte=OuterRef("last_pk"),
        last_pk__gte=OuterRef("first_pk"),
    )
    waited = ImportChange.objects.filter(
        imported=imported,
        model=PendingReversal._meta.model_name,
        first_pk__lte=OuterRef("pending"),
        last_pk__gte=OuterRef("pending"),
    )
    taken_off = Reversal.objects.filter(
        Exists(waited), pk__gte=OuterRef("first_pk"), pk__lte=OuterRef("last_pk")
    )
    later = ImportChange.objects.filter(
        Q(Exists(same), created=False) | Q(Exists(taken_off), created=True, model=Reversal._meta.model_name),
        imported__status=Import.Status.DONE,
        imported__committed_at__gt=imported.committed_at,
    )
    return list(later.order_by("imported").values_list("imported", flat=True).distinct())


def _load(imported: Import) -> None:
    sql.run_text(
        "DROP TABLE IF EXISTS undo;"
        " CREATE TEMPORARY TABLE undo (model text, id bigint, kept text, PRIMARY KEY (model, id));"
        " INSERT INTO undo (model, id, kept) SELECT c.model, FIRST_OF_EACH(), ''"
        " FROM customers_importchange c, EACH(c.rows) WHERE c.imported_id = :import AND c.created",
        **{"import": imported.pk},
    )
    if connection.vendor == "postgresql":
        sql.run_text("ANALYZE undo")


def _touched_stores(imported: Import) -> list[Store]:
    homes = sql.rows(
        "SELECT DISTINCT v.home_store_id FROM customers_vehicle v JOIN customers_visit s ON s.vehicle_id = v.id"
        " WHERE s.store_id = :store AND v.home_store_id <> :store",
        store=imported.store_id,
    )
    return list(Store.objects.filter(pk__in=[imported.store_id, *(pk for (pk,) in homes)]).order_by("pk"))


def _keep(model: type[models.Model], which: str, reason: str, /, **values: Any) -> None:
    """Keep the made rows of ``model`` whose id ``which`` selects."""
    sql.run_text(
        f"UPDATE undo SET kept = :reason WHERE model = :model AND kept = '' AND id IN ({which})",
        reason=reason,
        model=model._meta.model_name,
        **values,
    )


def _going(model: type[models.Model]) -> str:
    return f"SELECT id FROM undo WHERE model = '{model._meta.model_name}' AND kept = ''"


def _keep_needed(model: type[models.Model], *, but: tuple[type[models.Model], ...] = ()) -> None:
    """Keep what rows that stay point to; the app furthest right names best what they are."""
    for other in reversed([*dependents(model)]):
        if other.goes_along or other.model in but:
            continue
        table, column = other.model._meta.db_table, other.field.column
        staying = ""
        if other.is_noted:
            staying = f" AND {other.model._meta.pk.column} NOT IN ({_going(other.model)})"
        which = f"SELECT {column} FROM {table} WHERE {column} IN ({_going(model)}){staying}"
        _keep(model, which, f"{DEPENDS}{_BY}{other.model._meta.label_lower}")


def _keep_touched(model: type[models.Model], stamp: datetime) -> None:
    """Keep what was changed since, and name the imports that did."""
    table = model._meta.db_table
    later = Import.objects.filter(status=Import.Status.DONE, committed_at__gt=stamp).order_by("pk")
    for pk, at in later.values_list("pk", "committed_at"):
        assert at is not None
        which = f"SELECT id FROM {table} WHERE updated_at = :at AND id IN ({_going(model)})"
        _keep(model, which, f"{CHANGED}{_BY}#{pk}", at=instant(at))
    which = f"SELECT id FROM {table} WHERE updated_at <> :stamp AND id IN ({_going(model)})"
    _keep(model, which, CHANGED, stamp=instant(stamp))


def _remove(model: type[models.Model]) -> None:
    """Delete what goes, and with it what other apps let go along."""
    along = [other for other in dependents(model) if other.goes_along]
    for other in along:
        _remove_along(model, other)
    sql.run_text(f"DELETE FROM {model._meta.db_table} WHERE id IN ({_going(model)})")


def _remove_along(model: type[models.Model], other: Dependent) -> None:
    pks = (pk for (pk,) in sql.rows(_going(model)))
    for chunk in chunks(pks, BATCH // 4):
        other.model._base_manager.filter(**{f"{other.field.name}__in": chunk}).delete()


def _undo_visits(imported: Import, done: Undone, stamp: datetime) -> None:
    _keep_touched(Visit, stamp)
    _keep_needed(Visit)
    with_visit = (
        "SELECT id FROM {table} WHERE visit_id IN (SELECT id FROM undo WHERE model = 'visit' AND kept <> '')"
    )
    for part in _PARTS:
        _keep(part, with_visit.format(table=part._meta.db_table), TOGETHER)
    left = restore(imported=imported, model=Visit, done=done.restored, name="visits")
    done.leave(Visit, left)
    for chunk in chunks(left, 500):
        marks = ", ".join(str(int(pk)) for pk in chunk)
        for part in _PARTS:
            _keep(part, f"SELECT id FROM {part._meta.db_table} WHERE visit_id IN ({marks})", TOGETHER)
    for model in _VISITS:
        _remove(model)
    _keep_needed(PendingReversal)
    _remove(PendingReversal)


def _undo_vehicles(imported: Import, done: Undone, stamp: datetime) -> None:
    _keep_touched(Vehicle, stamp)
    _keep_needed(Vehicle)
    left = restore(imported=imported, model=Vehicle, done=done.restored, name="vehicles", counts_version=True)
    done.leave(Vehicle, left)
    _keep(
        Ownership,
        "SELECT id FROM customers_ownership WHERE vehicle_id IN"
        " (SELECT id FROM undo WHERE model = 'vehicle' AND kept <> '')",
        TOGETHER,
    )
    for chunk in chunks(left, 500):
        marks = ", ".join(str(int(pk)) for pk in chunk)
        _keep(Ownership, f"SELECT id FROM customers_ownership WHERE vehicle_id IN ({marks})", TOGETHER)
    _remove(Ownership)
    stays = set(left)
    # Those that end first: at no moment has a car two present owners.
    for ends in (_ends, _lasts):
        left = restore(
            imported=imported,
            model=Ownership,
            done=done.restored,
            name="ownerships",
            only=ends,
            unless_vehicle=stays,
        )
        done.leave(Ownership, left)
    _remove(Vehicle)


def _ends(entry: list[Any]) -> bool:
    """Whether the period had an end before the import."""
    return entry[2]["until_on"] is not None


def _lasts(entry: list[Any]) -> bool:
    return not _ends(entry)


def _undo_customers(imported: Import, done: Undone, stamp: datetime) -> None:
    _keep_touched(Customer, stamp)
    _keep_needed(Customer)
    kept = "(SELECT id FROM undo WHERE model = 'customer' AND kept <> '')"
    for part in _CONTACTS:
        _keep(part, f"SELECT id FROM {part._meta.db_table} WHERE customer_id IN {kept}", TOGETHER)
    # The store has seen them by other visits or cars meanwhile.
    _keep(
        StoreCustomer,
        "SELECT l.id FROM customers_storecustomer l WHERE EXISTS (SELECT 1 FROM customers_visit v"
        " WHERE v.customer_id = l.customer_id AND v.store_id = l.store_id) OR EXISTS (SELECT 1 FROM customers_vehicle c"
        " WHERE c.owner_id = l.customer_id AND c.home_store_id = l.store_id)",
        DEPENDS,
    )
    for model in _CUSTOMERS:
        _remove(model)
    left = restore(
        imported=imported, model=Customer, done=done.restored, name="customers", counts_version=True
    )
    done.leave(Customer, left)


def _listed(model: str, pk: int, kept: str) -> dict[str, Any]:
    reason, _between, by = kept.partition(_BY)
    row = {"model": model, "pk": pk, "reason": reason}
    return row | {"by": by} if by else row


def _count(done: Undone) -> None:
    names = {model._meta.model_name: NAMES[model] for model in NOTED}
    for model, kept, count in sql.rows("SELECT model, kept, COUNT(*) FROM undo GROUP BY model, kept"):
        totals = done.kept if kept else done.removed
        totals[names[model]] = totals.get(names[model], 0) + count
    listed = sql.rows(
        f"SELECT model, id, kept FROM undo WHERE kept <> '' ORDER BY model DESC, id LIMIT {LISTED}"
    )
    done.rows += [_listed(*row) for row in listed]
    done.restored = {name: count for name, count in done.restored.items() if count}
    done.unrestored = {name: count for name, count in done.unrestored.items() if count}
