"""The rows of a file that were not simply taken: chips to choose a kind, and a page of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from customers.dms.headers import Mapping as HeaderMapping
from customers.dms.labels import REVERSALS, WARNINGS, reason_label, warning_label
from customers.dms.raw import cells_of
from customers.models import Import
from customers.privacy import Sight
from customers.views.imports.cells import shown
from customers.views.imports.doors import step_url
from customers.views.imports.mending import REJECTED, Mending, typed_cells
from staff.permissions import StaffRequest

PAGE = 50
# Rows that ask for something take more room.
PAGE_OF_FIXES = 20
CHIPS = {
    "rejected": pgettext_lazy("rows of an import", "Rejected"),
    "duplicates": pgettext_lazy("rows of an import", "Duplicates"),
    "reversals": pgettext_lazy("rows of an import", "Reversals"),
    "skipped": pgettext_lazy("rows of an import", "Skipped"),
    "corrected": pgettext_lazy("rows of an import", "Corrected here"),
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


def problems_of(
    request: StaffRequest,
    imported: Import,
    sight: Sight,
    wrong: Mapping[int, tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """Template context: the chips, the rows of the chosen kind, and the heads of their cells.

    Before writing, the wrong cell of a row can be typed anew; ``wrong`` as for ``Mending.fixes``.
    """
    lists = _lists(imported)
    asked = request.POST.get("show") or request.GET.get("show", "")
    chosen = asked if asked in lists else next(iter(lists), "")
    number = request.POST.get("page") or request.GET.get("page")
    mends = imported.status == Import.Status.READY and Mending.is_for(chosen)
    page = Paginator(lists.get(chosen, []), PAGE_OF_FIXES if mends else PAGE).get_page(number)
    context = {
        "problem_chips": chips_of(imported, chosen),
        "problem_page": page,
        "problem_kind": chosen,
    }
    if mends:
        mending = Mending(request, imported, chosen, sight)
        rows = [entry["row"] if chosen == REJECTED else int(entry) for entry in page.object_list]
        return context | {"fixes": mending.fixes(rows, wrong or {}), "proposed": len(mending.proposals)}
    found = [_problem(chosen, entry, imported, sight) for entry in page.object_list]
    heads = _add_cells(imported, found, sight)
    return context | {
        "problems": found,
        "problem_heads": heads,
        "blanks_are_wrong": chosen == REJECTED,
    }


def chips_of(imported: Import, chosen: str) -> list[dict[str, Any]]:
    path = step_url(imported)
    return [
        {
            "url": f"{path}?{urlencode({'show': name})}#problems",
            "label": CHIPS.get(name) or warning_label(name),
            "n": len(entries),
            "on": name == chosen,
        }
        for name, entries in _lists(imported).items()
    ]


def _lists(imported: Import) -> dict[str, list[Any]]:
    """Kind -> entries of the report, worst first; each warning is a kind of its own."""
    report = imported.report | {"corrected": sorted(imported.corrected_cells)}
    found = {name: report[name] for name in CHIPS if report.get(name)}
    return found | {code: rows for code, rows in report.get("warnings", {}).items() if rows}


def _problem(kind: str, entry: Any, imported: Import, sight: Sight) -> Problem:
    if kind == "corrected":
        typed = typed_cells(imported.corrected_cells[entry], HeaderMapping.from_dict(imported.mapping), sight)
        text = " · ".join(
            _("%(column)s: now %(text)s") % {"column": name, "text": text} for name, text in typed
        )
        return Problem(entry, text, None, [])
    if kind in WARNINGS:
        return Problem(int(entry), str(warning_label(kind)), None, [])
    row, of = int(entry["row"]), entry.get("of")
    if kind == "duplicates":
        return Problem(row, _("The same as row %(of)s") % {"of": of}, of, [])
    if kind == "reversals":
        text = str(REVERSALS.get(entry.get("type", ""), ""))
        return Problem(row, _("%(what)s: row %(of)s") % {"what": text, "of": of} if of else text, of, [])
    return Problem(row, str(reason_label(entry.get("reason", ""), imported.export)), of, [])


def _add_cells(imported: Import, problems: list[Problem], sight: Sight) -> list[str]:
    """Fill in the telling cells where the file's rows are kept already; return the heads."""
    if not problems or not imported.mapping:
        return []
    kept = raw_cells(imported, [problem.row for problem in problems])
    if not kept:
        return []
    mapping = HeaderMapping.from_dict(imported.mapping)
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
    """Row number -> cells as they stood in the file; before it is written only of the rows the dry run kept."""
    if imported.committed_at is None:
        kept = dict(imported.remembered_samples.get("cells", []))
        return {row: kept[row] for row in rows if row in kept}
    return cells_of(imported=imported, rows=rows)
