"""計画の改訂: what was true of a year stays true of that year."""

import json
from decimal import Decimal

import pytest

from accounts.roles import Role
from goals.models import Strategy
from kpis.models import KPI
from plans.loading import load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests.admin_addresses import add_page, page_of
from tests.factories import (
    load_city,
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_project,
    make_user,
    make_values,
)
from tests.html import form_data, value_of_box
from tests.plans.revising import act, decide

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def planning(client):
    client.force_login(make_user(Role.PLANNING))
    return client


@pytest.fixture
def kpi():
    """A share that is to rise from 80 to 100 % by 2019, with values of three years."""
    indicator = make_indicator(unit="％", decimals=1, maximum=Decimal(100))
    kpi = make_kpi(
        indicator=indicator,
        sentence="５年で９０％に向上",
        kind="level",
        target=Decimal(90),
        baseline=Decimal(80),
        baseline_kind="measured",
    )
    for year, value in ((2015, 82), (2016, 84), (2017, 88)):
        make_actual(indicator, year, value)
    return kpi


def as_text(strategy, year):
    return json.dumps(strategy_as_json(read_tree(strategy.code, year)), ensure_ascii=False)


def raise_target(client, kpi, revision, target="100"):
    said = {"sentence": f"５年で{target}％に向上", "target": target}
    return act(client, page_of(kpi), as_revision=revision.pk, **said)


@pytest.mark.both_databases
def test_a_raised_target_leaves_the_judgements_of_earlier_years(planning, kpi):
    before = {year: as_text(kpi.strategy, year) for year in (2015, 2016)}
    judged = read_tree(kpi.strategy.code, 2017).listings[0].assessment
    html = raise_target(planning, kpi, decide(planning, kpi.strategy, 2017))
    assert "平成28年度までの内容と判定は、改訂前のままです。" in html
    assert {year: as_text(kpi.strategy, year) for year in (2015, 2016)} == before
    after = read_tree(kpi.strategy.code, 2017).listings[0]
    assert judged.pace == Decimal("133.3")
    assert (after.target, after.assessment.pace) == (100, Decimal("66.7"))
    assert after.assess(2016).expected == Decimal("84.00")
    assert after.expected_by_year == {
        2015: Decimal("82.00"), 2016: Decimal("84.00"),
        2017: Decimal("92.00"), 2018: Decimal("96.00"), 2019: Decimal("100.00"),
    }  # fmt: skip


def test_a_second_change_by_the_same_revision_makes_no_other_version(planning, kpi):
    revision = decide(planning, kpi.strategy, 2017)
    raise_target(planning, kpi, revision)
    raise_target(planning, kpi, revision, target="95")
    kpi.refresh_from_db()
    assert (kpi.target, kpi.from_fiscal_year) == (95, 2017)
    assert [version.target for version in kpi.earlier_versions.all()] == [90]


def test_a_change_of_yearly_targets_alone_is_a_version_too(planning, kpi):
    kpi.yearly_targets.create(fiscal_year=2018, value=Decimal(87))
    revision = decide(planning, kpi.strategy, 2018)
    act(planning, page_of(kpi), as_revision=revision.pk, **{"yearly_targets-0-value": "89"})
    trees = {year: read_tree(kpi.strategy.code, year).listings[0] for year in (2017, 2018)}
    assert trees[2017].expected_by_year[2018] == 87
    assert trees[2018].expected_by_year[2018] == 89
    assert kpi.earlier_versions.get().yearly_targets == {"2018": "87.0000"}


@pytest.mark.both_databases
def test_a_taken_back_revision_leaves_the_listing_as_it_was(planning, kpi):
    before = as_text(kpi.strategy, 2017)
    raise_target(planning, kpi, decide(planning, kpi.strategy, 2017))
    html = act(planning, page_of(kpi), take_back="on")
    assert "この変更で、次の1件の判定が変わります。" in html
    kpi.refresh_from_db()
    assert kpi.from_fiscal_year == 2017
    seen = value_of_box(html, "changes_seen")
    act(planning, page_of(kpi), take_back="on", changes_seen=seen, change_reason="取りやめ")
    after = json.loads(as_text(kpi.strategy, 2017))
    del after["strategy"]["revisions"]
    assert after == json.loads(before)


