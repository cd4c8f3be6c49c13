"""Between upload and writing: what the columns mean, and what a dry run says would happen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from customers.dms.headers import Column
from customers.dms.headers import Mapping as HeaderMapping
from customers.dms.labels import MISSING, VERDICTS
from customers.forms.imports import HeaderForm, MappingForm
from customers.models import Import
from customers.privacy import Sight
from customers.services import imports
from customers.views.imports.cells import first_values, row_line
from customers.views.imports.doors import DECIDABLE, DECIDED, Status, gone_on, open_import, steps, to_its_step
from customers.views.imports.figures import content_of, counts_of
from customers.views.imports.mending import Fix, Mending
from customers.views.imports.problems import chips_of, proposed_on
from customers.views.imports.shown import preview_of
from staff import figures
from staff.pages import wants_fragment
from staff.permissions import StaffRequest, requires

# What of an order counts where our visit with its number says otherwise, and the fields whose policy says so.
_TAKEN = {"amounts": ("paid",), "days": ("visit_date",), "both": ("paid", "visit_date")}
_TONES = {"known": "ok", "chosen": "info", "unknown": "warn", "unclear": "warn"}


@require_http_methods(["GET", "POST"])
@requires("import.run")
def header(request: StaffRequest, pk: int) -> HttpResponse:
    """Which of the file's first rows is the header, where none has names that are known."""
    imported = open_import(request, pk)
    form = header_form(request, imported)
    if form is None:
        return _named_already(request, imported)
    if form.is_valid():
        return _read_with(request, imported, form.shown, form.cleaned_data["row"])
    context = {"imported": imported, "steps": steps(imported, 2), "header_form": form}
    return render(request, "customers/imports/header.html", context, status=422 if form.errors else 200)


def header_form(request: StaffRequest, imported: Import) -> HeaderForm | None:
    """None where it is not asked. Of a workbook's sheets it is about the one in the address or the form."""
    choices = imported.header_choices
    if not choices:
        return None
    data = request.POST if request.method == "POST" else None
    wanted = (data or request.GET).get("sheet", imported.sheet)
    sheet = next((name for name in (wanted, imported.sheet, *choices) if name in choices), "")
    sight = _sight(request, imported)
    return HeaderForm(
        data,
        rows=[(number, row_line(cells, sight)) for number, cells in choices[sheet]],
        chosen=imported.header_row if sheet == imported.sheet else None,
        sheet=sheet,
        sheets=[(name, _header_url(imported, name)) for name in choices],
    )


def _header_url(imported: Import, sheet: str) -> str:
    return f"{reverse('customers:import_header', args=[imported.pk])}?{urlencode({'sheet': sheet})}"


def _named_already(request: StaffRequest, imported: Import) -> HttpResponse:
    """The same button pressed twice is no news."""
    named = request.POST.get("sheet", imported.sheet), request.POST.get("row")
    if named == (imported.sheet, str(imported.header_row)):
        return to_its_step(imported)
    return _too_late(request, imported)


def _read_with(request: StaffRequest, imported: Import, sheet: str, row: int) -> HttpResponse:
    try:
        imports.start_with_header(imported=imported, sheet=sheet, row=row, by=request.user)
    except imports.ImportRefused:
        return gone_on(request, imported)
    return redirect("customers:import_progress", imported.pk)


@require_http_methods(["GET", "POST"])
@requires("import.run")
def mapping(request: StaffRequest, pk: int) -> HttpResponse:
    imported = open_import(request, pk)
    if imported.status not in DECIDABLE or not imported.mapping:
        return _too_late(request, imported)
    header = HeaderMapping.from_dict(imported.mapping)
    form = MappingForm(
        request.POST or None,
        mapping=header,
        policy=imported.policy,
        unknown_kinds=imported.report.get("unknown_kinds", {}),
        day_order=imported.day_order or imported.report.get("day_order") or "",
    )
    if form.is_valid():
        return _decide(request, imported, form)
    context = {
        "imported": imported,
        "steps": steps(imported, 2),
        "form": form,
        "rows": _column_rows(imported, form, _sight(request, imported)),
        **_facts(imported, header.with_fields(form.columns) if form.is_bound else header),
    }
    return render(request, "customers/imports/mapping.html", context, status=422 if form.errors else 200)


