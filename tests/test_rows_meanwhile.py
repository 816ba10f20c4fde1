"""Rows of an admin page that others add or delete while it is open, or that arrive twice."""

import pytest

from goals.models import BasicGoal, NumericTarget, Strategy
from indicators.models import FiscalYear
from kpis.models import KPI, KPIOutlook
from measures.models import Measure, MeasureGroup
from tests.admin_addresses import page_of
from tests.factories import (
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_section,
    make_strategy,
)
from tests.html import sent_untouched, told

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def site():
    for year in (2015, 2016, 2017, 2018, 2019):
        FiscalYear.objects.get_or_create(year=year, defaults={"entry_is_open": True})
    section = make_section("水産課")
    goal = make_goal(make_strategy())
    reading = {"kind": "level", "target": 30, "sentence": "30人", "direction": "up"}
    make_kpi(make_measure(goal), make_indicator(section), **reading)
    make_numeric_target(goal, make_indicator(section), **reading)
    return section


def opened(client, url):
    return sent_untouched(client.get(url).content.decode()) | {"change_reason": "訂正"}


def with_row(data, prefix, **texts):
    """Return the fields of a page with one more row."""
    number = int(data[f"{prefix}-TOTAL_FORMS"][0])
    typed = {f"{prefix}-{number}-{name}": text for name, text in texts.items()}
    return data | typed | {f"{prefix}-TOTAL_FORMS": [str(number + 1)]}


ROWS = [
    (KPI, "yearly_targets", {"fiscal_year": "2017", "value": "15"}, {"value": "16"}),
    (KPI, "planning_outlooks", {"fiscal_year": "2017", "text": "微増"}, {"text": "横ばい"}),
    (NumericTarget, "yearly_targets", {"fiscal_year": "2017", "value": "15"}, {"value": "16"}),
    (NumericTarget, "planning_outlooks", {"fiscal_year": "2017", "text": "増"}, {"text": "減"}),
    ("section", "former_names", {"last_fiscal_year": "2013", "name": "漁業課"}, {"name": "漁課"}),
    (Strategy, "goals", {"position": "7", "title": "目標七"}, {"title": "目標七番"}),
    (MeasureGroup, "measures", {"position": "7", "title": "施策七"}, {"title": "施策七番"}),
]


def parent_of(model, site):
    return site if model == "section" else model.objects.order_by("pk").first()


@pytest.mark.parametrize(("model", "prefix", "row", "other"), ROWS)
def test_a_page_with_a_new_row_may_arrive_twice(hanako, site, model, prefix, row, other):
    parent = parent_of(model, site)
    url = page_of(parent)
    data = with_row(opened(hanako, url), prefix, **row)
    first = hanako.post(url, data)
    assert first.status_code == 302, told(first)
    stored = list(getattr(parent, prefix).values())
    again = hanako.post(url, data, follow=True)
    assert again.redirect_chain, told(again)
    assert list(getattr(parent, prefix).values()) == stored


@pytest.mark.both_databases
@pytest.mark.parametrize(("model", "prefix", "row", "other"), ROWS)
def test_of_two_people_who_add_the_same_row_the_second_is_asked(
    hanako, taro, site, model, prefix, row, other
):
    parent = parent_of(model, site)
    url = page_of(parent)
    mine = with_row(opened(hanako, url), prefix, **(row | other))
    faster = with_row(opened(taro, url), prefix, **row)
    assert taro.post(url, faster).status_code == 302
    stored = list(getattr(parent, prefix).values())

    answer = hanako.post(url, mine)
    assert answer.status_code == 200
    assert list(getattr(parent, prefix).values()) == stored
    [(name, typed)] = other.items()
    shown = sent_untouched(answer.content.decode())
    assert [typed] in [texts for field, texts in shown.items() if field.endswith(f"-{name}")]
    if "position" in row:
        assert "番号「7」の行は、もう登録してあります。" in told(answer)
        return
    assert f"見本 太郎が「{row[name]}" in told(answer)
    saved = hanako.post(url, shown)
    assert saved.status_code == 302, told(saved)
    assert [str(text).split(".")[0] for text in getattr(parent, prefix).values_list(name)[0]] == [
        typed
    ]


