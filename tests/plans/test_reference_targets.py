"""Targets relative to another indicator, such as 全国平均: its value of a year is that target."""

from datetime import date
from decimal import Decimal

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from indicators.listing_admin import relation_of
from indicators.models import Indicator
from indicators.rules.judgement import assess
from indicators.rules.sentences import read_sentence
from indicators.rules.targets import Period, Plan, Reference, TargetSpec
from kpis.models import KPI
from plans.charting import chart_data, chart_of
from plans.loading import load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.data_description import code_rows, metadata_rows
from reports.json_schema import strategy_schema
from reports.observations import ValueKind, observations
from reports.strategy_json import strategy_as_json
from tests import importing
from tests.admin_addresses import page_of
from tests.factories import (
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.importing import confirm, exported_rows, upload
from tests.pages import text_of
from tests.plans.plan_files import kpi, read, refusal
from tests.plans.revising import act, decide

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

ABOVE = {
    "kind": "every_year",
    "target": None,
    "relation": "beyond_reference",
    "sentence": "全国平均を上回る",
}
AVERAGE = "来館者数（全国平均）"
PAGE = "/strategies/plan/kpis/1-ア-1-1/"


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy(code="plan")))


@pytest.fixture
def average():
    """An indicator that no plan lists, with the values of some years."""
    indicator = make_indicator(make_section("統計課"), name=AVERAGE)
    for year, value in ((2015, 10), (2016, 12), (2018, 9)):
        make_actual(indicator, year, value)
    return indicator


@pytest.fixture
def listing(measure, average):
    stored = make_kpi(
        measure, make_indicator(make_section("文化課"), name="来館者数"), reference=average, **ABOVE
    )
    for year, value in ((2015, 12), (2016, 12), (2017, 11)):
        make_actual(stored.indicator, year, value)
    return stored


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def judged(year, relation="beyond_reference", direction="up"):
    target = TargetSpec(
        "every_year",
        direction,
        Decimal(0),
        unit="件",
        relation=relation,
        reference=Reference("全国平均", "件"),
        targets={2015: Decimal(10), 2016: Decimal(12), 2018: Decimal(9), 2019: Decimal(20)},
    )
    actuals = {2015: Decimal(12), 2016: Decimal(12), 2017: Decimal(11), 2019: Decimal(18)}
    return assess(target, actuals, Plan(Period(2015, 2019)), year)


@pytest.mark.parametrize(
    ("year", "attainment", "label"),
    [
        (2015, "120.0", "順調"),
        (2016, "100.0", "おおむね順調"),
        (2017, None, "判定なし（比べる値がない）"),
        (2018, None, "未入力"),
        (2019, "90.0", "おおむね達成"),
    ],
)
def test_each_year_is_compared_with_the_other_indicator(year, attainment, label):
    found = judged(year)
    assert (found.label, found.attainment and str(found.attainment)) == (label, attainment)


def test_the_side_and_an_equal_value_count_as_the_target_says():
    assert judged(2016, "reference").label == "順調"
    assert judged(2016, "reference", "down").label == "順調"
    assert judged(2015, "reference", "down").label == "おおむね順調"
    assert judged(2019, "beyond_reference", "down").label == "達成（途中年度に未達成あり）"


def test_the_sentences_name_what_is_compared_with():
    assert judged(2015).explanation == (
        "全国平均の10件を上回る目標に対し、平成27年度の実績は12件で、順調です。"
    )
    assert judged(2017).explanation == (
        "平成29年度の実績は11件ですが、平成29年度の全国平均の値がないため、判定なしとしています。"
    )
    assert judged(2018).explanation == "全国平均の値を上回る目標に対し、平成30年度は未入力です。"
    assert judged(2019, direction="down").explanation == (
        "全国平均の20件を下回る目標に対し、最終年度の令和元年度の実績は18件で、達成しました。"
        "ただし、平成27年度、平成28年度は全国平均の値と比べた目標を満たしていません。"
    )


def test_the_page_names_the_other_indicator_and_its_number(client, planning, listing):
    page = text_of(client.get(f"{PAGE}?year=2015"))
    assert f"{AVERAGE}の10人を上回る目標に対し、平成27年度の実績は12人で、順調です。" in page
    assert f"{AVERAGE}の値を上回る（10人）" in page
    assert f"どの年度も、値が{AVERAGE}の値を上回ることをめざします。" in page
    assert f"実績値が{AVERAGE}の値10人より大きい" in page
    page = text_of(client.get(f"{PAGE}?year=2016"))
    assert f"実績値÷{AVERAGE}の値" in page
    assert "判定なし（比べる値がない）" in text_of(client.get(f"{PAGE}?year=2017"))
    listed = text_of(client.get("/strategies/plan/listings/?year=2016"))
    assert "12人を上回る" in listed
    assert f"{AVERAGE}（年度計、担当課は統計課）" in page


