"""Rows whose order number is taken, side by side with what has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from customers.models import Import, Visit
from customers.privacy import Sight
from customers.views.imports.cells import shown
from staff.figures import NOTHING, yuan
from staff.permissions import StaffRequest

_WHAT = {
    "car": pgettext_lazy("what differs", "car"),
    "day": pgettext_lazy("what differs", "day"),
    "amount": pgettext_lazy("what differs", "amount"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """An order as a person knows it; ``url`` where it has a page."""

    name: str
    url: str
    car: str
    day: str
    amount: str


@dataclass(frozen=True, slots=True)
class Clash:
    """``differs``: which of car, day and amount do."""

    text: str
    differs: list[str]
    sides: tuple[Side, Side]


def clashes_of(
    request: StaffRequest, imported: Import, sight: Sight, rows: Collection[int]
) -> dict[int, Clash]:
    """By row, of those among ``rows`` of which the dry run told what has their number and the user may see it."""
    kept = dict(imported.remembered_samples.get("conflicts", []))
    entries = {row: kept[row] for row in rows if row in kept}
    visits = visits_by_key(request, imported, [entry.get("visit") for entry in entries.values()])
    return {
        row: clash
        for row, entry in entries.items()
        if (clash := _by_row(entry, sight) if "of" in entry else _by_visit(entry, visits, sight))
    }


def visits_by_key(request: StaffRequest, imported: Import, keys: Iterable[int | None]) -> dict[int, Visit]:
    """Those of the import's store that the user may see, each with ``back_fen``: what was given back of it."""
    wanted = [key for key in keys if key]
    if not wanted:
        return {}
    visits = Visit.objects.visible_to(request.user).filter(store=imported.store_id, pk__in=wanted)
    back = Coalesce(Sum("reversals__amount_fen"), 0)
    return {visit.pk: visit for visit in visits.select_related("vehicle").annotate(back_fen=back)}


def _by_row(entry: Mapping[str, Any], sight: Sight) -> Clash:
    of = entry["of"]
    name = _("Row %(row)s") % {"row": of["row"]}
    if not entry["differs"]:
        text = _("What this row takes back was taken back in full before it.")
    else:
        text = _("Row %(row)s has this number. Different: %(what)s") % {
            "row": of["row"],
            "what": _differing(entry),
        }
    return Clash(text, entry["differs"], (_said(_("This row"), entry, sight), _said(name, of, sight)))


def _by_visit(entry: Mapping[str, Any], visits: Mapping[int, Visit], sight: Sight) -> Clash | None:
    visit = visits.get(entry["visit"])
    if visit is None:
        return None
    if not entry["differs"]:
        text = _("The visit with this number was taken back in full already.")
    else:
        text = _("One of our visits has this number. Different: %(what)s") % {"what": _differing(entry)}
    ours = Side(
        _("Our visit"),
        reverse("customers:visit", args=[visit.pk]),
        visit.vehicle.plate or sight.vin(visit.vehicle.vin or ""),
        visit.visited_on.isoformat(),
        yuan(visit.paid_fen + visit.back_fen),  # type: ignore[attr-defined]  # annotated
    )
    return Clash(text, entry["differs"], (_said(_("This row"), entry, sight), ours))


def _said(name: str, said: Mapping[str, Any], sight: Sight) -> Side:
    amount = NOTHING if said["fen"] is None else yuan(said["fen"])
    return Side(name, "", shown(said["car"], "plate_or_vin", sight), said["day"], amount)


def _differing(entry: Mapping[str, Any]) -> str:
    return pgettext("list", ", ").join(str(_WHAT[name]) for name in entry["differs"])
