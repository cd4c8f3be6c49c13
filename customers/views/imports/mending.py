"""Rows whose wrong cell a user can type anew before the file is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.dms.headers import Mapping as HeaderMapping
from customers.dms.labels import field_label, reason_label, warning_label
from customers.dms.mend import MENDABLE, Place, Proposal, Wrong, place_of, proposals, still_wrong
from customers.dms.read.cells import corrected_cells
from customers.dms.words import text_of
from customers.models import Import, Vehicle
from customers.privacy import Sight
from customers.views.imports.cells import shown
from customers.views.imports.clashes import Clash, clashes_of
from staff.permissions import StaffRequest

REJECTED = "rejected"
# Rows that ask for something take more room than others.
PAGE = 20
_CAR = ("plate", "plate_or_vin", "vin")


@dataclass(frozen=True, slots=True)
class Fix:
    """A row as the page shows it: what stands in the file, and what could or will stand instead."""

    row: int
    order_no: str
    car: str
    is_car: bool
    """The car's cell is the wrong one."""
    label: str
    value: str
    reason: str
    proposal: Proposal | None
    text: str | None
    """What stands in the input; None where this row is mended otherwise."""
    taken: list[tuple[str, str]]
    """Field and text of each cell typed anew since the last dry run."""
    error: str = ""
    clash: Clash | None = None
    """What has its order number."""


