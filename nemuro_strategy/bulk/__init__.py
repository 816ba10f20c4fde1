"""Bulk import and export of tables in the admin, on top of django-import-export."""
