"""前回公表値との差: what an edition says differently about earlier years, with kind and reason."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Section
from goals.models import Grant
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import move, record
from plans.tree import read_tree
from reviews.editions.comparing import compared
from reviews.editions.confirmed import confirmed_only
from reviews.editions.differences import proposed_differences
from reviews.editions.editions_of_plan import changed_values
from reviews.editions.freezing import said_of_plan
from reviews.models import Edition, GrantReview, MeasureReview
from tests.factories import make_actual, make_fiscal_year
from tests.pages import text_of
from tests.reviews.edition_office import YEAR
from trail.history import Change, Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]


def data(year, value, name="水揚げ量", *, code="catch", **said):
    indicator = {"code": code, "unit": "t"}
    actual = {"value": value, "availability": "reported" if value else "unpublished"}
    listing = {"name": name, "indicator": indicator, "actuals": {"2017": actual}, **said}
    goal = {"position": 1, "numeric_targets": [listing], "measure_groups": []}
    return {"fiscal_year": year, "plan": {"goals": [goal]}}


def changed(before, now):
    return [(one.what, one.fiscal_year, one.before, one.now) for one in changed_values(before, now)]


def test_values_of_a_fixed_year_differ_in_the_next_edition():
    assert changed([data(2017, "45")], data(2018, "47")) == [("実績値", 2017, "45t", "47t")]
    assert changed([data(2017, None)], data(2018, "47")) == [("実績値", 2017, "未公表", "47t")]
    assert changed([data(2016, "45")], data(2018, "47")) == []
    # The year fixed last need not be the newest: what 2018 said of 2017 is what was published.
    before = [data(2018, "46"), data(2016, "45")]
    assert changed(before, data(2019, "47")) == [("実績値", 2017, "46t", "47t")]


def test_a_new_listing_is_not_a_difference_and_a_removed_one_is_reported_once():
    gone = ("掲載", 2017, "掲載", "掲載なし")
    assert changed([data(2017, "45")], data(2018, "45", code="other")) == [gone]


def test_another_target_for_an_earlier_year_differs_but_a_revision_does_not():
    old = data(2017, "45", target="50", sentence="50t")
    assert changed([old], data(2018, "45", target="60", sentence="50t")) == [
        ("目標値", 2017, "50t", "60t")
    ]
    versions = [
        {"from_year": 2015, "name": "水揚げ量", "target": "50", "sentence": "50t"},
        {"from_year": 2018, "name": "水揚げ量", "target": "60", "sentence": "60t"},
    ]
    revised = data(2018, "45", target="60", sentence="60t", versions=versions)
    assert changed([old], revised) == []
    # A year before, fixed last, does not hide what the newest year said of its target.
    fixed_last = data(2017, "45", target="50", sentence="50t")
    before = [data(2018, "45", target="50", sentence="50t"), fixed_last]
    assert changed(before, data(2019, "45", target="60", sentence="50t")) == [
        ("目標値", 2018, "50t", "60t")
    ]


@pytest.fixture
def revised(office, fixed):
    """The office after its first edition: the value of 2017 was revised, 2018 is confirmed."""
    make_actual(office.indicator, YEAR + 1, 50, by=office.clerk)
    Actual.objects.filter(fiscal_year=YEAR + 1).update(state="confirmed")
    make_fiscal_year(YEAR, is_open=False)
    office.value.refresh_from_db()
    entry = Entry(
        indicator_id=office.indicator.pk, fiscal_year=YEAR, value=Decimal(47),
        version=office.value.version, change_kind="revised",
    )  # fmt: skip
    why = Change(by=office.planning, door=Door.ADMIN, reason="漁協の集計替え")
    [actual] = record([entry], why)
    move({actual.pk: actual.version}, "confirmed", Change(by=office.other, door=Door.GRID))
    return office


def fix_next(office, client, **more):
    sent = {"decided_on": "2020-01-10", "document_number": "2", "reason": "待たない。", **more}
    return client.post(f"{office.url('review_fix')}?year={YEAR + 1}", sent, follow=True)


def field(page: str, part: str) -> str:
    return re.search(rf'name="({part}-[0-9a-f]+)"', page)[1]


def test_kind_and_reason_are_proposed_from_the_history_and_frozen(revised, client):
    page = client.get(f"{revised.url('review_fix')}?year={YEAR + 1}").content.decode()
    assert '<option value="遡及改定" selected>' in page
    assert "漁協の集計替え</textarea>" in page
    sent = {field(page, "kind"): "訂正", field(page, "reason"): "集計の誤り"}
    fix_next(revised, client, **sent)
    assert json.loads(Edition.objects.get(number=2).data)["differences"] == [
        {
            "name": "水揚げ量", "indicator": revised.indicator.code, "fiscal_year": YEAR,
            "what": "実績値", "before": "45人", "now": "47人", "kind": "訂正", "withheld": False,
            "reason": "集計の誤り",
        }
    ]  # fmt: skip
    assert "集計の誤り" in text_of(client.get(revised.url("review_edition", 2)))


def test_a_difference_without_kind_or_reason_is_refused_and_the_typed_text_stays(revised, client):
    page = client.get(f"{revised.url('review_fix')}?year={YEAR + 1}").content.decode()
    answer = fix_next(revised, client, **{field(page, "reason"): "書いた理由"}).content.decode()
    about = "「水揚げ量」の平成29年度の実績値が、前回の「45人」から「47人」に変わりました。"
    assert f"{about}差の種類を選んでください。" in answer
    assert "書いた理由</textarea>" in answer
    assert f"{about}理由を入力してください。" in fix_next(revised, client).content.decode()
    assert Edition.objects.count() == 1


def test_a_published_value_that_waits_for_confirmation_stops_the_next_edition(revised, client):
    Actual.objects.filter(fiscal_year=YEAR).update(state="answered")
    page = client.get(f"{revised.url('review_fix')}?year={YEAR + 1}").content.decode()
    assert "まだ確定できません" in page  # not only once everything has been filled in
    sent = {field(page, "kind"): "訂正", field(page, "reason"): "集計の誤り"}
    answer = text_of(fix_next(revised, client, **sent))
    assert "前の号で公表した「水揚げ量」（平成29年度）は、変更がまだ確認されていません" in answer
    assert Edition.objects.count() == 1


def test_a_reason_that_names_a_person_is_asked_about_before_it_is_frozen(revised, client):
    page = client.get(f"{revised.url('review_fix')}?year={YEAR + 1}").content.decode()
    said = {field(page, "kind"): "訂正", field(page, "reason"): "企画　花子の集計漏れ"}
    answer = fix_next(revised, client, **said).content.decode()
    assert "前回公表値との差の理由の文「企画" in answer
    assert Edition.objects.count() == 1
    tick = re.search(r'name="(text-[0-9a-f]+)"', answer)[1]
    fix_next(revised, client, **said, **{tick: "on"})
    assert Edition.objects.count() == 2


def test_a_difference_of_what_was_or_is_withheld_is_marked():
    was = data(2017, "45")
    was["plan"]["goals"][0]["numeric_targets"][0]["actuals"]["2017"]["withheld"] = True
    assert [one.withheld for one in changed_values([was], data(2018, "47"))] == [True]
    assert [one.withheld for one in changed_values([data(2017, "46")], was)] == [True]
    assert [one.withheld for one in changed_values([data(2017, "45")], data(2018, "47"))] == [False]


def test_nothing_is_proposed_where_the_history_has_several_kinds(revised, client):
    why = Change(by=revised.planning, door=Door.ADMIN, reason="転記の誤り")
    entry = Entry(
        indicator_id=revised.indicator.pk, fiscal_year=YEAR, value=Decimal(48),
        version=Actual.objects.get(fiscal_year=YEAR).version, change_kind="corrected",
    )  # fmt: skip
    [actual] = record([entry], why)
    move({actual.pk: actual.version}, "confirmed", Change(by=revised.other, door=Door.GRID))
    page = client.get(f"{revised.url('review_fix')}?year={YEAR + 1}").content.decode()
    assert "漁協の集計替え、転記の誤り</textarea>" in page
    assert not re.search(r'<option value="[^"]+" selected>', page)


def test_two_editions_are_shown_side_by_side(revised, client):
    page = client.get(f"{revised.url('review_fix')}?year={YEAR + 1}").content.decode()
    MeasureReview.objects.create(
        measure=revised.measure, fiscal_year_id=YEAR + 1, results="保った。", state="confirmed"
    )
    grant = Grant.objects.create(strategy=revised.plan, number=1, name="港の交付金")
    GrantReview.objects.create(
        grant=grant,
        fiscal_year_id=YEAR + 1,
        effect="very",
        amount=5_000,
        opinion_on=date(2019, 8, 1),
    )
    Section.objects.filter(pk=revised.section.pk).update(name="漁政課")
    fix_next(revised, client, **{field(page, one): "訂正" for one in ("kind", "reason")})
    found = text_of(client.get(f"{revised.url('review_edition', 2)}?with=1"))
    for row in (
        "水揚げ量平成29年度45人47人",
        "水揚げ量担当課水産課漁政課",
        "漁業の振興取組と成果増えた。保った。",
        "港の交付金交付額－5千円",
        "港の交付金意見の日－令和元年8月1日（2019年8月1日）",
    ):
        assert row in found.replace(" ", "")
    assert "違いはありません" not in found
    unknown = client.get(f"{revised.url('review_edition', 2)}?with=9")
    assert unknown.status_code == 404
    assert "<h1>この指定では、表示できません</h1>" in unknown.content.decode()


def test_two_editions_compare_the_reported_years_and_what_is_withheld():
    def actuals(marked: bool = False) -> dict:
        value = {"value": "45", "availability": "reported"}
        return {"2017": value | {"withheld": marked}, "2018": value}

    def values(before, now) -> list[tuple[str, str, str]]:
        parts = {part.heading: part.rows for part in compared(before, now)}
        return [(one.item, one.before, one.now) for one in parts.get("実績値", ())]

    # The older year was fixed after the newer one, which it knows, too.
    fixed_last = data(2017, "45", actuals=actuals())
    newer = data(2018, "45", actuals=actuals())
    assert values(fixed_last, newer) == [("平成30年度", "", "45t")]
    marked = data(2018, "45", actuals=actuals(marked=True))
    assert values(newer, marked) == [("平成29年度", "45t", "45t（秘匿）")]


def proposed(office, year: int = YEAR + 1) -> list[tuple[str, str, str]]:
    tree = confirmed_only(read_tree(office.plan.code, year))
    found = proposed_differences(tree, said_of_plan(tree))
    return [(one.changed.what, one.kind, one.reason) for one in found]


def test_a_corrected_target_and_an_ended_indicator_are_explained_by_their_reasons(revised):
    with changing(by=revised.planning, door=Door.ADMIN, reason="目標の転記の誤り"):
        revised.kpi.target = Decimal(300)
        revised.kpi.save()
    assert ("目標値", "訂正", "目標の転記の誤り") in proposed(revised)
    revised.kpi.last_fiscal_year, revised.kpi.ending_reason = YEAR, "改訂で終了"
    revised.kpi.save()
    assert proposed(revised) == [("掲載", "計画の改訂", "改訂で終了")]


def test_a_value_that_an_edition_waited_for_is_proposed_as_final(office, client):
    Actual.objects.filter(pk=office.value.pk).update(state="draft")
    client.force_login(office.planning)
    office.fix(client, reason="統計を待たない。")
    make_fiscal_year(YEAR + 1)
    # Withdrawn and entered again: the history of a value continues.
    office.value.delete()
    again = make_actual(office.indicator, YEAR, 46, by=office.clerk)
    Actual.objects.filter(pk=again.pk).update(state="confirmed")
    assert proposed(office) == [("実績値", "確定値への更新", "")]
