"""What a cell of a small table's file may hold, and how it is said that it holds something else."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from import_export.widgets import BooleanWidget, ForeignKeyWidget, IntegerWidget

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


class WholeNumber(IntegerWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        try:
            number: int | None = super().clean(value, row, **kwargs)
            whole = number is None or Decimal(str(value)) == number
        except (ValueError, ArithmeticError):
            whole = False
        if not whole:
            raise ValueError(_("“%(value)s” is not a whole number.") % {"value": value})
        return number


class ByKey(ForeignKeyWidget):
    """A row of another table by its code or name; of one that is not there, the value is told."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist as error:
            told = {"kind": self.model._meta.verbose_name, "value": value}
            raise ValueError(_("There is no %(kind)s “%(value)s”.") % told) from error
