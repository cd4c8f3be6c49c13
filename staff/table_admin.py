"""Admin pages of small tables that go out to a file and come in from one: superusers only, confirmed, audited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin, ImportMixin
from import_export.forms import SelectableFieldsExportForm
from import_export.results import RowResult

from staff.models import User
from staff.services import record
from staff.table_rows import Table, TableResult
from staff.tables import NO_ROWS, TABLE_FORMATS, UNREADABLE, NoRows, NotATable

# How many of the changed rows the audit trail names.
MOST_NAMED = 20
NO_LONGER_FITS = _(
    "Nothing was written: this file no longer fits what is stored by now. Please upload it again."
)


class SuperusersOnly(admin.ModelAdmin):
    """Looking and changing; nothing that others refer to is deleted here."""

    show_full_result_count = False

    def _may(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ColumnsForm(SelectableFieldsExportForm):
    """Which columns go out, by their names in the user's language."""

    def _get_field_label(self, resource: type[Table], field_name: str) -> str:
        return resource.heading(field_name)

    def _validate_any_field_selected(self, resource: type[Table]) -> None:
        if not self.get_selected_resource_export_fields():
            raise ValidationError(_("Choose at least one column."), code="none")


class TableExport(ExportMixin, SuperusersOnly):
    formats = TABLE_FORMATS
    export_form_class = ColumnsForm
    export_template_name = "admin/table_export.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def get_export_data(
        self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any
    ) -> bytes:
        content: bytes = super().get_export_data(file_format, request, queryset, **kwargs)
        assert isinstance(request.user, User)
        record(
            user=request.user,
            action="export",
            list=self.opts.label_lower,
            format=file_format.key,
            rows=queryset.count(),
        )
        return content

    def get_export_filename(self, request: HttpRequest, queryset: QuerySet[Any], file_format: Any) -> str:
        return f"{self.opts.model_name}-{timezone.localdate():%Y-%m-%d}.{file_format.get_extension()}"


class TableImportExport(ImportMixin, TableExport):
    """First the file with what it would change, then the confirmation that changes it, all or nothing."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    import_template_name = "admin/table_import.html"

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def add_data_read_fail_error_to_form(self, form: Form, e: Exception) -> None:
        form.add_error("import_file", NO_ROWS if isinstance(e, NoRows) else UNREADABLE)

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Of the columns the library says nothing after a file that it could not read."""
        table = self.resource_classes[0]
        return {"headings": [table.heading(name) for name in table().get_import_order()]}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """All or nothing at the confirmation too: since the first look the tables may have changed."""
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except NotATable:  # what was to be confirmed is kept for a day only
            return self._again(request, UNREADABLE)

    def _again(self, request: HttpRequest, why: str | Promise) -> HttpResponse:
        messages.error(request, str(why))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")

    def process_result(self, result: TableResult, request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        if result.has_errors() or result.has_validation_errors():
            return self._again(request, NO_LONGER_FITS)
        record(
            user=request.user,
            action="table.import",
            list=self.opts.label_lower,
            added=result.totals[RowResult.IMPORT_TYPE_NEW],
            updated=result.totals[RowResult.IMPORT_TYPE_UPDATE],
            unchanged=result.totals[RowResult.IMPORT_TYPE_SKIP],
            which=result.changed()[:MOST_NAMED],
        )
        return super().process_result(result, request)