def test_a_provisional_number_to_compare_with_is_noted(client, planning, listing, average):
    make_actual(average, 2017, 11, provisional=True)
    assert f"{AVERAGE}は速報値" in text_of(client.get(f"{PAGE}?year=2017"))


def test_the_chart_draws_the_other_indicator_as_a_line(listing):
    [shown] = read_tree("plan", 2016).listings
    data = chart_data(shown)
    assert data.target is None
    assert {y: int(v) for y, v in data.expected.items()} == {2015: 10, 2016: 12, 2018: 9}
    chart = chart_of(shown)
    assert f"{AVERAGE}の値（目標）" in [item.text for item in chart.legend]
    assert f"平成27年度は12人（{AVERAGE}の値10人" in chart.description
    assert shown.outlook.value is None


def test_the_newest_year_of_a_plan_is_one_of_its_own_values(listing):
    assert read_tree("plan").fiscal_year == 2017


def test_the_tree_takes_no_more_queries(listing, measure):
    with CaptureQueriesContext(
        connection,
    ) as few:
        read_tree("plan", 2016)
    for number in range(3):
        other = make_indicator(name=f"県平均{number}")
        make_actual(other, 2016, 3)
        make_kpi(measure, reference=other, **ABOVE)
    with CaptureQueriesContext(connection) as more:
        tree = read_tree("plan", 2016)
    assert len(more) == len(few)
    assert [one.spec.targets.get(2016) for one in tree.listings] == [12, 3, 3, 3]


def typed(measure, **fields):
    indicator = make_indicator(name="来館者数")
    data = {
        "measure": measure.pk, "position": "1", "name": indicator.name,
        "sentence": "全国平均を上回る", "indicator": indicator.pk, "tolerance": "0",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
        "change_reason": "計画の本文による",
    }  # fmt: skip
    return data | fields


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("国の伸びを上回る", ("beyond_reference", "up")),
        ("県平均を下回る", ("beyond_reference", "down")),
        ("全国平均以上", ("reference", "up")),
        ("全国平均を下回らない", ("reference", "up")),
    ],
)
def test_it_is_read_from_the_sentence_and_a_person_chooses(
    client, planning, measure, average, sentence, said
):
    address = reverse("admin:kpis_kpi_add")
    html = client.post(address, typed(measure, sentence=sentence)).content.decode()
    assert "比べる指標を選んでください。一覧になければ、先に「指標」で登録してください" in html
    assert not KPI.objects.exists()
    client.post(address, typed(measure, sentence=sentence, reference=average.pk))
    stored = KPI.objects.get()
    assert (stored.relation, stored.direction, stored.reference) == (*said, average)
    assert (stored.kind, stored.target) == ("every_year", None)
    assert "その値を入力する指標を、比べる指標として選ぶ必要がある。" in stored.doubts


def test_two_values_to_compare_with_are_a_doubt():
    reading = read_sentence("国・県平均を上回る")
    assert "「国・県平均」とあり、比べる値が二つある。" in reading.doubts[1]
    assert len(read_sentence("全道平均を上回る").doubts) == 1
    assert read_sentence("全道平均を上回る").special.reference == "全道平均"


@pytest.mark.parametrize(
    "sentence", ["全国平均との差を縮める", "過去最高値を上回る", "全国平均を5ポイント上回る"]
)
def test_no_indicator_is_asked_for_where_another_one_does_not_help(sentence):
    reading = read_sentence(sentence, "学力調査の正答率")
    assert relation_of(reading, sentence, {}) == {}
    assert not any("比べる指標" in doubt for doubt in reading.doubts)


def test_what_does_not_fit_is_refused(client, planning, measure, average):
    percent = make_indicator(name="就職率（全国）", unit="％")
    total = make_indicator(name="累計の全国値", running_total=True)
    own = typed(measure)["indicator"]
    chosen = {"kind": "every_year", "direction": "up", "relation": "reference"}
    wrong = [
        ({"reference": percent.pk}, "の単位（％）が、この指標の単位（人）と違うため"),
        ({"reference": own, "indicator": own}, "この指標自身（来館者数）が選ばれています。"),
        ({"reference": total.pk}, "は累計で入力する指標のため"),
        ({}, "比べる指標を選んでください。"),
        ({"reference": average.pk, "relation": "previous_year"}, "の目標だけで選びます。"),
        (
            {"reference": average.pk, "target": "5"},
            "別の指標の値と比べる目標には、目標値がありません。",
        ),
        (
            {"reference": average.pk, "kind": "total"},
            "別の指標の値と比べる目標の種類は、「毎年度」です（入力値：期間累計）。",
        ),
        ({"reference": average.pk, "kind": "monitor", "relation": ""}, "比べる値がありません"),
    ]  # fmt: skip
    for fields, said in wrong:
        data = typed(measure) | chosen | fields
        html = client.post(reverse("admin:kpis_kpi_add"), data).content.decode()
        assert said in html, (fields, said)
    assert not KPI.objects.exists()


