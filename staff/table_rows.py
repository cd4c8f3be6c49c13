"""The rows of a small table's file: found by their key, refused when they do not fit, and told in plain words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from import_export.fields import NOT_PROVIDED, Field
from import_export.resources import ModelResource
from import_export.results import Result, RowResult

from staff.table_cells import WholeNumber, YesNo

logger = logging.getLogger(__name__)
CANNOT_BE_WRITTEN = gettext_lazy("This cannot be written.")


class TableResult(Result):
    headings: dict[str, str]

    def changed(self) -> list[str]:
        """What the written rows are found by."""
        written = {RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE}
        return [row.key for row in self.rows if row.import_type in written]

    def problems(self) -> list[str]:
        """In plain words; what the library shows of an unexpected error are folders of the server."""
        if self.base_errors:
            return [text for error in self.base_errors for text in _words(error.error)]
        rows = [
            (row.number, row.field_specific_errors, row.non_field_specific_errors)
            for row in self.invalid_rows
        ]
        rows += [(row.number, {}, [CANNOT_BE_WRITTEN]) for row in self.error_rows]
        return [text for row in sorted(rows, key=lambda row: row[0]) for text in self._of_row(*row)]

    def _of_row(self, row: int, of_columns: dict[str, list[str]], of_all: list[str]) -> Iterator[str]:
        for name, problems in of_columns.items():
            for problem in problems:
                told = {"row": row, "column": self.headings.get(name, name), "problem": problem}
                yield _("Row %(row)s, %(column)s: %(problem)s") % told
        for problem in of_all:
            yield _("Row %(row)s: %(problem)s") % {"row": row, "problem": problem}


def _words(error: Exception) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(CANNOT_BE_WRITTEN)]


class Table(ModelResource):
    """A small table whose file comes back as it went out: columns by their names in every language, keys by code."""

    WIDGETS_MAP = {
        **ModelResource.WIDGETS_MAP,
        "BooleanField": YesNo,
        "PositiveSmallIntegerField": WholeNumber,
    }

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

    @classmethod
    def label(cls, name: str) -> str:
        return str(cls._meta.model._meta.get_field(name).verbose_name)

    @classmethod
    def heading(cls, name: str) -> str:
        """A column as people call it, and as the file does."""
        label, column = cls.label(name), cls.fields[name].column_name
        return column if label == column else _("%(label)s (%(name)s)") % {"label": label, "name": column}

    def get_diff_headers(self) -> list[str]:
        return [self.label(name) for name in self.get_import_order()]

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            return None  # a key that cannot be read: taking the row over tells it with its column

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self._lines: list[int] = dataset.lines
        self._first: dict[str, int] = {}
        wanted = [self.fields[name].column_name for name in self.get_import_id_fields()]
        missing = [column for column in wanted if column not in dataset.headers]
        if missing:
            raise ValidationError(
                _("The first row lacks these columns: %(names)s")
                % {"names": pgettext("list", ", ").join(missing)}
            )

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
        result.headings = {name: self.heading(name) for name in self.get_import_order()}
        for row in (*result.invalid_rows, *result.error_rows):
            row.number = self._lines[row.number - 1]
        for row in result.error_rows:
            for error in row.errors:
                logger.error("A row of %s cannot be written", self._meta.model.__name__, exc_info=error.error)

    def _key(self, row: Any) -> str:
        """What the row is found by, as people write it: ``GB``, or ``liu · GB``."""
        columns = (self.fields[name].column_name for name in self.get_import_id_fields())
        return " · ".join(filter(None, (str(row.get(column, "")).strip() for column in columns)))
