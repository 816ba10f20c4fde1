"""Permissions of bulk import and export in the admin."""

from django.http import HttpRequest

from accounts import access
from tables.admin import BulkAdmin


class PlanningBulkAdmin(BulkAdmin):
    """An admin page with bulk import and export for planning."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return access.may_import_tables(request.user)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return access.may_export_tables(request.user)