def test_an_indicator_that_is_compared_with_cannot_be_deleted(client, planning, listing, average):
    average.actuals.all().delete()
    address = reverse("admin:indicators_indicator_delete", args=[average.pk])
    assert "削除" in client.get(address).content.decode()
    client.post(address, {"post": "yes"})
    assert Indicator.objects.filter(pk=average.pk).exists()


def test_another_unit_of_the_other_indicator_is_a_contradiction(client, listing, average):
    Indicator.objects.filter(pk=average.pk).update(unit="件")
    [shown] = read_tree("plan", 2015).listings
    assert shown.assessment.label == "判定なし（目標の登録に矛盾あり）"


def test_a_revision_may_choose_another_indicator(client, planning, listing):
    county = make_indicator(name="県平均")
    for year in (2015, 2016, 2017):
        make_actual(county, year, 20)
    decide(client, listing.strategy, 2017)
    revision = listing.strategy.revisions.get()
    act(
        client, page_of(listing), sentence="県平均を上回る", reference=county.pk,
        as_revision=revision.pk, change_reason="県と比べるため",
    )  # fmt: skip
    listing.refresh_from_db()
    assert listing.reference == county
    [shown] = read_tree("plan", 2017).listings
    assert [shown.in_year(year).reference.name for year in (2016, 2017)] == [AVERAGE, "県平均"]
    assert shown.assess(2016).label == "おおむね順調"
    assert shown.assess(2017).label == "やや遅れ"
    told = f"比べる値を「{AVERAGE}の値を上回る」から「県平均の値を上回る」に改めました。"
    assert told in text_of(client.get(f"{PAGE}?year=2017"))
    assert "県平均の値を上回る" in text_of(client.get("/strategies/plan/revisions/1/"))


def test_json_gives_back_what_it_was_loaded_from(listing, average):
    described = strategy_as_json(read_plain_tree("plan"))
    [other] = described["references"]
    assert (other["code"], other["name"]) == (average.code, AVERAGE)
    assert other["actuals"]["2016"]["value"] == "12"
    assert kpi(described)["reference"] == average.code
    assert load_strategy(described).changed == 0
    judged = strategy_as_json(read_tree("plan", 2016))
    assert kpi(judged)["assessment"]["expected"] == "12.0"
    for content in (described, judged):
        jsonschema.validate(content, strategy_schema())


def test_a_file_brings_the_other_indicator_or_names_one_of_its_own():
    data = read()
    described = kpi(data)
    other = dict(described["indicator"], code="average", name="全国平均", section="統計課")
    described.update(ABOVE | {"direction": "up", "baseline": None, "yearly_targets": {}})
    described |= {"target_year": None, "reference": "average"}
    said = refusal(data)
    assert any("比べる指標「average」がありません。" in message for message in said)
    data["references"] = [other]
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert (kpi(again)["reference"], kpi(again)["relation"]) == ("average", "beyond_reference")
    assert load_strategy(again).changed == 0


def test_a_file_may_compare_with_an_indicator_that_comes_later():
    data = read()
    first, later = kpi(data), kpi(data, goal=2)
    later["indicator"] |= {"unit": first["indicator"]["unit"], "running_total": False}
    first.update(ABOVE | {"direction": "up", "baseline": None, "yearly_targets": {}})
    first |= {"target_year": None, "reference": later["indicator"]["code"]}
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert kpi(again)["reference"] == later["indicator"]["code"]
    assert "references" not in again


def test_it_is_imported_and_exported(client, planning, listing, average):
    other = make_indicator(name="県平均")
    header, row = exported_rows(client, KPI)
    relation, reference = header.index("比べる値"), header.index("比べる指標コード")
    assert (row[relation], row[reference]) == ("比べる指標の値を上回る（下回る）", average.code)
    row[reference] = ""
    refused = importing.text_of(upload(client, KPI, [header, row], reason="試す"))
    assert "比べる指標を選んでください。" in refused
    row[reference] = "unknown"
    refused = importing.text_of(upload(client, KPI, [header, row], reason="試す"))
    assert "比べる指標コード" in refused
    row[reference], row[relation] = other.code, "比べる指標の値以上（以下）"
    confirm(client, KPI, upload(client, KPI, [header, row], reason="本文による"))
    listing.refresh_from_db()
    assert (listing.relation, listing.reference) == ("reference", other)


def test_data_files_have_the_numbers_to_compare_with(listing, average):
    tree = read_tree("plan", 2016)
    numbers = {
        one.fiscal_year: one.value
        for one in observations(tree)
        if (one.value_kind, one.origin) == (ValueKind.EXPECTED, "reference")
    }
    assert numbers == {2015: 10, 2016: 12, 2018: 9}
    assert ("origin_code", "reference") in [(row.name, row.code) for row in code_rows(tree)]
    assert AVERAGE in [row.label for row in metadata_rows(tree, date(2018, 1, 1))]