def _decide(request: StaffRequest, imported: Import, form: MappingForm) -> HttpResponse:
    try:
        imports.set_mapping(
            imported=imported,
            fields=form.columns,
            kinds=form.kinds,
            policy=form.policy,
            day_order=form.order_of_days,
        )
        imports.start_check(imported=imported, by=request.user)
    except imports.ImportRefused:
        return gone_on(request, imported)
    messages.success(request, _("Remembered for the next file with these columns."))
    return redirect(f"{reverse('customers:import_progress', args=[imported.pk])}?{DECIDED}=1")


def _sight(request: StaffRequest, imported: Import) -> Sight:
    return Sight(request.active.roles.get(imported.store_id))


def _facts(imported: Import, header: HeaderMapping) -> dict[str, Any]:
    named = [column for column in header.columns if column.header.strip()]
    return {
        "content": content_of(imported),
        "columns": len(named),
        "used": sum(1 for column in named if column.field),
        "missing": [MISSING[name] for name in header.missing],
        "unknown_kinds": imported.report.get("unknown_kinds", {}),
        "asks_days": bool(imported.report.get("day_order")),
        "day_order_is_guess": imported.report.get("day_order_is_guess", False),
    }


def _column_rows(imported: Import, form: MappingForm, sight: Sight) -> list[dict[str, Any]]:
    """Columns with a name or a value; those that nobody recognised first asked for in colour, not in order."""
    samples = [cells for _row, cells in imported.remembered_samples.get("head", [])]
    found = []
    for column, select, policy in form.column_rows():
        values = first_values(samples, column.index, column.field, sight)
        if not column.header.strip() and not values:
            continue
        found.append(
            {
                "column": column,
                "place": _letter(column.index),
                "values": values,
                "select": select,
                "policy": policy,
                "verdict": VERDICTS[column.verdict],
                "tone": _TONES.get(column.verdict, ""),
                "is_open": _is_open(column, values),
            }
        )
    return found


def _is_open(column: Column, values: list[str]) -> bool:
    """Worth a look: it holds something and nothing is known of it, or too much."""
    return column.verdict in ("unknown", "unclear") and bool(values)


def _letter(index: int) -> str:
    """As the spreadsheet names the column: A, Z, AA."""
    text, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@require_http_methods(["GET", "POST"])
@requires("import.run")
def preview(request: StaffRequest, pk: int) -> HttpResponse:
    imported = open_import(request, pk)
    if imported.status != Status.READY:
        return _too_late(request, imported)
    if request.method == "POST":
        return _go_on(request, imported)
    return _preview(request, imported)


def _too_late(request: StaffRequest, imported: Import) -> HttpResponse:
    """To the right page; whoever pressed a button there is told that it did nothing."""
    return gone_on(request, imported) if request.method == "POST" else to_its_step(imported)


def _go_on(request: StaffRequest, imported: Import) -> HttpResponse:
    """Write it; or try it out again where nobody has seen yet what the corrections bring."""
    wanted = request.POST.get("do", "")
    if wanted == "try" and not imported.untried:
        # Another window's dry run has ended: what it found is to be seen before it is written.
        return gone_on(request, imported)
    try:
        if imported.untried:
            imports.start_check(imported=imported, by=request.user)
            if wanted == "write":
                messages.warning(request, _("Cells were corrected meanwhile: first see what comes of it."))
            return redirect(f"{reverse('customers:import_progress', args=[imported.pk])}?{DECIDED}=1")
        imports.start_commit(imported=imported, by=request.user)
    except imports.ImportRefused:
        return gone_on(request, imported)
    return to_its_step(imported)


def _preview(
    request: StaffRequest, imported: Import, wrong: dict[int, tuple[str, str]] | None = None
) -> HttpResponse:
    context = {
        "imported": imported,
        "steps": steps(imported, 3),
        **preview_of(request, imported, _sight(request, imported), wrong),
    }
    return render(request, "customers/imports/preview.html", context, status=422 if wrong else 200)


