"""The papers of the year's end: their content, their sums, and that editions stay."""

import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import cache

import openpyxl
import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from measures.models import Project
from reviews.models import FUNDS, Edition, Erratum, MeasureReview, Opinion, ProjectYear, State
from tests.factories import (
    load_city,
    make_actual,
    make_kpi,
    make_project,
    make_strategy,
    make_user,
    make_values,
)
from tests.pages import read_page, text_of
from tests.recalculation import Cells, cells, sheet_files
from tests.reports.year_end import DRAFT, LONG, written_year

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

YEAR = 2017
TODAY = timezone.localdate().isoformat()
PAGES = ("settlement_paper", "review_grants_paper", "review_edition_draft_paper")
FILES = ("settlement_xlsx", "review_grants_xlsx", "review_edition_draft_xlsx")
NOT_COUNTED = 777_777_000
"""Money that an old row has at a project listed again."""


@dataclass(eq=False)
class Papers:
    """All papers of a year of which every second part is confirmed, each made once."""

    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    sums: list[int] = field(default_factory=list)
    again: str = ""
    left: str = ""

    @cache  # noqa: B019
    def cells(self, name: str) -> Cells:
        return cells(self.files[name])


def written_plan(text: str = LONG):
    plan = load_city()
    plan.invented = True
    plan.save()
    make_values(plan)
    written_year(plan, YEAR, every=2, text=text)
    return plan


def small_plan():
    """Return a plan of one measure, written as a year ends: quick to fix."""
    project = make_project()
    kpi = make_kpi(project.measure)
    make_actual(kpi.indicator, YEAR, 45)
    plan = project.measure.strategy
    written_year(plan, YEAR)
    return plan


@pytest.fixture(scope="module")
def papers(django_db_setup, django_db_blocker) -> Papers:
    made, client = Papers(), Client()
    with django_db_blocker.unblock(), transaction.atomic():
        plan = written_plan()
        again = Project.objects.filter(relisted_from__isnull=False).first()
        rows = ProjectYear.objects.filter(state=State.CONFIRMED).exclude(project=again)
        names = ("budget", "settlement", *FUNDS)
        found = rows.aggregate(**{f"all_{name}": Sum(name) for name in names})
        made.sums = [found[f"all_{name}"] for name in names if found[f"all_{name}"]]
        ProjectYear.objects.filter(project=again).update(
            state=State.CONFIRMED, done="", budget=NOT_COUNTED
        )
        made.again = again.name
        made.left = ProjectYear.objects.exclude(state=State.CONFIRMED).first().project.name
        client.force_login(make_user(Role.PLANNING))
        for name in PAGES:
            made.pages[name] = text_of(client.get(url(plan, name)))
        for name in FILES:
            made.files[name] = client.get(url(plan, name)).getvalue()
        transaction.set_rollback(True)
    return made


@pytest.fixture
def plan(client):
    client.force_login(make_user(Role.PLANNING))
    return written_plan("短い文です。")


def url(plan, name: str, *args: object) -> str:
    return reverse(name, args=[plan.code, *args]) + f"?year={YEAR}"


def texts(found: Cells, sheet: str | None = None) -> str:
    """Return the contents of the cells of a sheet, or of all."""
    return " ".join(
        str(value) for (name, _), value in found.constants.items() if sheet in (None, name)
    )


def shown(yen: int) -> str:
    return f"{(yen + 500) // 1000:,}"


def fix(client, plan) -> Edition:
    sent = {"decided_on": "2019-01-10", "document_number": "根総政第1号", "reason": "途中のため。"}
    client.post(url(plan, "review_fix"), sent)
    return Edition.objects.get()


def test_sums_of_the_settlement_are_those_of_what_is_confirmed(papers):
    found = papers.cells("settlement_xlsx")
    [row] = [at[1:] for (sheet, at), value in found.constants.items()
             if (sheet, at[0], value) == ("総括", "A", "合計")]  # fmt: skip
    sums = [one.result for (sheet, at), one in found.formulas.items()
            if sheet == "総括" and at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == row]  # fmt: skip
    assert [one * 1000 for one in sums] == pytest.approx(papers.sums)
    for amount in papers.sums:
        assert shown(amount) in papers.pages["settlement_paper"]


@pytest.mark.parametrize("name", ["settlement_xlsx", "review_edition_draft_xlsx"])
def test_the_sums_of_the_workbook_add_up_what_they_refer_to(papers, name):
    found = papers.cells(name)
    numbers = found.constants | {at: one.result for at, one in found.formulas.items()}
    assert len(found.formulas) > 20
    for (sheet, at), one in found.formulas.items():
        added = 0.0
        for address in one.formula.removeprefix("SUM(").removesuffix(")").split(","):
            where, _, cell = address.rpartition("!")
            added += numbers[where.strip("'") or sheet, cell]
        assert one.result == pytest.approx(added), (sheet, at)


