"""A plan with words of its own: no page, paper or file of it says the standard ones."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import openpyxl
import pytest
from django.test import Client

from accounts.roles import Role
from goals.models import Strategy
from kpis.models import KPI
from reports.sheets.addresses import CODES, DATA, METADATA
from tests.accounts.test_access_table import ADDRESSES
from tests.factories import make_revision, make_user, make_values
from tests.plan_of_other_levels import CODE, STANDARD, WORDS, load_other_levels

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

PLAN = f"/strategies/{CODE}/"
YEAR = 2022
PAGES = {
    "overview": ("",),
    "listings": (
        "listings/",
        "listings/?goal=1",
        "listings/?goal=9",
        "listings/?judgement=bad&change=worse",
        "listings/?sort=judgement",
    ),
    "plan_list": ("list/",),
    "next_plan": ("next/",),
    "goal": ("goals/1/", "goals/3/", "goals/9/"),
    "measure": ("measures/1-1/", "measures/2-1/", "measures/1-0/", "measures/9-ア-9/"),
    "projects": ("projects/", "projects/?by=category", "projects/?by=implementer&relisted=once"),
    "search": ("search/", "search/?q=相談", "search/?q=1"),
    "target": ("targets/1-1/", "targets/9-9/"),
    "target_figure": ("targets/1-1/chart/",),
    "target_value": (f"targets/1-1/values/{YEAR}/",),
    "kpi": ("kpis/1-0-1/", "kpis/1-1-1/", "kpis/2-1-1/", "kpis/9-9-9/"),
    "kpi_figure": ("kpis/1-0-1/chart/", "kpis/9-9-9/chart/"),
    "kpi_value": (f"kpis/1-0-1/values/{YEAR}/",),
    "revisions": ("revisions/",),
    "revision": ("revisions/1/",),
    "year_document": ("print/", "print/?goal=1"),
    "slides": ("slides/?page=all", "slides/?page=2", "slides/?page=99"),
    "report_choice": ("reports/", "reports/?goal=1", "reports/?goal=9"),
    "council_paper": ("papers/council/",),
    "assembly_paper": ("papers/assembly/",),
    "settlement_paper": ("papers/settlement/",),
    "review_grants_paper": ("papers/grants/",),
    "review_edition_draft_paper": ("reviews/editions/draft/",),
    "review_edition_paper": ("reviews/editions/9/print/",),
    "review_edition_public_paper": ("reviews/editions/9/print/public/",),
    "chart_collection": ("charts/",),
    "two_years": ("compare/", "compare/?from=2020&to=2022", "compare/?from=9&to=9"),
    "sections": ("sections/",),
    "section": ("sections/999999/",),
    "reviews": ("reviews/",),
    "review_choices": ("reviews/choices/",),
    "review_measures": ("reviews/measures/",),
    "review_sheets": ("reviews/sheets/",),
    "review_decisions": ("reviews/decisions/",),
    "review_measure": ("reviews/measures/1-1/", "reviews/measures/9-9/"),
    "review_projects": ("reviews/projects/",),
    "review_project": ("reviews/projects/999999/",),
    "review_project_grid": ("reviews/projects/grid/",),
    "review_project_import": ("reviews/projects/import/",),
    "review_grants": ("reviews/grants/",),
    "review_grant": ("reviews/grants/1/", "reviews/grants/9/"),
    "review_council": ("reviews/council/",),
    "review_verdicts": ("reviews/council/goals/",),
    "review_meeting": ("reviews/council/0/", "reviews/council/9/"),
    "review_opinion_add": ("reviews/council/9/add/",),
    "review_opinion": ("reviews/council/9/9/",),
    "review_published": ("reviews/published/",),
    "review_editions": ("reviews/editions/",),
    "review_fix": ("reviews/editions/fix/",),
    "review_edition": ("reviews/editions/9/",),
    "review_publish": ("reviews/editions/9/publish/",),
    "review_withdraw": ("reviews/editions/9/withdraw/",),
    "review_erratum": ("reviews/editions/9/erratum/",),
}
FILES = {
    "year_workbook": "workbook/",
    "review_sheets_form": "reviews/sheets/form.xlsx",
    "review_project_form": "reviews/projects/form/",
    "measures_xlsx": "papers/measures.xlsx",
    "council_xlsx": "papers/council.xlsx",
    "assembly_xlsx": "papers/assembly.xlsx",
    "settlement_xlsx": "papers/settlement.xlsx",
    "review_grants_xlsx": "papers/grants.xlsx",
    "review_edition_draft_xlsx": "reviews/editions/draft.xlsx",
    "revision_xlsx": "revisions/1.xlsx",
}
SAID_BY_FILES = {
    FILES["review_grants_xlsx"]: WORDS["kpi_short"],
    FILES["review_project_form"]: "白帆市まちの設計図",
}
"""What a file says that does not name the goals."""

MADE_LATER = {
    "review_edition_file",
    "review_edition_zip",
    "review_edition_errata",
    "review_edition_xlsx",
    "review_edition_public_xlsx",
}
"""Files that somebody has to make first; tests/reviews/test_editions.py asks for them."""

FOR_FORMS = {
    "review_sheets_apply",
    "review_sheets_marked",
    "review_project_kept",
    "review_project_discard",
    "review_project_import_apply",
    "review_project_import_marked",
}
"""They answer what `review_sheets` and the pages of projects show, with the same page."""

FIGURES = {"target_svg": "targets/1-1/chart.svg", "kpi_svg": "kpis/1-0-1/chart.svg"}

OTHER_PAGES = (
    "/", "/reports/", "/entry/", f"/entry/{YEAR}/", f"/entry/{YEAR}/status/",
    f"/entry/{YEAR}/answer/", f"/entry/{YEAR}/report/", f"/entry/{YEAR}/inquiry/",
)  # fmt: skip


NAMED_BY_LAW = "主要な施策の成果を説明する書類"
"""地方自治法233条5項 calls it so, whatever a plan calls its measures."""


@pytest.fixture
def plan() -> Strategy:
    plan = load_other_levels()
    make_values(plan, remarks="台風のため。")
    kpi = KPI.objects.filter(measure__position=0).first()
    revision = make_revision(2021, kpi)
    _revise(plan, revision)
    return plan


def _revise(plan: Strategy, revision) -> None:
    """Rename a goal, end a project and change a target, so that 新旧対照表 has all of them."""
    goal = plan.goals.get(position=2)
    goal.former_titles = {str(revision.from_fiscal_year - 1): "前の柱"}
    goal.save()
    measure = goal.measure_groups.get().measures.get(position=1)
    measure.former_titles = {str(revision.from_fiscal_year - 1): "前の取組"}
    measure.save()
    project = measure.projects.last()
    project.last_fiscal_year = revision.from_fiscal_year - 1
    project.save()


@pytest.fixture
def planner(plan) -> Client:
    client = Client()
    client.force_login(make_user(Role.PLANNING))
    return client


def faults(text: str) -> list[str]:
    """Return what a text of the plan may not say, with what stands around it."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)  # letters by chance
    text = text.replace(NAMED_BY_LAW, "…")
    forbidden = [re.escape(word) for word in STANDARD]
    pattern = "|".join([*forbidden, r"（\s*）", r"\bNone\b"])
    return [text[max(0, m.start() - 30) : m.end() + 30] for m in re.finditer(pattern, text)]


