"""The rows of small tables as files: what a cell may hold, and what a table refuses."""

from __future__ import annotations

import unicodedata
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import NOT_PROVIDED, Field
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from import_export.widgets import BooleanWidget

_SAID = {
    "是": True,
    "yes": True,
    "true": True,
    "1": True,
    "否": False,
    "no": False,
    "false": False,
    "0": False,
}


class YesNo(BooleanWidget):
    """The library takes every word that it does not know for no, and so would close a store for a 是."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        word = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip().casefold()
        if word and word not in _SAID:
            raise ValueError(
                _("“%(value)s” is neither yes nor no. Write yes or no, true or false, 1 or 0, 是 or 否.")
                % {"value": value}
            )
        return _SAID.get(word)


class TableResult(Result):
    def changed(self) -> list[str]:
        """What the written rows are found by."""
        written = {RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE}
        return [row.key for row in self.rows if row.import_type in written]


class Table(ModelResource):
    """A small table whose file comes back as it went out: columns by their names in every language, keys by code."""

    WIDGETS_MAP = {**ModelResource.WIDGETS_MAP, "BooleanField": YesNo}

    class Meta:
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        field = super().field_from_django_field(field_name, django_field, readonly)
        if isinstance(field.widget, YesNo):
            # A blank cell keeps what the row has: the default is for new rows, which have it already.
            field.default, field.saves_null_values = NOT_PROVIDED, False
        return field

    @classmethod
    def get_result_class(cls) -> type[Result]:
        return TableResult

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self._lines: list[int] = dataset.lines
        self._first: dict[str, int] = {}

    def before_import_row(self, row: Any, *, row_number: int, **kwargs: Any) -> None:
        """Of two rows with one key the second would silently win."""
        key, line = self._key(row), self._lines[row_number - 1]
        if key and self._first.setdefault(key, line) != line:
            raise ValidationError(
                _("“%(key)s” stands in row %(row)s already.") % {"key": key, "row": self._first[key]}
            )

    def after_import_row(self, row: Any, row_result: RowResult, **kwargs: Any) -> None:
        row_result.key = self._key(row)

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        """The library counts rows without the headings and the blank lines; people read the spreadsheet's numbers."""
        super().after_import(dataset, result, **kwargs)
        for row in (*result.invalid_rows, *result.error_rows):
            row.number = self._lines[row.number - 1]

    def _key(self, row: Any) -> str:
        """What the row is found by, as people write it: ``GB``, or ``liu · GB``."""
        columns = (self.fields[name].column_name for name in self.get_import_id_fields())
        return " · ".join(filter(None, (str(row.get(column, "")).strip() for column in columns)))