@pytest.mark.both_databases
def test_an_extended_plan_leaves_ended_years_as_they_were(planning, kpi):
    make_actual(kpi.indicator, 2019, 89)
    strategy = kpi.strategy
    before = {year: as_text(strategy, year) for year in range(2015, 2020)}
    revision = decide(planning, strategy, 2020)
    act(planning, page_of(strategy), as_revision=revision.pk, last_fiscal_year="2021")
    assert {year: as_text(strategy, year) for year in range(2015, 2020)} == before
    tree = read_tree(strategy.code, 2020)
    assert (tree.period.last, tree.listings[0].due) == (2021, 2021)
    assert read_tree(strategy.code, 2019).listings[0].assessment.status == "mostly_achieved"


@pytest.mark.both_databases
def test_a_replaced_kpi_stays_in_its_years(planning, kpi):
    strategy = kpi.strategy
    before = {year: as_text(strategy, year) for year in (2015, 2016)}
    revision = decide(planning, strategy, 2017)
    other = make_indicator()
    act(
        planning, add_page(KPI), as_revision=revision.pk, measure=kpi.measure.pk, position="2",
        name="新しい指標", sentence="５年で１０人", indicator=other.pk, reading_confirmed="on",
    )  # fmt: skip
    new = KPI.objects.get(indicator=other)
    assert new.first_fiscal_year == 2017
    act(
        planning, page_of(kpi), as_revision=revision.pk, ends="on", replacement=new.pk,
        end_reason="統計がなくなるため。",
    )  # fmt: skip
    assert {year: as_text(strategy, year) for year in (2015, 2016)} == before
    assert [one.pk for one in read_tree(strategy.code, 2016).listings] == [kpi.pk]
    assert [one.pk for one in read_tree(strategy.code, 2017).listings] == [new.pk]
    plain = read_plain_tree(strategy.code).listings
    assert [(one.first_year, one.last_year) for one in plain] == [(None, 2016), (2017, None)]


def test_an_ended_measure_ends_what_is_below_it(planning, kpi):
    project = make_project(kpi.measure)
    revision = decide(planning, kpi.strategy, 2018)
    act(planning, page_of(kpi.measure), as_revision=revision.pk, ends="on", end_reason="統合")
    tree = read_tree(kpi.strategy.code, 2018)
    assert (tree.measures, tree.listings) == ((), ())
    assert read_tree(kpi.strategy.code, 2017).projects[0].pk == project.pk
    act(planning, page_of(kpi.measure), take_back="on")
    assert len(read_tree(kpi.strategy.code, 2018).listings) == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"from_fiscal_year": "2015"}, "改訂できる年度ではありません。平成28年度（2016）から"),
        ({"from_fiscal_year": "2021"}, "改訂できる年度ではありません。平成28年度（2016）から"),
        ({"from_fiscal_year": "2016"}, "平成28年度（2016）の結果は公表済みです。"),
        ({"from_fiscal_year": "平成x"}, "適用する最初の年度"),
        ({"reason": ""}, "この欄は必ず入力してください。"),
    ],
)
def test_a_revision_that_cannot_be_is_refused(planning, kpi, typed, message):
    make_fiscal_year(2016, published_on="2017-10-01")
    fields = {
        "strategy": kpi.strategy.pk, "number": "1", "decided_on": "2017-03-24",
        "decided_by": "mayor", "from_fiscal_year": "2017", "reason": "理由",
    }  # fmt: skip
    html = act(planning, add_page(type(kpi.strategy.revisions.model())), **fields | typed)
    assert message in html
    assert not kpi.strategy.revisions.exists()


@pytest.mark.both_databases
def test_two_revisions_from_one_year_are_refused(planning, kpi):
    decide(planning, kpi.strategy, 2017)
    with pytest.raises(kpi.strategy.revisions.model.DoesNotExist):
        decide(planning, kpi.strategy, 2018, from_fiscal_year="2017")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"ends": "on"}, "終了の理由を入力してください。"),
        ({"ends": "on", "as_revision": "", "end_reason": "x"}, "終了は計画の改訂で行います。"),
        ({"ends": "on", "end_reason": "x", "target": "95"}, "ほかの欄を変えないでください。"),
    ],
)
def test_an_end_without_revision_or_reason_is_refused(planning, kpi, typed, message):
    revision = decide(planning, kpi.strategy, 2017)
    assert message in act(planning, page_of(kpi), **{"as_revision": revision.pk} | typed)
    kpi.refresh_from_db()
    assert kpi.last_fiscal_year is None


