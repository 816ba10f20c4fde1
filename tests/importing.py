"""Files for bulk import, and the way through its pages."""

import csv
import io
import re
from html import unescape
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.html import form_data

Rows = list[list[Any]]


def address(model: type[Model], action: str) -> str:
    """Return the address of import, process_import or export of a model's table."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}")


def csv_file(rows: Rows, encoding: str = "utf-8-sig") -> bytes:
    """Return a CSV file of these rows, the header first."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode(encoding)


def xlsx_file(rows: Rows, title: str = "取込み") -> bytes:
    """Return an Excel file of these rows, the header first."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def upload(
    client: Client,
    model: type[Model],
    content: bytes | Rows,
    *,
    name: str = "取込み.csv",
    reason: str = "",
) -> HttpResponse:
    """Send a file, or rows as CSV, to the import page and return the preview."""
    if not isinstance(content, bytes):
        content = csv_file(content)
    data = {"file": SimpleUploadedFile(name, content), "reason": reason}
    return client.post(address(model, "import"), data)


def confirm(client: Client, model: type[Model], preview: HttpResponse) -> HttpResponse:
    """Press the button of a preview and return the page after it."""
    ticket = form_data(preview.content.decode())["ticket"]
    data = {"ticket": ticket, "confirm": ""}
    return client.post(address(model, "process_import"), data, follow=True)


def export(client: Client, model: type[Model], kind: str = "csv", query: str = "") -> bytes:
    """Return the file of an export."""
    response = client.post(address(model, "export") + query, {"kind": kind})
    assert response.status_code == 200
    return response.content


def exported_rows(client: Client, model: type[Model]) -> Rows:
    """Return the rows of an export as CSV, the header first."""
    text = export(client, model).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def text_of(response: HttpResponse) -> str:
    """Return a page's messages and content without markup, white space as single blanks."""
    html = response.content.decode().partition('<main id="content-start"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