@pytest.mark.both_databases
def test_a_row_that_somebody_deleted_comes_back_with_what_was_typed(hanako, taro, site):
    kpi = KPI.objects.get()
    KPIOutlook.objects.create(listing=kpi, fiscal_year=2016, text="増")
    KPIOutlook.objects.create(listing=kpi, fiscal_year=2018, text="減")
    url, prefix = page_of(kpi), "planning_outlooks"
    mine = opened(hanako, url)
    number = 0 if mine[f"{prefix}-0-fiscal_year"] == ["2016"] else 1
    faster = opened(taro, url) | {f"{prefix}-{number}-DELETE": "on"}
    assert taro.post(url, faster).status_code == 302

    mine |= {f"{prefix}-{number}-text": "花子の見込み", "doubts": "確かめる"}
    answer = hanako.post(url, mine)
    assert "見本 太郎が「平成28年度（2016）時点の企画の見込み」の行を削除しました" in told(answer)
    assert "新しい行として残してあります" in told(answer)
    saved = hanako.post(url, sent_untouched(answer.content.decode()))
    assert saved.status_code == 302, told(saved)
    kpi.refresh_from_db()
    assert kpi.doubts == "確かめる"
    assert set(kpi.planning_outlooks.values_list("fiscal_year", "text")) == {
        (2016, "花子の見込み"),
        (2018, "減"),
    }


@pytest.mark.parametrize("deletes", [False, True])
def test_a_deleted_row_that_nobody_changed_holds_nothing_up(hanako, taro, site, deletes):
    kpi = KPI.objects.get()
    KPIOutlook.objects.create(listing=kpi, fiscal_year=2016, text="増")
    KPIOutlook.objects.create(listing=kpi, fiscal_year=2018, text="減")
    url, prefix = page_of(kpi), "planning_outlooks"
    mine = opened(hanako, url) | {"doubts": "確かめる"}
    deleting = {f"{prefix}-0-DELETE": "on"}
    assert taro.post(url, opened(taro, url) | deleting).status_code == 302
    saved = hanako.post(url, mine | (deleting if deletes else {}), follow=True)
    assert saved.redirect_chain, told(saved)
    assert ("時点の企画の見込み」の行を削除しました" in told(saved)) is not deletes
    kpi.refresh_from_db()
    assert kpi.doubts == "確かめる"
    assert kpi.planning_outlooks.count() == 1


@pytest.mark.both_databases
def test_a_number_of_another_row_is_refused_and_one_that_becomes_free_is_taken(hanako, site):
    group = MeasureGroup.objects.get()
    Measure.objects.create(group=group, position=2, title="第二")
    url = page_of(group)
    data = opened(hanako, url)
    data |= {"measures-0-position": "2", "measures-1-position": "1"}
    answer = hanako.post(url, data)
    assert "番号「2」の行は、もう登録してあります。" in told(answer)

    kpi = KPI.objects.get()
    KPIOutlook.objects.create(listing=kpi, fiscal_year=2016, text="増")
    url, prefix = page_of(kpi), "planning_outlooks"
    data = opened(hanako, url) | {f"{prefix}-0-DELETE": "on"}
    data = with_row(data, prefix, fiscal_year="2016", text="減")
    saved = hanako.post(url, data)
    assert saved.status_code == 302, told(saved)
    assert [row.text for row in kpi.planning_outlooks.all()] == ["減"]


def test_rows_keep_their_own_names_after_an_error(hanako, taro, site):
    strategy = Strategy.objects.get()
    BasicGoal.objects.create(strategy=strategy, position=3, title="目標三")
    url = page_of(strategy)
    mine = opened(hanako, url) | {"goals-1-title": ""}
    BasicGoal.objects.create(strategy=strategy, position=2, title="目標二")
    formsets = hanako.post(url, mine).context["inline_admin_formsets"]
    [rows] = [one for one in formsets if one.formset.prefix == "goals"]
    originals = [(row.form.instance.pk, row.original.pk) for row in rows if row.original]
    assert len(originals) == 2
    assert all(one == other for one, other in originals)