def test_a_revision_before_a_later_version_is_refused(planning, kpi):
    later = decide(planning, kpi.strategy, 2018, number="2")
    earlier = decide(planning, kpi.strategy, 2017, number="1")
    raise_target(planning, kpi, later)
    html = raise_target(planning, kpi, earlier, target="95")
    assert "平成30年度（2018）からの内容があります。" in html


@pytest.mark.both_databases
def test_a_moved_revision_takes_its_changes_with_it(planning, kpi):
    revision = decide(planning, kpi.strategy, 2018)
    raise_target(planning, kpi, revision)
    act(planning, page_of(revision), from_fiscal_year="2019")
    kpi.refresh_from_db()
    assert kpi.from_fiscal_year == 2019


def test_a_revision_that_changed_something_is_not_deleted(planning, kpi):
    revision = decide(planning, kpi.strategy, 2018)
    raise_target(planning, kpi, revision)
    address = page_of(revision).replace("change", "delete")
    assert (
        "この改訂で変えたものがあるため、削除できません。" in planning.get(address).content.decode()
    )
    planning.post(address, {"post": "yes"})
    assert kpi.strategy.revisions.exists()


def test_an_earlier_version_is_corrected_with_its_judgements_named(planning, kpi):
    raise_target(planning, kpi, decide(planning, kpi.strategy, 2017))
    version = kpi.earlier_versions.get()
    html = act(planning, page_of(version), target="95", sentence="５年で９５％に向上")
    assert "この変更で、次の" in html
    version.refresh_from_db()
    assert version.target == 90


@pytest.mark.both_databases
def test_a_revised_plan_is_the_same_after_export_and_import(planning):
    strategy = load_city()
    make_values(strategy)
    kpi = KPI.objects.filter(kind="level", baseline__isnull=False).first()
    revision = decide(planning, strategy, 2017)
    act(planning, page_of(kpi), as_revision=revision.pk, target=str(kpi.target * 2), doubts="改訂")
    ended = KPI.objects.exclude(pk=kpi.pk).first()
    act(
        planning, page_of(ended), as_revision=revision.pk, ends="on", end_reason="終了のため",
        replacement=kpi.pk,
    )  # fmt: skip
    described = strategy_as_json(read_plain_tree(strategy.code))
    again = json.loads(json.dumps(described))
    again["strategy"]["code"] = "again"
    load_strategy(again)
    described["strategy"]["code"] = "again"
    assert strategy_as_json(read_plain_tree("again")) == described
    assert Strategy.objects.get(code="again").revisions.count() == 1
    result = load_strategy(again)
    assert (result.created, result.changed) == (0, 0)


def test_place_and_indicator_are_not_changed_by_a_revision(planning, kpi):
    revision = decide(planning, kpi.strategy, 2017)
    html = act(planning, page_of(kpi), as_revision=revision.pk, position="8")
    assert "番号は、改訂では変えられません。" in html
    kpi.refresh_from_db()
    assert (kpi.position, kpi.from_fiscal_year) == (1, None)


def test_correcting_what_a_revision_added_creates_no_version(planning, kpi):
    revision = decide(planning, kpi.strategy, 2017)
    kpi.first_fiscal_year = 2017
    kpi.save()
    html = raise_target(planning, kpi, revision)
    kpi.refresh_from_db()
    assert (kpi.target, kpi.from_fiscal_year) == (100, None)
    assert not kpi.earlier_versions.exists()
    assert "として保存しました" in html


@pytest.mark.both_databases
def test_a_concurrent_save_is_not_overwritten(planning, kpi):
    revision = decide(planning, kpi.strategy, 2017)
    opened = form_data(planning.get(page_of(kpi)).content.decode())
    raise_target(planning, kpi, revision)
    sent = {name: value for name, value in opened.items() if not name.startswith("_")}
    sent |= {"as_revision": revision.pk, "name": "別の名称"}
    html = planning.post(page_of(kpi), sent, follow=True).content.decode()
    assert "、目標値「100」（" in html
    kpi.refresh_from_db()
    assert (kpi.target, kpi.name) == (100, "別の名称")