def test_every_address_of_a_plan_is_asked_for():
    of_plan = {
        name
        for name, pattern in ADDRESSES.items()
        if str(pattern.pattern).startswith("strategies/<slug:code>/")
    }
    # The tables of the open data have the same columns for every plan, so that they can be joined.
    machines = {name for name in of_plan if re.match(r"data_|actuals_", name)}
    assert of_plan - machines == set(PAGES) | set(FILES) | set(FIGURES) | MADE_LATER | FOR_FORMS


def test_no_page_of_the_plan_says_a_standard_word(planner):
    found, said = {}, ""
    for path in [PLAN + path for paths in PAGES.values() for path in paths] + list(OTHER_PAGES):
        for query in ("", f"year={YEAR}"):
            joined = path + (("&" if "?" in path else "?") + query if query else "")
            response = planner.get(joined, follow=True)
            assert response.status_code in (200, 404), joined
            text = response.content.decode()
            said += text
            if wrong := faults(text):
                found[joined] = wrong
    assert found == {}
    for word in _shown_words():
        assert word in said


def _shown_words() -> Iterator[str]:
    """Yield the words of the plan that it has something to say of."""
    for name, word in WORDS.items():
        if name not in ("group", "categories"):
            yield word
    yield from (category["name"] for category in WORDS["categories"])


@pytest.mark.parametrize("path", FILES.values())
def test_no_file_of_the_plan_says_a_standard_word(planner, path):
    response = planner.get(f"{PLAN}{path}?year={YEAR}")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    texts = [*_cells(content), *_drawings(content)]
    # The history of the plan shows which standard word was replaced.
    texts = [text for text in texts if "の呼び方「" not in text]
    wrong = [fault for text in texts for fault in faults(text.replace("\n", ""))]
    assert wrong == []
    said = "".join(texts).replace("\n", "")
    assert SAID_BY_FILES.get(path, WORDS["goal"]) in said


@pytest.mark.parametrize("path", FIGURES.values())
def test_no_figure_of_the_plan_says_a_standard_word(planner, path):
    text = planner.get(f"{PLAN}{path}?year={YEAR}").content.decode()
    assert "の推移" in text
    assert faults(text) == []


def test_the_excel_form_says_the_words_of_the_plan(plan):
    client = Client()
    clerk = make_user(Role.PLANNING)
    client.force_login(clerk)
    response = client.get(f"/entry/{YEAR}/form.xlsx")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = "\n".join(_cells(content))
    assert faults(text) == []
    assert f"{WORDS['kpi_short']}1-0-1" in text
    assert f"{WORDS['numeric_target']}1-1" in text


def _cells(content: bytes) -> Iterator[str]:
    """Yield names of sheets, texts of cells and of what Excel says beside them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        if sheet.title in (DATA, CODES, METADATA):
            continue
        yield sheet.title
        for row in sheet.values:
            yield from (str(cell) for cell in row if cell is not None and cell != "対象の区分")
        for rule in sheet.data_validations.dataValidation:
            yield from filter(None, (rule.prompt, rule.error, rule.promptTitle, rule.errorTitle))


def _drawings(content: bytes) -> Iterator[str]:
    """Yield the texts of charts, of their descriptions, and of headers and footers."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if re.match(r"xl/(charts|drawings)/|docProps/", name) and name.endswith(".xml"):
                root = ElementTree.fromstring(parts.read(name))
                yield from root.itertext()
                yield from (value for node in root.iter() for value in node.attrib.values())
