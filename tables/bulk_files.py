"""Writes the file of a bulk export."""

from typing import IO, Any

from tables.cells import read_back
from tables.resource import TableResource
from tables.table_files import counted_ahead, table_workbook, write_csv, write_sheet
from tables.uploads import Format

NOTES_SHEET = "列の説明"


def write_export(
    file: IO[bytes], kind: Format, resource_class: type[TableResource], user: Any, listed: Any
) -> int:
    """Write the objects of a table as CSV or as a workbook; return their number.

    `listed` is the query of their primary keys: unlike a queryset, it can be pickled as it is.
    """
    resource = resource_class(user=user)
    objects = resource.get_queryset().filter(pk__in=listed)
    headers = [column.header for column in resource.columns]
    if kind == Format.CSV:
        return write_csv(file, headers, resource.written(objects))
    rows, are_few = counted_ahead(resource.written(objects))
    with table_workbook(file, resource.subject, small=are_few) as workbook:
        count = write_sheet(
            workbook, resource.subject, headers, ([read_back(cell) for cell in row] for row in rows)
        )
        note_headers, *notes = resource.notes()
        write_sheet(workbook, NOTES_SHEET, note_headers, notes)
    return count
