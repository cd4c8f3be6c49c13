"""What an import found and did, as lines for a page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from customers.dms.labels import EXPORTS, NOT_DATA
from customers.models import Import, Visit
from staff.figures import number

# Row numbers named of those that are no data.
LISTED = 20

# Names of rows in Import.counts; links and name parts are bookkeeping and are left out.
COUNTED = {
    "visits": pgettext_lazy("rows by kind", "Visits"),
    "customers": pgettext_lazy("rows by kind", "Customers"),
    "vehicles": pgettext_lazy("rows by kind", "Vehicles"),
    "phones": pgettext_lazy("rows by kind", "Phone numbers"),
    "lines": pgettext_lazy("rows by kind", "Items of visits"),
    "reversals": pgettext_lazy("rows by kind", "Amounts taken back"),
    "pending_reversals": pgettext_lazy("rows by kind", "Amounts taken back that wait for their order"),
    "ownerships": pgettext_lazy("rows by kind", "Periods of ownership"),
    "codes": pgettext_lazy("rows by kind", "Customer codes"),
    "addresses": pgettext_lazy("rows by kind", "Addresses"),
}
SECONDS = {
    "check": pgettext_lazy("seconds of an import", "Reading and checking"),
    "stage": pgettext_lazy("seconds of an import", "Sorting"),
    "write": pgettext_lazy("seconds of an import", "Writing"),
    "commit": pgettext_lazy("seconds of an import", "Completing"),
    "undo": pgettext_lazy("seconds of an import", "Taking back"),
}
TONES = {
    "done": "ok",
    "refused": "bad",
    "mapped": "warn",
    "ready": "info",
    "committing": "info",
    "undoing": "info",
}


LEAST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Count:
    label: str
    created: int
    changed: int


def counts_of(imported: Import) -> list[Count]:
    created, changed = imported.counts.get("created", {}), imported.counts.get("changed", {})
    return [
        Count(str(label), created.get(name, 0), changed.get(name, 0))
        for name, label in COUNTED.items()
        if created.get(name) or changed.get(name)
    ]


def made(imported: Import, name: str) -> int:
    return int(imported.counts.get("created", {}).get(name, 0))


def changed(imported: Import, name: str) -> int:
    return int(imported.counts.get("changed", {}).get(name, 0))


def content_of(imported: Import) -> str:
    return str(EXPORTS.get(imported.export, "")) if imported.export else ""


def kinds_of(imported: Import) -> list[tuple[str, int, str]]:
    """Kind of visit, how many, and the amount paid, as the report writes it; in the order of the choices."""
    visits, paid = (imported.report.get(name, {}) for name in ("visits_by_kind", "paid_by_kind"))
    return [
        (kind_label(kind), visits[kind], paid.get(kind, "0.00"))
        for kind in Visit.Kind.values
        if kind in visits
    ]


def kind_label(kind: str) -> str:
    return capfirst(str(dict(Visit.Kind.choices).get(kind, kind)))


def steps_taken(imported: Import) -> list[tuple[str, float]]:
    """What each step took, in seconds; without those that would read 0.0."""
    taken = [(str(label), imported.seconds.get(name, 0)) for name, label in SECONDS.items()]
    return [(label, seconds) for label, seconds in taken if seconds >= LEAST_SECONDS]


def not_data_of(imported: Import) -> str:
    """The rows taken as no data, by reason, with the first row numbers; empty when there are none."""
    entries = imported.report.get("not_data", [])
    if not entries:
        return ""
    by_reason = Counter(entry["reason"] for entry in entries)
    comma = pgettext("list", ", ")
    told = {
        "what": comma.join(
            str(label % {"n": by_reason[reason], "shown": number(by_reason[reason])})
            for reason, label in NOT_DATA.items()
            if by_reason[reason]
        ),
        "rows": comma.join(str(entry["row"]) for entry in entries[:LISTED]),
    }
    if len(entries) > LISTED:
        more = number(len(entries) - LISTED)
        return _("Not data: %(what)s (rows %(rows)s and %(more)s more)") % {**told, "more": more}
    return (
        ngettext("Not data: %(what)s (row %(rows)s)", "Not data: %(what)s (rows %(rows)s)", len(entries))
        % told
    )


def seconds_of(imported: Import) -> float | None:
    """All steps together; None before there is one, and where it would read 0.0."""
    taken = sum(value for value in imported.seconds.values() if isinstance(value, int | float))
    return taken if taken >= LEAST_SECONDS else None