def test_an_earlier_revision_does_not_change_a_published_year_without_consent(planning, kpi):
    revision = decide(planning, kpi.strategy, 2017)
    make_fiscal_year(2017, is_open=False, published_on="2018-10-01")
    html = raise_target(planning, kpi, revision)
    assert "この変更で、次の1件の判定が変わります。まだ保存していません。" in html
    assert "として保存しました" not in html
    kpi.refresh_from_db()
    assert kpi.target == 90
    html = act(planning, page_of(kpi), as_revision=revision.pk, ends="on", end_reason="x")
    assert "平成29年度（2017）の結果は公表済みのため" in html


def test_an_extension_is_taken_back_by_the_old_last_year(planning, kpi):
    strategy = kpi.strategy
    revision = decide(planning, strategy, 2020)
    act(planning, page_of(strategy), as_revision=revision.pk, last_fiscal_year="2021")
    html = act(planning, page_of(revision), from_fiscal_year="2021")
    assert "改訂できる年度ではありません" in html
    act(planning, page_of(strategy), last_fiscal_year="2019", change_reason="取りやめ")
    revision.refresh_from_db()
    strategy.refresh_from_db()
    assert (strategy.last_fiscal_year, revision.previous_last_fiscal_year) == (2019, None)


def test_an_earlier_revision_does_not_change_the_period_after_a_later_one(planning, kpi):
    strategy = kpi.strategy
    later = decide(planning, strategy, 2019, number="2")
    act(planning, page_of(strategy), as_revision=later.pk, last_fiscal_year="2020")
    earlier = decide(planning, strategy, 2017, number="1")
    html = act(planning, page_of(strategy), as_revision=earlier.pk, last_fiscal_year="2021")
    assert "計画期間は、第2回改訂（令和元年度から）で変えています。" in html


def test_nothing_is_added_to_what_has_ended_or_ended_with_what_comes_later(planning, kpi):
    measure, strategy = kpi.measure, kpi.strategy
    first = decide(planning, strategy, 2017)
    make_kpi(measure, first_fiscal_year=2018)
    typed = {"as_revision": first.pk, "ends": "on", "end_reason": "統合"}
    html = act(planning, page_of(measure), **typed)
    assert "平成29年度（2017）以後に追加または改訂したものがあります" in html
    later = decide(planning, strategy, 2019)
    act(planning, page_of(measure), **typed | {"as_revision": later.pk})
    measure.refresh_from_db()
    assert measure.last_fiscal_year == 2018
    last = decide(planning, strategy, 2020)
    html = act(
        planning, add_page(KPI), as_revision=last.pk, measure=measure.pk, position="9",
        name="新しい指標", sentence="５年で１０人", indicator=make_indicator().pk,
    )  # fmt: skip
    assert "平成30年度（2018）で終了しています。" in html


def test_yearly_targets_are_not_changed_where_a_listing_ends(planning, kpi):
    kpi.yearly_targets.create(fiscal_year=2018, value=Decimal(87))
    revision = decide(planning, kpi.strategy, 2017)
    typed = {"as_revision": revision.pk, "ends": "on", "end_reason": "終了"}
    html = act(planning, page_of(kpi), **typed, **{"yearly_targets-0-value": "86"})
    assert "終了するときは、年度別目標値を変えないでください。" in html


def test_a_number_or_year_of_another_revision_is_refused(planning, kpi):
    first = decide(planning, kpi.strategy, 2017)
    decide(planning, kpi.strategy, 2018)
    assert "第2回改訂" in act(planning, page_of(first), number="2")
    html = act(planning, page_of(first), from_fiscal_year="2018")
    assert "平成30年度（2018）からの改訂は、もう登録してあります。" in html


def test_judgements_that_come_back_are_shown_before_an_end_is_taken_back(planning, kpi):
    revision = decide(planning, kpi.strategy, 2017)
    act(planning, page_of(kpi), as_revision=revision.pk, ends="on", end_reason="終了")
    html = act(planning, page_of(kpi), take_back="on")
    assert "平成29年度（2017）：判定しない →" in html
    kpi.refresh_from_db()
    assert kpi.last_fiscal_year == 2016


