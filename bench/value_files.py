"""20,000 values in one workbook: importing them, compared with the minimum for any program.

20,000 rows are the most that a file may have. The minimum is openpyxl reading the same file, and a
bulk write of the rows and their history.
"""

from functools import partial
from io import BytesIO

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from accounts.models import Section, User
from accounts.roles import Role
from bench.forms import client_of, undone
from bench.registry import benchmark
from bench.timing import time_ratio
from indicators.models import Actual, FiscalYear, Indicator
from tables.sheets import sheets_of
from tests.factories import make_section, make_user
from tests.html import form_data

INDICATORS = 1_000
YEARS = range(2000, 2020)
HEADERS = ("指標コード", "年度", "実績値", "版")
ROUNDS = 2
"""Few, because each takes a minute."""


@benchmark("実績値20,000件の取込み：読取りと一括登録だけの時間に対して", limit=3)
def value_files(indicators: int = INDICATORS, rounds: int = ROUNDS) -> float:
    """Two requests, preview and confirmation, compared with only reading and writing."""
    user = make_user(Role.PLANNING)
    ids = indicators_of(make_section(), indicators)
    content = workbook_of(list(ids))
    return time_ratio(
        partial(undone, partial(take_in_values, client_of(user), content)),
        partial(undone, partial(read_and_write_values, user, ids, content)),
        rounds=rounds,
        warm_ups=0,
    )


def indicators_of(section: Section, count: int) -> dict[str, int]:
    """Make `count` indicators, and the years; return the ids by code."""
    FiscalYear.objects.bulk_create((FiscalYear(pk=year) for year in YEARS), ignore_conflicts=True)
    made = Indicator.objects.bulk_create(
        Indicator(
            code=f"bench-{number}", name=f"指標{number}", unit="人", decimals=0,
            section=section, entered_by=section,
        )
        for number in range(count)
    )  # fmt: skip
    return {indicator.code: indicator.pk for indicator in made}


def workbook_of(codes: list[str]) -> bytes:
    """Return a workbook with a value of each indicator for each year."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("実績値")
    sheet.append(HEADERS)
    for number, code in enumerate(codes):
        for year in YEARS:
            sheet.append((code, year, 100 + number + year % 7, None))
    book.save(stream := BytesIO())
    return stream.getvalue()


def take_in_values(client: Client, content: bytes) -> None:
    """Upload the workbook and confirm it. Raises RuntimeError if no value was recorded."""
    sheets_of.cache_clear()  # in production, a workbook is new to the cache
    address = "admin:indicators_actual_{}"
    before = Actual.objects.count()
    sent = {"file": SimpleUploadedFile("values.xlsx", content), "reason": "過去の年度の値の登録"}
    page = client.post(reverse(address.format("import")), sent, follow=True).content.decode()
    ticket = form_data(page).get("ticket", "")
    client.post(reverse(address.format("process_import")), {"ticket": ticket, "confirm": ""})
    if Actual.objects.count() == before:
        raise RuntimeError("The values were not recorded.")


def read_and_write_values(user: User, ids: dict[str, int], content: bytes) -> None:
    """Read the workbook with openpyxl and write its rows with their history in bulk."""
    book = openpyxl.load_workbook(BytesIO(content))
    rows = book.active.iter_rows(min_row=2, values_only=True)
    with transaction.atomic():
        values = [
            Actual(indicator_id=ids[code], fiscal_year_id=year, value=value, entered_by=user)
            for code, year, value, _ in rows
        ]
        bulk_create_with_history(values, Actual, default_user=user, default_change_reason="")
