"""The rows of a file that were not simply taken: chips to choose a kind, and a page of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from customers.dms.headers import Mapping
from customers.dms.labels import REVERSALS, WARNINGS, reason_label, warning_label
from customers.models import Import, RawRows
from customers.privacy import Sight
from customers.views.imports.cells import shown
from staff.permissions import StaffRequest

PAGE = 50
CHIPS = {
    "rejected": pgettext_lazy("rows of an import", "Rejected"),
    "duplicates": pgettext_lazy("rows of an import", "Duplicates"),
    "reversals": pgettext_lazy("rows of an import", "Reversals"),
    "skipped": pgettext_lazy("rows of an import", "Skipped"),
}
# What tells a reader which order a row is about.
_TELLING = (
    (("order_no",), gettext_lazy("Order number")),
    (("plate", "plate_or_vin", "vin"), gettext_lazy("Plate")),
    (("customer_name",), gettext_lazy("Customer name")),
    (("visit_date", "settle_date"), gettext_lazy("Visit date")),
    (("paid", "receivable", "total_ambiguous", "line_amount"), gettext_lazy("Amount paid")),
)


@dataclass(slots=True)
class Problem:
    """A row, what is the matter, and its telling cells."""

    row: int
    text: str
    of: int | None
    cells: list[str]


def problems_of(request: StaffRequest, imported: Import, sight: Sight) -> dict[str, Any]:
    """Template context: the chips, the rows of the chosen kind, and the heads of their cells."""
    lists = _lists(imported)
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in lists else next(iter(lists), "")
    page = Paginator(lists.get(chosen, []), PAGE).get_page(request.GET.get("page"))
    found = [_problem(chosen, entry, imported.export) for entry in page.object_list]
    heads = _add_cells(imported, found, sight)
    return {
        "problem_chips": [
            {
                "url": f"{request.path}?{urlencode({'show': name})}#problems",
                "label": CHIPS.get(name) or warning_label(name),
                "n": len(entries),
                "on": name == chosen,
            }
            for name, entries in lists.items()
        ],
        "problems": found,
        "problem_heads": heads,
        "problem_page": page,
        "blanks_are_wrong": chosen == "rejected",
    }


def _lists(imported: Import) -> dict[str, list[Any]]:
    """Kind -> entries of the report, worst first; each warning is a kind of its own."""
    report = imported.report
    found = {name: report[name] for name in CHIPS if report.get(name)}
    return found | {code: rows for code, rows in report.get("warnings", {}).items() if rows}


def _problem(kind: str, entry: Any, export: str) -> Problem:
    if kind in WARNINGS:
        return Problem(int(entry), str(warning_label(kind)), None, [])
    row, of = int(entry["row"]), entry.get("of")
    if kind == "duplicates":
        return Problem(row, _("The same as row %(of)s") % {"of": of}, of, [])
    if kind == "reversals":
        text = str(REVERSALS.get(entry.get("type", ""), ""))
        return Problem(row, _("%(what)s: row %(of)s") % {"what": text, "of": of} if of else text, of, [])
    return Problem(row, str(reason_label(entry.get("reason", ""), export)), of, [])


def _add_cells(imported: Import, problems: list[Problem], sight: Sight) -> list[str]:
    """Fill in the telling cells where the file's rows are kept already; return the heads."""
    if not problems or not imported.mapping:
        return []
    kept = raw_cells(imported, [problem.row for problem in problems])
    if not kept:
        return []
    mapping = Mapping.from_dict(imported.mapping)
    columns = []
    for fields, label in _TELLING:
        found = next(((field, mapping.indexes(field)[0]) for field in fields if mapping.indexes(field)), None)
        if found:
            columns.append((label, *found))
    for problem in problems:
        cells = kept.get(problem.row, [])
        problem.cells = [
            shown(cells[at], field, sight) if at < len(cells) else "" for _label, field, at in columns
        ]
    return [str(label) for label, _field, _at in columns]


def raw_cells(imported: Import, rows: list[int]) -> dict[int, list[Any]]:
    """Row number -> cells as they stood in the file; before it is written only of rejected rows."""
    if imported.committed_at is None:
        kept = {row: cells for row, _reason, cells in imported.remembered_samples.get("rejected", [])}
        return {row: kept[row] for row in rows if row in kept}
    wanted = Q()
    for row in rows:
        wanted |= Q(first_row__lte=row, last_row__gte=row)
    found: dict[int, list[Any]] = {}
    for chunk in RawRows.objects.filter(wanted, imported=imported) if rows else ():
        cells = chunk.cells()
        found.update({row: cells[row] for row in rows if row in cells})
    return found