def test_yearly_targets_of_an_earlier_version_are_lines_of_text(planning, kpi):
    kpi.yearly_targets.create(fiscal_year=2016, value=Decimal(85))
    raise_target(planning, kpi, decide(planning, kpi.strategy, 2018))
    version = kpi.earlier_versions.get()
    page = page_of(version)
    assert "平成28年度 85" in planning.get(page).content.decode()
    html = act(planning, page, yearly_targets="平成28年度 約84")
    assert "年度別目標値の行「平成28年度 約84」を読み取れません。" in html
    html = act(planning, page, yearly_targets="2016 84\n平成29年度 86")
    seen = value_of_box(html, "changes_seen")
    typed = {"yearly_targets": "2016 84\n平成29年度 86", "changes_seen": seen}
    act(planning, page, **typed, change_reason="打ち間違い")
    version.refresh_from_db()
    assert version.yearly_targets == {"2016": "84", "2017": "86"}
    html = act(planning, page, yearly_targets="2014 80")
    assert "計画の期間（" in html
    assert "目標の文言" in act(planning, page, target="70")


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"target": ""}, "target", "目標値を入力してください。"),
        ({"kind": "described"}, "target", "種類「記述目標」には目標値がありません。"),
        ({"kind": "total", "direction": "down"}, "direction", "期間累計"),
    ],
)
def test_what_is_wrong_in_an_earlier_version_is_named_at_its_field(
    planning, kpi, typed, field, message
):
    raise_target(planning, kpi, decide(planning, kpi.strategy, 2018))
    page = page_of(kpi.earlier_versions.get())
    asked = planning.post(page, form_data(planning.get(page).content.decode()) | typed)
    errors = asked.context["adminform"].form.errors
    assert message in " ".join(errors[field])
    assert "__all__" not in errors


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"first_fiscal_year": "2014"}, "最初の年度は、改訂では変えられません。"),
        ({"title": "別の名称"}, "改訂で変えるのは最後の年度です。"),
        ({"last_fiscal_year": "2016"}, "より前です。"),
    ],
)
def test_a_revision_changes_the_end_of_a_plan_only(planning, kpi, typed, message):
    revision = decide(planning, kpi.strategy, 2018)
    html = act(planning, page_of(kpi.strategy), as_revision=revision.pk, **typed)
    assert message in html
    kpi.strategy.refresh_from_db()
    assert kpi.strategy.period == kpi.strategy.period_in(2015)


def test_a_change_of_yearly_targets_is_taken_back_with_its_revision(planning, kpi):
    kpi.yearly_targets.create(fiscal_year=2018, value=Decimal(87))
    revision = decide(planning, kpi.strategy, 2018)
    act(planning, page_of(kpi), as_revision=revision.pk, **{"yearly_targets-0-value": "89"})
    html = act(planning, page_of(kpi), take_back="on", position="7")
    assert "取り消すときは、ほかの欄を変えないでください。" in html
    act(planning, page_of(kpi), take_back="on")
    kpi.refresh_from_db()
    assert [target.value for target in kpi.yearly_targets.all()] == [87]
    assert (kpi.from_fiscal_year, kpi.earlier_versions.count()) == (None, 0)


def test_what_a_revision_cannot_do_to_a_project_or_a_listing_of_another_plan(planning, kpi):
    project = make_project(kpi.measure)
    revision = decide(planning, kpi.strategy, 2018)
    html = act(planning, page_of(project), as_revision=revision.pk, name="別の事業")
    assert "具体的事業の内容は、改訂では変えられません。" in html
    other = make_kpi()
    html = act(
        planning, add_page(KPI), as_revision=revision.pk, measure=other.measure.pk, position="9",
        name="新しい指標", sentence="５年で１０人", indicator=make_indicator().pk,
    )  # fmt: skip
    assert "の改訂ではありません。" in html
    project.first_fiscal_year = 2018
    project.save()
    html = act(planning, page_of(project), as_revision=revision.pk, ends="on", end_reason="終了")
    assert "追加が誤りであれば、削除してください。" in html
    raise_target(planning, kpi, revision)
    html = act(planning, page_of(kpi), as_revision=revision.pk, ends="on", end_reason="終了")
    assert "先に内容の改訂を取り消すか" in html