def test_money_of_a_project_listed_again_is_counted_at_its_home_only(papers):
    assert f"{papers.again}（再掲：金額は" in papers.pages["settlement_paper"]
    for text in (papers.pages["settlement_paper"], texts(papers.cells("settlement_xlsx"))):
        assert shown(NOT_COUNTED) not in text
        assert str(NOT_COUNTED // 1000) not in text


@pytest.mark.parametrize("name", ["settlement", "review_edition_draft"])
def test_unconfirmed_content_is_named_but_not_shown(papers, name):
    for text in (papers.pages[f"{name}_paper"], texts(papers.cells(f"{name}_xlsx"))):
        assert f"{papers.left}（未確認）" in text
        assert DRAFT not in text
        assert "確認していないため、載せていません。" in text
        assert LONG in text


def test_the_form_for_the_state_has_a_line_for_each_kpi_and_the_sum(papers):
    [sheet] = openpyxl.load_workbook(io.BytesIO(papers.files["review_grants_xlsx"]))
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    first = next(index for index, row in enumerate(rows) if row[1] == "港のにぎわいをつくる事業")
    assert rows[first][4] == 12_345_678
    assert rows[first][9] == "相当程度効果があった"
    assert rows[first][5]
    assert rows[first + 1][5]
    assert not rows[first + 1][1], "the second KPI has a line of its own"
    assert next(row[4] for row in rows if row[1] == "合計").startswith("=SUM(E4:E")
    assert sheet.page_setup.orientation == "landscape"


def test_every_paper_is_marked_where_values_are_invented(papers):
    note = "試用環境です。実績値は架空のものです。"
    for text in papers.pages.values():
        assert note in text
    for name in FILES:
        found = papers.cells(name)
        with zipfile.ZipFile(io.BytesIO(papers.files[name])) as package:
            files = list(sheet_files(package))
            for sheet, file in files:
                top = [found.constants.get((sheet, f"A{row}")) for row in (1, 2, 3)]
                assert note in " ".join(map(str, top)), (name, sheet)
                assert "ページ" in package.read(file).decode().partition("<oddFooter>")[2]
            titles = package.read("xl/workbook.xml").count(b"_xlnm.Print_Titles")
        assert titles == len(files), "the title is repeated on each page of each sheet"


def test_a_draft_is_marked_and_says_what_is_open(papers):
    text = papers.pages["review_edition_draft_paper"]
    for said in ("検証調書（案）", "まだ確定していません", "終わっていないもの", "確認していない"):
        assert said in text
    assert "SHA-256" not in text


def test_a_fixed_edition_is_printed_as_it_was_with_its_errata_beside(client):
    plan = small_plan()
    client.force_login(make_user(Role.PLANNING))
    edition = fix(client, plan)
    paper, book = (url(plan, f"review_edition_{name}", 1) for name in ("paper", "xlsx"))
    file = client.get(book).getvalue()
    before = text_of(client.get(paper))
    for said in (edition.sha256, "根総政第1号", "第1号", "比べる前の号は、ありません。"):
        assert said in before
    found = cells(file)
    assert [one["goal"] for one in json.loads(edition.data)["councils"][0]["opinions"]] == [1, 1, 1]
    assert "の回答2：" in texts(found, "基本目標1")
    assert "の回答2：" not in texts(found, "有識者会議")
    plan.title = "別の名称"
    plan.save()
    ProjectYear.objects.filter(state=State.CONFIRMED).update(done="別の取組")
    Opinion.objects.update(answer="別の回答")
    Erratum.objects.create(
        edition=edition, number=1, place="概要", wrong="48件", right="49件",
        entered_on="2019-02-01", reason="数え漏れ",
    )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        text = text_of(client.get(paper))
    asked = " ".join(query["sql"] for query in queries)
    for table in ("reviews_projectyear", "reviews_measurereview", "reviews_opinion"):
        assert table not in asked
    assert len(queries) <= 45
    assert "49件" in text
    for said in ("別の取組", "別の回答"):
        assert said not in text
    assert "49件" in texts(cells(client.get(book).getvalue()), "正誤表")
    Erratum.objects.all().delete()
    assert client.get(book).getvalue() == file


@pytest.mark.parametrize("name", PAGES)
def test_the_number_of_queries_does_not_grow_with_what_is_written(client, plan, name):
    counts = []
    for number in (11, 21):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(plan, name)).status_code == 200
        counts.append(len(queries))
        ProjectYear.objects.update(state=State.CONFIRMED)
        MeasureReview.objects.update(state=State.CONFIRMED)
        opinion = Opinion.objects.filter(council__fiscal_year=YEAR).last()
        for more in range(3):
            opinion.pk, opinion.number = None, number + more
            opinion.save()
    assert counts[0] == counts[1]
    assert counts[0] <= 60


@pytest.mark.parametrize("name", [*PAGES, *FILES])
def test_papers_of_a_plan_without_anything_are_sound(client, name):
    plan = make_strategy(code="empty", title="まだ何もない総合戦略")
    client.force_login(make_user(Role.PLANNING))
    response = client.get(reverse(name, args=[plan.code]))
    assert response.status_code == 200
    if name.endswith("paper"):
        read_page(response)


def test_papers_of_the_current_day_are_refused_for_an_earlier_one(client):
    plan = make_strategy(code="empty")
    client.force_login(make_user(Role.PLANNING))
    for name in (*PAGES, *FILES):
        response = client.get(reverse(name, args=[plan.code]), {"as_of": TODAY})
        assert response.status_code == 409
        assert "過去の時点では作れません" in text_of(response)


def test_readers_are_offered_what_is_confirmed_only(client):
    plan = make_strategy(code="empty")
    for role, sees in ((Role.READER, False), (Role.PLANNING, True)):
        client.force_login(make_user(role))
        text = text_of(client.get(reverse("report_choice", args=[plan.code])))
        assert "主要な施策の成果を説明する書類" in text
        assert ("検証調書（案）" in text) == sees
