"""An Excel form of 1,000 rows: preview and import, compared with the minimum for any program.

The minimum is openpyxl reading the same file, and bulk writes of the rows and their history.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from accounts.roles import Role
from bench.registry import benchmark
from bench.timing import time_ratio
from entry.excel.columns import SHEET, Header
from entry.excel.form import write_form
from entry.excel.form_lines import form_of
from entry.year_rows import year_rows
from indicators.models import Actual, FiscalYear, Indicator
from tables.sheets import sheets_of
from tests.factories import (
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_user,
)
from tests.html import form_data

ROWS = 1_000
ROUNDS = 7
"""Few, because each takes about a second."""

YEAR = 2017
VALUE_COLUMN = 9
"""The column of the values in the form, counted from 0."""


@benchmark("Excel様式1,000行の確認と取込み：読取りと一括登録だけの時間に対して", limit=3)
def forms(rows: int = ROWS, rounds: int = ROUNDS) -> float:
    """Two requests, preview and confirmation, compared with only reading and writing."""
    user = clerk_with_indicators(rows)
    content = filled_in(user)
    return time_ratio(
        partial(undone, partial(take_in, client_of(user), content, rows)),
        partial(undone, partial(read_and_write, user, content)),
        rounds=rounds,
        warm_ups=1,
    )


def clerk_with_indicators(count: int) -> User:
    """Return the clerk of a new section with `count` indicators and no values.

    The section is new because other benchmarks leave indicators in the database.
    """
    make_fiscal_year(YEAR)
    section, measure = make_section(), make_measure()
    for _ in range(count):
        make_kpi(measure, make_indicator(section), kind="level")
    return make_user(Role.CLERK, section)


def client_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def filled_in(user: User) -> bytes:
    """Return the form of a user with a value in each row."""
    form = form_of(FiscalYear.objects.get(pk=YEAR), year_rows(YEAR, user))
    write_form(empty := BytesIO(), form)
    book = openpyxl.load_workbook(empty)
    sheet = book[SHEET]
    first = next(row[0].row for row in sheet.iter_rows() if row[VALUE_COLUMN].value == Header.VALUE)
    for number, row in enumerate(range(first + 1, sheet.max_row + 1)):
        sheet.cell(row, VALUE_COLUMN + 1).value = number
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def take_in(client: Client, content: bytes, rows: int) -> None:
    """Upload the form and confirm it. Raises RuntimeError if not every row was recorded."""
    sheets_of.cache_clear()  # in production, a form is new to the cache
    file = SimpleUploadedFile("form.xlsx", content)
    before = Actual.objects.count()
    preview = client.post(reverse("entry_import", args=[YEAR]), {"file": file}, follow=True)
    ticket = form_data(preview.content.decode()).get("ticket", "")
    client.post(reverse("entry_import_apply", args=[YEAR]), {"ticket": ticket})
    recorded = Actual.objects.count() - before
    if recorded != rows:
        raise RuntimeError(f"{recorded} of {rows} rows were recorded.")


def read_and_write(user: User, content: bytes) -> None:
    """Read the file with openpyxl and write its rows with their history in bulk."""
    book = openpyxl.load_workbook(BytesIO(content))
    lines = [line for line in book[SHEET].iter_rows(values_only=True) if line[-1]][1:]
    with transaction.atomic():
        own = Indicator.objects.filter(entered_by__users=user)
        ids = own.order_by("pk").values_list("pk", flat=True)
        actuals = [
            Actual(indicator_id=pk, fiscal_year_id=YEAR, value=line[VALUE_COLUMN], entered_by=user)
            for pk, line in zip(ids, lines, strict=True)
        ]
        bulk_create_with_history(actuals, Actual, default_user=user, default_change_reason="")


def undone(do: Callable[[], object]) -> None:
    """Call `do` and roll back, so that every round starts from the same state."""
    with transaction.atomic():
        do()
        transaction.set_rollback(True)
