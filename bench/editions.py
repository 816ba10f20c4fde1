"""Fixing a year as 検証調書, compared with writing the workbook that it contains."""

from datetime import UTC, datetime

from django.test import Client

from accounts.roles import Role
from bench.entry import undone
from bench.plan import plan_with_values
from bench.registry import benchmark
from bench.timing import time_ratio
from indicators.models import Actual
from plans.tree import read_tree
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from reviews.models import Edition
from tests.factories import make_fiscal_year, make_user

ROUNDS = 12
SENT = {"decided_on": "2019-10-01", "document_number": "1", "reason": "測定"}


@benchmark("検証調書：年度の確定、検証報告書だけを書く時間に対して", limit=3)
def fixing(rounds: int = ROUNDS) -> float:
    """What is open, the data and the files of a year, compared with its 検証報告書.xlsx alone."""
    strategy = plan_with_values()
    year = make_fiscal_year(strategy.first_fiscal_year + 2).pk
    client = Client(SERVER_NAME="localhost")
    client.force_login(make_user(Role.PLANNING))
    address = f"/strategies/{strategy.code}/reviews/editions/fix/?year={year}"

    def measured() -> None:
        Actual.objects.update(state=Actual.State.CONFIRMED)
        client.post(address, SENT)
        if Edition.objects.filter(fiscal_year=year).count() != 1:
            raise RuntimeError("The year was not fixed.")

    def yardstick() -> None:
        tree = read_tree(strategy.code, year)
        review_workbook(tree, Facts(by="監査", at=datetime(2026, 10, 1, tzinfo=UTC)))

    return time_ratio(undone(measured), yardstick, rounds=rounds)
