"""The rows of a file that were not simply taken: chips to choose a kind, and a page of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from customers.dms.headers import Mapping as HeaderMapping
from customers.dms.labels import REVERSALS, WARNINGS, reason_label, warning_label
from customers.dms.raw import cells_of
from customers.models import Import, Visit
from customers.privacy import Sight
from customers.views.imports.cells import shown
from customers.views.imports.clashes import Clash, clashes_of, visits_by_key
from customers.views.imports.doors import step_url
from customers.views.imports.mending import REJECTED, Mending, typed_cells
from staff.permissions import StaffRequest

PAGE = 50
CHIPS = {
    "rejected": pgettext_lazy("rows of an import", "Rejected"),
    "duplicates": pgettext_lazy("rows of an import", "Duplicates"),
    "reversals": pgettext_lazy("rows of an import", "Reversals"),
    "skipped": pgettext_lazy("rows of an import", "Skipped"),
    "corrected": pgettext_lazy("rows of an import", "Corrected here"),
}
# What tells a reader which order a row is about: the first of these columns that the file has.
_TELLING = {
    "order_no": (("order_no",), gettext_lazy("Order number")),
    "car": (("plate", "plate_or_vin", "vin"), gettext_lazy("Car")),
    "customer": (("customer_name",), gettext_lazy("Customer name")),
    "day": (("visit_date", "settle_date"), gettext_lazy("Visit date")),
    "amount": (("paid", "receivable", "total_ambiguous", "line_amount"), gettext_lazy("Amount paid")),
    "status": (("status",), gettext_lazy("Order status")),
}
_TOLD = ("order_no", "car", "customer", "day", "amount")
# Their own word for what they are says more than whose they are.
_TOLD_OF = dict.fromkeys(("skipped", "reversals"), ("order_no", "car", "day", "amount", "status"))
# One of them may be blank where another is not.
_EITHER = frozenset({"car"})


@dataclass(slots=True)
class Problem:
    """A row, what is the matter, and its telling cells."""

    row: int
    text: str
    of: int | None = None
    cells: list[str] = field(default_factory=list)
    clash: Clash | None = None
    visit: Visit | None = None
    """One of ours that the row takes back."""


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
    context = {"problem_chips": chips_of(imported, chosen), "problem_kind": chosen}
    if imported.status == Import.Status.READY and Mending.is_for(chosen):
        mending = Mending(request, imported, chosen, sight)
        rows = mending.page(number)
        return context | {
            "problem_page": rows,
            "fixes": mending.fixes(rows, wrong or {}),
            "takeable": imported.remembered_samples.get("takeable", {}) if chosen == REJECTED else {},
            "days_of_settlement": "visit_date" not in HeaderMapping.from_dict(imported.mapping).fields,
            **proposed_on(rows, mending),
        }
    page = Paginator(lists.get(chosen, []), PAGE).get_page(number)
    found = [_problem(chosen, entry, imported, sight) for entry in page.object_list]
    if chosen == REJECTED:
        _add_clashes(request, imported, found, sight)
    if chosen in ("reversals", "skipped"):
        _add_visits(request, imported, chosen, found)
    columns = _add_cells(imported, found, sight, _TOLD_OF.get(chosen, _TOLD))
    return context | {
        "problem_page": page,
        "problems": found,
        "problem_heads": [str(_TELLING[name][1]) for name in columns],
        "spare_column": columns.index("customer") + 1 if "customer" in columns else 0,
        "blanks_are_wrong": chosen == REJECTED,
        "not_kept": bool(columns) and any(not problem.cells for problem in found),
    }


def proposed_on(page: Page[int], mending: Mending) -> dict[str, Any]:
    """How many rows of the page have a proposal. Other pages are not looked through: of 2,000 rows it takes 0.3 s."""
    return {"proposed": len(mending.proposals(page)), "is_one_page": not page.has_other_pages()}


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
        return Problem(entry, text)
    if kind in WARNINGS:
        return Problem(int(entry), str(warning_label(kind)))
    row, of = int(entry["row"]), entry.get("of")
    if kind == "duplicates":
        return Problem(row, _("The same as row %(of)s") % {"of": of}, of)
    if kind == "reversals":
        text = str(REVERSALS.get(entry.get("type", ""), ""))
        return Problem(row, _("%(what)s: row %(of)s") % {"what": text, "of": of} if of else text, of)
    return Problem(row, str(reason_label(entry.get("reason", ""), imported.export)), of)


def _add_clashes(request: StaffRequest, imported: Import, problems: list[Problem], sight: Sight) -> None:
    clashes = clashes_of(request, imported, sight, [problem.row for problem in problems])
    for problem in problems:
        problem.clash = clashes.get(problem.row)


def _add_visits(request: StaffRequest, imported: Import, kind: str, problems: list[Problem]) -> None:
    """Of reversals of no row of the file, and orders void now: the visit of ours they take back, and how far, or that
    they wait for it, as the dry run found it."""
    samples = imported.remembered_samples
    if "reversed" not in samples:
        return
    ours = {row: (key, is_full) for row, key, is_full in samples["reversed"]}
    waiting = set(samples.get("waiting", ()))
    visits = visits_by_key(request, imported, [ours[p.row][0] for p in problems if p.row in ours])
    for problem in problems:
        if problem.row in ours:
            key, is_full = ours[problem.row]
            how_far = str(REVERSALS["full" if is_full else "partial"])
            problem.text = f"{problem.text} · {how_far}" if kind == "skipped" else how_far
            problem.visit = visits.get(key)
        elif kind == "skipped" and problem.row in waiting:
            waits = _("Not among our visits: should an older export bring it, it counts as taken back")
            problem.text = f"{problem.text} · {waits}"
        elif kind == "reversals" and not problem.of:
            problem.text = _(
                "Its order is neither in this file nor among our visits: it waits until that comes"
            )


def _add_cells(imported: Import, problems: list[Problem], sight: Sight, names: Sequence[str]) -> list[str]:
    """Fill in the telling cells where the file's rows are kept already; return which they are."""
    if not problems or not imported.mapping:
        return []
    kept = raw_cells(imported, [problem.row for problem in problems])
    if not kept:
        return []
    mapping = HeaderMapping.from_dict(imported.mapping)
    columns = {name: found for name in names if (found := _columns(mapping, name))}
    for problem in problems:
        cells = kept.get(problem.row)
        if cells is not None:
            problem.cells = [_first(cells, places, sight) for places in columns.values()]
    return list(columns)


def _columns(mapping: HeaderMapping, name: str) -> list[tuple[str, int]]:
    """Field and column number of the one column that tells it, or of all that may."""
    fields, _label = _TELLING[name]
    found = [(field, mapping.indexes(field)[0]) for field in fields if mapping.indexes(field)]
    return found if name in _EITHER else found[:1]


def _first(cells: Sequence[Any], places: Sequence[tuple[str, int]], sight: Sight) -> str:
    """The first of these cells that is not blank."""
    texts = (shown(cells[at], field, sight) for field, at in places if at < len(cells))
    return next((text for text in texts if text), "")


def raw_cells(imported: Import, rows: list[int]) -> dict[int, list[Any]]:
    """Row number -> cells as they stood in the file; before it is written only of the rows the dry run kept."""
    if imported.committed_at is None:
        kept = dict(imported.remembered_samples.get("cells", []))
        return {row: kept[row] for row in rows if row in kept}
    return cells_of(imported=imported, rows=rows)
