"""A word of a grade that was typed before planning changed the words never means another grade."""

import pytest
from django.test import Client
from django.urls import reverse

from entry.excel.columns import RowKey, read_key
from goals.models import Strategy
from indicators.models import Actual, Indicator
from kpis.models import KPI
from tests import importing
from tests.entry.city import GRID, City, make_city, opened
from tests.entry.excel_forms import Paper, compared, form_for, messages
from tests.html import form_data
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

WORDS = {"on_track": "甲", "mostly_on_track": "乙", "behind": "丙"}
REORDERED = {"on_track": "乙", "mostly_on_track": "甲", "behind": "丙"}
RENAMED = {"on_track": "第一", "mostly_on_track": "第二", "behind": "第三"}
TAKEN_BY_ANOTHER = {"on_track": "優", "mostly_on_track": "順調", "behind": "丙"}
"""A standard word, which old forms may have, is that of another grade."""

REASON = "議会に提出した。"


@pytest.fixture
def city() -> City:
    city = make_city()
    described = {"kind": "described", "target": None, "sentence": "空き家条例を定める"}
    KPI.objects.filter(indicator=city.visitors).update(**described)
    call(WORDS)
    return city


def call(words: dict[str, str]) -> None:
    Strategy.objects.update(labels=words)


def grade(city: City) -> str:
    actual: Actual | None = city.stored(city.visitors)
    return actual.grade if actual else ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (REORDERED, "「甲」は、今は別の判定の言葉です。選んだ判定は、今の言葉では「乙」です。"),
        (RENAMED, "「甲」は、今は使わない言葉です。選んだ判定は、今の言葉では「第一」です。"),
    ],
)
def test_a_word_chosen_in_the_grid_is_reported_with_the_current_words(clerk, city, words, told):
    data = opened(clerk, city.visitors, value="甲", remarks=REASON)
    call(words)
    [fault] = clerk.post("/entry/2017/kept/", data).json()["rows"][str(city.visitors.pk)]["faults"]
    page = clerk.post(GRID, data | {"save": "1"})
    for text in (fault, text_of(page), text_of(clerk.get(f"{GRID}?kept=1"))):
        assert told in text
        assert f"今選べる判定は、「達成」、「{words['on_track']}」" in text
    assert grade(city) == ""
    # The page shows today's words: what is chosen there is accepted.
    again = form_data(page.content.decode()) | {f"r{city.visitors.pk}-value": words["on_track"]}
    clerk.post(GRID, again | {"save": "1"})
    assert grade(city) == "on_track"


def test_a_standard_word_that_now_means_another_grade_is_reported(clerk, city):
    data = opened(clerk, city.visitors, value="順調", remarks=REASON)
    call(TAKEN_BY_ANOTHER)
    assert "「順調」は、今は別の判定の言葉です。" in text_of(clerk.post(GRID, data | {"save": "1"}))
    assert grade(city) == ""


def test_a_word_that_means_the_same_is_taken(clerk, city):
    data = opened(clerk, city.visitors, value="丙", remarks=REASON)
    call(REORDERED)
    clerk.post(GRID, data | {"save": "1"})
    assert grade(city) == "behind"


@pytest.mark.parametrize("words", [REORDERED, RENAMED])
def test_the_grade_that_the_page_showed_stays(clerk, city, words):
    city.store(city.visitors, grade="on_track", remarks=REASON)
    untouched = opened(clerk, city.share, value="80")
    remarked = opened(clerk, city.visitors, remarks="施行した。")
    call(words)
    clerk.post(GRID, untouched | {"save": "1"})
    assert (grade(city), city.stored(city.visitors).version) == ("on_track", 1)
    clerk.post(GRID, remarked | {"save": "1"})
    found = city.stored(city.visitors)
    assert (found.grade, found.remarks) == ("on_track", "施行した。")


