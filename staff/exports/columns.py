"""The columns of a list's export, and its rows in portions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.functional import Promise
from import_export import resources
from import_export.fields import Field
from import_export.widgets import Widget

from staff import audit
from staff.models import Role, User

PORTION = 500
# Every list by its name.
LISTS: dict[str, type[ListResource]] = {}


class _AsItIs(Widget):
    """Numbers stay numbers and days stay days: the file's writer decides how each is written."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class _InYuan(_AsItIs):
    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Column(Field):
    """A column of that heading; without an attribute the resource's ``dehydrate_<name>`` says what stands in it."""

    shown: type[Widget] = _AsItIs

    def __init__(self, heading: str | Promise, attribute: str | None = None) -> None:
        super().__init__(attribute=attribute, column_name=heading, widget=self.shown(), readonly=True)


class Yuan(Column):
    """Fen in the database, yuan with two decimals in the file."""

    shown = _InYuan


class ListResource(resources.Resource):
    """What ``role`` may read of a list. Its columns are declared on the class, in their order in the file."""

    # How the audit trail names the list.
    name: ClassVar[str]
    # How the file and its sheet are called.
    title: ClassVar[str | Promise]
    # Whether its rows are about customers: many of them leave the house with a second person's consent only.
    about_people: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            LISTS[cls.name] = cls
            audit.WORDS.setdefault("list", {})[cls.name] = cls.title

    def __init__(self, *, user: User, role: Role | None, today: date) -> None:
        super().__init__()
        self.user, self.role, self.today = user, role, today

    def prepared(self, rows: list[Any]) -> list[Any]:
        """A portion of rows with what their columns need besides: so many queries, however many rows."""
        return rows

    def iter_queryset(self, queryset: QuerySet[Any]) -> Iterator[Any]:
        found = queryset.iterator(chunk_size=PORTION)
        while portion := list(islice(found, PORTION)):
            yield from self.prepared(portion)

    def rows(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        # Asked once, not for every cell: what the library's export_field would find out each time.
        names = [(self.get_field_name(column), column) for column in self.get_export_fields()]
        cells = [getattr(self, column.get_dehydrate_method(name), column.export) for name, column in names]
        for row in self.iter_queryset(queryset):
            yield [cell(row) for cell in cells]