class Mending:
    """The rows of one kind (rejected, or a warning) of an import that is ready to write."""

    def __init__(self, request: StaffRequest, imported: Import, kind: str, sight: Sight) -> None:
        self._request, self._imported, self._sight = request, imported, sight
        self.kind = kind
        report = imported.report
        if kind == REJECTED:
            self._codes = {entry["row"]: entry["reason"] for entry in report.get("rejected", [])}
        else:
            self._codes = dict.fromkeys(report.get("warnings", {}).get(kind, []), kind)
        self._mapping = HeaderMapping.from_dict(imported.mapping)
        self._kept = dict(imported.remembered_samples.get("cells", []))
        self._typed = imported.corrected_cells

    @staticmethod
    def is_for(kind: str) -> bool:
        return kind == REJECTED or kind in MENDABLE

    def page(self, number: str | None) -> Page[int]:
        """Row numbers."""
        return Paginator([*self._codes], PAGE).get_page(number)

    def fixes(self, rows: Iterable[int], wrong: Mapping[int, tuple[str, str]]) -> list[Fix]:
        """``wrong``: by row, what was typed and could not be taken, and why."""
        asked = list(rows)
        clashes, found = self._clashes(asked), self.proposals(asked)
        return [self._fix(row, clashes.get(row), found.get(row), *wrong.get(row, ("", ""))) for row in asked]

    def fix(self, row: int, typed: str = "", error: str = "") -> Fix:
        [fix] = self.fixes([row], {row: (typed, error)})
        return fix

    def _clashes(self, rows: list[int]) -> dict[int, Clash]:
        if self.kind != REJECTED:
            return {}
        return clashes_of(self._request, self._imported, self._sight, rows)

    def _fix(
        self, row: int, clash: Clash | None, proposal: Proposal | None, typed: str = "", error: str = ""
    ) -> Fix:
        code = self._codes[row]
        label = reason_label(code, self._imported.export) if self.kind == REJECTED else warning_label(code)
        place = self._place(row)
        wrong = self._wrong(row)
        car = next((Place(name, at[0]) for name in _CAR if (at := self._mapping.indexes(name))), None)
        is_car = place is not None and place.field in _CAR
        return Fix(
            row=row,
            order_no=self._shown(wrong, self._first("order_no")),
            car=self._shown(wrong, place if is_car else car),
            is_car=is_car,
            label=str(field_label(place.field)) if place else "",
            value=self._shown(wrong, place),
            reason=str(label),
            proposal=proposal,
            text=(typed if error else self._text(wrong, place, proposal)) if place else None,
            taken=self._taken(row),
            error=error,
            clash=clash,
        )

    def proposals(self, rows: Iterable[int]) -> dict[int, Proposal]:
        """Of those among these rows that nobody has mended: what could be meant and may be shown."""
        open_rows = [wrong for row in rows if not self._taken(row) and (wrong := self._wrong(row))]
        found = proposals(
            open_rows,
            self._mapping,
            cars=Vehicle.objects.visible_to(self._request.user),
            today=timezone.localdate(),
        )
        return {
            row: proposal
            for row, proposal in found.items()
            if (place := self._place(row)) and self._is_open(proposal.text, place.field)
        }

    def judge(self, row: int, text: str) -> tuple[dict[int, str | None], str]:
        """The cell to type anew, by column, and why it cannot be; None is the file's own again."""
        place, wrong = self._place(row), self._wrong(row)
        if not place or not wrong:
            return {}, _("This row cannot be corrected here. Correct it in the workbook.")
        if not text.strip():
            return {}, _("Type what should stand there.")
        if place.index < len(wrong.cells) and text == text_of(wrong.cells[place.index]):
            return {}, _("That is what stands there now.")
        typed = {**self._typed.get(row, {}), place.index: text}
        after = Wrong(row, wrong.code, corrected_cells(self._kept[row], typed))
        if still_wrong(after, self._mapping, today=timezone.localdate()):
            return {}, _("That does not mend it: %(reason)s") % {"reason": self.fix(row).reason}
        cells = self._kept[row]
        own = text_of(cells[place.index]) if place.index < len(cells) else ""
        return {place.index: None if text == own else text}, ""

    def proposed(self) -> dict[int, dict[int, str | None]]:
        """All proposals for rows of this kind, as cells to type anew."""
        return {
            row: {place.index: proposal.text}
            for row, proposal in self.proposals(self._codes).items()
            if (place := self._place(row))
        }

    def knows(self, row: int) -> bool:
        return row in self._codes

    def _wrong(self, row: int) -> Wrong | None:
        """None for a row whose cells are not kept."""
        if row not in self._kept:
            return None
        return Wrong(row, self._codes[row], corrected_cells(self._kept[row], self._typed.get(row, {})))

    def _place(self, row: int) -> Place | None:
        wrong = self._wrong(row)
        if not wrong or self._taken(row):
            return None
        return place_of(wrong, self._mapping, today=timezone.localdate())

    def _first(self, field: str) -> Place | None:
        at = self._mapping.indexes(field)
        return Place(field, at[0]) if at else None

    def _shown(self, wrong: Wrong | None, place: Place | None) -> str:
        if not wrong or not place or place.index >= len(wrong.cells):
            return ""
        return shown(wrong.cells[place.index], place.field, self._sight)

    def _is_open(self, text: str, field: str) -> bool:
        return shown(text, field, self._sight) == text

    def _text(self, wrong: Wrong | None, place: Place | None, proposal: Proposal | None) -> str:
        """What the input begins with: never what is masked."""
        if proposal:
            return proposal.text
        if not wrong or not place or place.index >= len(wrong.cells):
            return ""
        text = text_of(wrong.cells[place.index])
        return text if self._is_open(text, place.field) else ""

    def _taken(self, row: int) -> list[tuple[str, str]]:
        if not self._imported.untried:
            return []
        return typed_cells(self._typed.get(row, {}), self._mapping, self._sight)


def typed_cells(typed: Mapping[int, str], mapping: HeaderMapping, sight: Sight) -> list[tuple[str, str]]:
    """Name of the column and the text in it, masked, of the cells that a user typed."""
    columns = {column.index: column for column in mapping.columns}
    return [
        (
            str(field_label(columns[index].field)) if columns[index].field else columns[index].header,
            shown(text, columns[index].field, sight),
        )
        for index, text in sorted(typed.items())
    ]