def test_words_that_change_while_a_question_is_open(clerk, city):
    city.store(city.visitors, grade="behind", remarks=REASON)
    data = opened(clerk, city.visitors, value="甲")
    Actual.objects.update(grade="mostly_on_track", version=2)
    asked = form_data(clerk.post(GRID, data | {"save": "1"}).content.decode())
    choice = {f"r{city.visitors.pk}-choice-value": "mine:2"}
    call(REORDERED)
    text = text_of(clerk.post(GRID, asked | choice | {"save": "1"}))
    assert "「甲」は、今は別の判定の言葉です。" in text
    assert grade(city) == "mostly_on_track"


@pytest.mark.files
@pytest.mark.parametrize("words", [REORDERED, RENAMED])
def test_a_word_in_an_excel_form_is_reported_with_the_current_words(city, words):
    paper = Paper(form_for(city.clerk))
    filled = paper.fill("来館者数", VALUE="甲", REMARKS=REASON).saved()
    assert messages(compared(filled, city.clerk)) == []
    call(words)
    found = compared(filled, city.clerk)
    [message] = messages(found)
    assert "「甲」は、今は" in message
    assert f"今の言葉では「{words['on_track']}」です。" in message
    assert "様式を受け取り直して" in message
    assert found.entries == []


@pytest.mark.files
@pytest.mark.parametrize("words", [REORDERED, RENAMED])
def test_the_grade_that_an_excel_form_contained_stays(city, words):
    city.store(city.visitors, grade="on_track", remarks=REASON)
    paper = Paper(form_for(city.clerk))
    call(words)
    assert compared(paper.saved(), city.clerk).unchanged == 1
    found = compared(paper.fill("来館者数", REMARKS="施行した。").saved(), city.clerk)
    assert messages(found) == []
    assert [entry.grade for entry in found.entries] == ["on_track"]


def test_the_key_of_a_form_without_words_is_read():
    for key in (RowKey("plan", 2017, "boats", 1), RowKey("plan", 2017, "boats", None, "0ab~1cd")):
        assert read_key(key.signed()) == key


@pytest.fixture
def planning(client: Client, city: City) -> Client:
    client.force_login(city.planning)
    return client


class TestDoorsWithStandardWords:
    """Bulk tables and the admin know no plan: a word that means two grades is not guessed."""

    ROW = ("visitors", "2017", "順調", REASON, "")
    TOLD = "「順調」は、標準の言葉では、この計画の「優」です。"

    def imported(self, client: Client) -> str:
        rows = [["指標コード", "年度", "人の判断", "備考", "版"], list(self.ROW)]
        return importing.text_of(importing.upload(client, Actual, rows))

    @pytest.mark.files
    def test_an_imported_word_of_another_grade_is_refused(self, planning, city):
        assert self.TOLD not in self.imported(planning)
        call(TAKEN_BY_ANOTHER)
        assert self.TOLD in self.imported(planning)

    def test_so_is_one_that_is_typed_in_the_admin(self, planning, city):
        url = reverse("admin:indicators_indicator_change", args=[city.visitors.pk])
        data = form_data(planning.get(url).content.decode())
        typed = {"actuals-0-value": "順調", "actuals-0-remarks": REASON, "change_reason": "x"}
        call(TAKEN_BY_ANOTHER)
        assert self.TOLD in planning.post(url, data | typed).content.decode()
        assert grade(city) == ""
        call(WORDS)
        planning.post(url, data | typed)
        assert grade(city) == "on_track"


@pytest.mark.files
def test_an_untouched_row_of_another_section_is_not_an_error(city):
    city.store(city.visitors, grade="on_track", remarks=REASON)
    paper = Paper(form_for(city.clerk)).fill("満足度", VALUE="80")
    Indicator.objects.filter(pk=city.visitors.pk).update(entered_by=city.other_section)
    found = compared(paper.saved(), city.clerk)
    assert messages(found) == []
    assert [entry.indicator_id for entry in found.entries] == [city.share.pk]


@pytest.mark.files
def test_another_unit_does_not_affect_an_untouched_grade(city):
    city.store(city.visitors, grade="on_track", remarks=REASON)
    paper = Paper(form_for(city.clerk)).fill("満足度", VALUE="80")
    Indicator.objects.filter(pk=city.visitors.pk).update(unit="件")
    assert messages(compared(paper.saved(), city.clerk)) == []