@require_POST
@requires("import.run")
def take(request: StaffRequest, pk: int) -> HttpResponse:
    """Whose day or amount counts where an order and our visit differ; tried out again, for nobody has seen that yet."""
    imported = open_import(request, pk)
    fields = _TAKEN.get(request.POST.get("what", ""), ())
    policy = request.POST.get("policy", "")
    if imported.status != Status.READY or not fields or policy not in ("overwrite", "keep"):
        return gone_on(request, imported)
    try:
        imports.set_mapping(
            imported=imported,
            fields={},
            policy={**imported.policy, **dict.fromkeys(fields, policy)},
            day_order=imported.day_order,
        )
        imports.start_check(imported=imported, by=request.user)
    except imports.ImportRefused:
        return gone_on(request, imported)
    return redirect(f"{reverse('customers:import_progress', args=[imported.pk])}?{DECIDED}=1")


@require_POST
@requires("import.run")
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Take what was typed instead of a cell, or all proposals, or give a row its own cells back."""
    imported = open_import(request, pk)
    if imported.status != Status.READY:
        return _elsewhere(request, imported)
    do, kind, row = (request.POST.get(name, "") for name in ("do", "show", "row"))
    number = int(row) if row.isascii() and row.isdigit() and len(row) < 10 else 0
    if do == "restore":
        return _take(
            request, imported, kind, {number: dict.fromkeys(imported.corrected_cells.get(number, {}))}
        )
    mending = Mending(request, imported, kind, _sight(request, imported))
    if do == "all":
        return _take_all(request, imported, kind, mending.proposed())
    if not mending.knows(number):
        return _elsewhere(request, imported)
    text = request.POST.get("text", "").strip()[: imports.LONGEST]
    cells, error = mending.judge(number, text)
    if error:
        return _not_taken(request, imported, mending, number, text, error)
    return _take(request, imported, kind, {number: cells})


def _take_all(
    request: StaffRequest, imported: Import, kind: str, cells: dict[int, dict[int, str | None]]
) -> HttpResponse:
    """Of rows on other pages too: how many they are is known only now."""
    told = ngettext("%(rows)s row corrected as proposed.", "%(rows)s rows corrected as proposed.", len(cells))
    none = _("There is no proposal for these rows.")
    return _take(
        request, imported, kind, cells, told % {"rows": figures.number(len(cells))} if cells else none
    )


def _take(
    request: StaffRequest,
    imported: Import,
    kind: str,
    cells: dict[int, dict[int, str | None]],
    told: str = "",
) -> HttpResponse:
    try:
        imported = imports.correct_cells(imported=imported, cells=cells, by=request.user)
    except imports.ImportRefused:
        return _elsewhere(request, imported)
    except imports.TooManyCorrections:
        messages.error(
            request, _("So many rows are not corrected here: correct the file and upload it again.")
        )
    else:
        if told:
            messages.info(request, told)
    mending = Mending(request, imported, kind, _sight(request, imported))
    row = next(iter(cells), 0)
    if wants_fragment(request) and len(cells) == 1 and mending.knows(row):
        return _row(request, imported, mending, mending.fix(row))
    query = urlencode({name: request.POST.get(name, "") for name in ("show", "page")})
    return redirect(f"{reverse('customers:import_preview', args=[imported.pk])}?{query}#problems")


def _not_taken(
    request: StaffRequest, imported: Import, mending: Mending, row: int, text: str, error: str
) -> HttpResponse:
    if wants_fragment(request):
        return _row(request, imported, mending, mending.fix(row, text, error), status=422)
    return _preview(request, imported, {row: (text, error)})


def _row(
    request: StaffRequest, imported: Import, mending: Mending, fix: Fix, status: int = 200
) -> HttpResponse:
    context = {
        "imported": imported,
        "fix": fix,
        "problem_kind": mending.kind,
        "problem_chips": chips_of(imported, mending.kind),
        **proposed_on(mending.page(request.POST.get("page")), mending),
        "rejected": len(imported.report.get("rejected", ())),
        "writes_nothing": not counts_of(imported),
        "page_number": request.POST.get("page", ""),
    }
    return render(request, "customers/imports/_fixed.html", context, status=status)


def _elsewhere(request: StaffRequest, imported: Import) -> HttpResponse:
    moved = gone_on(request, imported)
    return HttpResponseClientRedirect(moved.headers["Location"]) if wants_fragment(request) else moved
