"""記述目標: a target in words, for which a person chooses the grade of each year and says why."""

import json

import jsonschema
import pytest
from django.urls import reverse

from accounts.roles import Role
from entry.excel.columns import Header
from indicators.known_years import known_years
from indicators.models import Actual, FiscalYear
from indicators.recording import RecordingError
from kpis.models import KPI
from plans.loading import load_strategy
from plans.tree import read_plain_tree, read_tree
from reports.strategy_json import strategy_as_json
from tests import importing
from tests.entry.excel_forms import Paper, form_for
from tests.entry.test_excel_pages import confirm as confirm_form
from tests.entry.test_excel_pages import send
from tests.entry.test_grid_page import sent
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_revision,
    make_section,
    make_strategy,
    make_user,
)
from tests.goals.test_judging_page import STANDARD
from tests.html import form_data
from tests.importing import confirm, exported_rows, upload
from tests.pages import text_of
from tests.plans.plan_files import kpi, read, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

DESCRIBED = {"kind": "described", "target": None, "sentence": "空き家条例を定める"}
REASON = "条例案を議会に提出した。"
FILES = (
    "print/", "papers/measures.xlsx", "papers/council/", "papers/council.xlsx", "papers/assembly/",
    "papers/assembly.xlsx", "data/2018.csv", "data/2018.json", "data/2018.xlsx",
    "data/actuals.csv", "data/metadata.csv", "workbook/", "reports/", "revisions/1.xlsx",
)  # fmt: skip


@pytest.fixture
def strategy():
    return make_strategy(code="plan")


@pytest.fixture
def measure(strategy):
    return make_measure(make_goal(strategy))


@pytest.fixture
def section():
    return make_section("住宅課")


@pytest.fixture
def rule(measure, section):
    """The listing with the words; the year is open."""
    make_fiscal_year(2017)
    indicator = make_indicator(section, name="空き家条例", unit="")
    return make_kpi(measure, indicator, **DESCRIBED)


@pytest.fixture
def clerk(client, section, rule):
    user = make_user(Role.CLERK, section)
    client.force_login(user)
    return user


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING)
    client.force_login(user)
    return user


def judged(year=2017):
    [listing] = read_tree("plan", year).listings
    return listing.assessment


def stored():
    return Actual.objects.get()


# Registration


def typed(measure, **fields):
    indicator = make_indicator()
    data = {
        "measure": measure.pk, "position": "1", "name": indicator.name, "kind": "described",
        "sentence": "空き家条例を定める", "indicator": indicator.pk, "tolerance": "0",
        "yearly_targets-TOTAL_FORMS": "0", "yearly_targets-INITIAL_FORMS": "0",
    }  # fmt: skip
    return data | fields


def test_it_has_a_sentence_and_perhaps_a_year_but_no_number(client, planning, measure):
    client.post(reverse("admin:kpis_kpi_add"), typed(measure, target_year="H30"))
    found = KPI.objects.get()
    assert (found.kind, found.target, found.target_year) == ("described", None, 2018)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target": "20"}, "種類「記述目標」には目標値がありません。"),
        ({"sentence": ""}, "目標の文言を入力してください。"),
        ({"relation": "previous_year"}, "種類「記述目標」には比べる値がありません。"),
        (
            {
                "yearly_targets-TOTAL_FORMS": "1",
                "yearly_targets-0-fiscal_year": "2016",
                "yearly_targets-0-value": "3",
            },
            "種類「記述目標」には年度別目標値がありません。",
        ),
        (
            {"kind": "level", "direction": "up", "target": ""},
            "目標が数でなく言葉であれば、「記述目標」を選んでください。",
        ),
    ],
)
def test_what_does_not_fit_is_named_and_kept(client, planning, measure, fields, said):
    data = typed(measure, **fields)
    html = client.post(reverse("admin:kpis_kpi_add"), data).content.decode()
    assert said in html
    assert not KPI.objects.exists()
    assert form_data(html)["name"] == data["name"]


# Judging


def test_without_a_grade_nothing_is_judged(rule):
    assert (judged().status, judged().label) == ("not_reported", "未入力")
    assert judged().explanation == (
        "平成29年度の判断はまだありません（未入力）。人が判断する記述目標です。"
    )
    make_actual(rule.indicator, 2017, None, availability="not_computable")
    assert judged().label == "判定なし（把握できない）"


def test_the_grade_is_that_of_the_person_and_says_so(rule):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    found = judged()
    assert (found.status, found.label, found.judged_by) == ("on_track", "順調（人の判断）", None)
    assert found.explanation == (
        "平成29年度は「順調」と判断しました（人の判断）。理由：条例案を議会に提出した。"
    )
    assert judged(2018).label == "未入力"


def test_an_unconfirmed_reading_is_not_judged(rule):
    KPI.objects.update(confirmed_at=None)
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    assert judged().label == "判定なし（読み方未確認）"


def test_the_words_are_those_of_the_plan(rule, strategy, client, clerk):
    strategy.labels = {"on_track": "A", "mostly_on_track": "B"}
    strategy.save()
    html = client.get("/entry/2017/").content.decode()
    assert '<option value="A">' in html
    assert '<option value="順調">' not in html
    sent(client, {(rule.indicator, "value"): "A", (rule.indicator, "remarks"): REASON})
    assert stored().grade == "on_track"
    assert '<option value="A" selected>' in client.get("/entry/2017/").content.decode()
    assert judged().label == "A（人の判断）"


# Entering


def test_a_clerk_chooses_the_grade_and_gives_the_reason(client, rule, clerk):
    html = client.get("/entry/2017/").content.decode()
    assert "備考（判断の理由）" in html
    assert '<option value="未達成">' not in html
    sent(client, {(rule.indicator, "value"): "やや遅れ", (rule.indicator, "remarks"): REASON})
    found = stored()
    assert (found.availability, found.value, found.grade) == ("reported", None, "slightly_behind")
    assert (found.remarks, found.entered_by) == (REASON, clerk)
    assert judged().label == "やや遅れ（人の判断）"


def test_in_the_last_year_the_words_are_those_of_the_end(client, rule, clerk):
    make_fiscal_year(2019)
    html = client.get("/entry/2019/").content.decode()
    assert '<option value="未達成">' in html
    assert '<option value="やや遅れ">' not in html


@pytest.mark.parametrize(
    ("value", "remarks", "said"),
    [
        ("順調", "", "判断の理由を備考に入力してください。"),
        ("順調", "。", "判断の理由を備考に入力してください。"),
        ("順調", "－", "判断の理由を備考に入力してください。"),
        ("3", REASON, "実績値「3」は、判定の言葉ではありません。"),
        ("未達成", REASON, "この年度に選べる判定は、「達成」、「順調」、"),
        ("良好", REASON, "「良好」は、判定の言葉ではありません。"),
    ],
)
def test_an_invalid_grade_is_refused_and_kept(client, rule, clerk, value, remarks, said):
    page = sent(client, {(rule.indicator, "value"): value, (rule.indicator, "remarks"): remarks})
    assert said in text_of(page)
    assert not Actual.objects.exists()
    data = form_data(page.content.decode())
    assert data[f"r{rule.indicator.pk}-value"] == value
    assert data[f"r{rule.indicator.pk}-remarks"] == remarks


def test_another_grade_needs_its_own_reason(client, rule, clerk):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON, by=clerk)
    page = sent(client, {(rule.indicator, "value"): "遅れ"})
    assert "備考は前に保存したときのままです。今の判定の理由を" in text_of(page)
    assert form_data(page.content.decode())[f"r{rule.indicator.pk}-value"] == "遅れ"
    assert stored().grade == "on_track"
    new = {(rule.indicator, "value"): "遅れ", (rule.indicator, "remarks"): "否決された。"}
    sent(client, new)
    assert (stored().grade, stored().remarks) == ("behind", "否決された。")


def test_the_reason_alone_is_reworded_and_the_grade_alone_is_kept(client, rule, clerk):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON, by=clerk)
    sent(client, {(rule.indicator, "remarks"): "条例案を可決した。"})
    assert (stored().grade, stored().remarks) == ("on_track", "条例案を可決した。")


def test_a_grade_needs_a_target_in_words(rule, measure):
    other = make_kpi(measure)
    with pytest.raises(RecordingError, match="には記述目標ではありません"):
        make_actual(other.indicator, 2017, None, grade="on_track", remarks=REASON)
    with pytest.raises(RecordingError, match="目標が言葉の記述目標です"):
        make_actual(rule.indicator, 2017, 3)


def test_where_a_number_is_asked_too_either_is_taken(rule, measure):
    make_kpi(measure, rule.indicator, kind="level", target=5)
    make_actual(rule.indicator, 2017, 3)
    described, level = read_tree("plan", 2017).listings
    assert described.assessment.label == "判定なし（人の判断がない）"
    assert level.assessment.value == 3


def test_it_is_withdrawn_and_its_history_says_so(client, rule, clerk, planning):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON, by=clerk)
    client.force_login(clerk)
    sent(client, {(rule.indicator, "availability"): "withdraw"})
    assert not Actual.objects.exists()
    client.force_login(planning)
    changes = text_of(client.get("/changes/"))
    assert "順調（人の判断）" in changes


def test_the_form_carries_it(client, rule, clerk):
    paper = Paper(form_for(clerk))
    preview = send(client, paper.fill("空き家条例", VALUE="順調", REMARKS=REASON).saved())
    confirm_form(client, preview)
    assert (stored().grade, stored().remarks) == ("on_track", REASON)
    again = Paper(form_for(clerk))
    row = again.header_row() + 1
    assert again.sheet.cell(row, again.column(Header.VALUE)).value == "順調"
    listed = [one.formula1 for one in again.sheet.data_validations.dataValidation]
    assert '"達成,順調,おおむね順調,やや遅れ,遅れ"' in listed
    another = again.fill("空き家条例", VALUE="遅れ", REMARKS="否決された。")
    confirm_form(client, send(client, another.saved()))
    assert stored().grade == "behind"


def test_the_admin_and_the_bulk_table_carry_it(client, rule, planning):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    header, row = exported_rows(client, Actual)
    assert row[header.index("人の判断")] == "順調"
    row[header.index("人の判断")] = "やや遅れ"
    refused = importing.text_of(upload(client, Actual, [header, row], reason="直すため"))
    assert "備考は前に保存したときのままです。" in refused
    row[header.index("備考")] = "議会への提出が翌年度になった。"
    confirm(client, Actual, upload(client, Actual, [header, row], reason="直すため"))
    assert stored().grade == "slightly_behind"
    row[header.index("備考")] = row[header.index("版")] = ""
    row[header.index("版")] = str(stored().version)
    refused = importing.text_of(upload(client, Actual, [header, row], reason="試す"))
    assert "判断の理由を備考に入力してください。" in refused
    row[header.index("人の判断")], row[header.index("備考")] = "未達成", REASON
    refused = importing.text_of(upload(client, Actual, [header, row], reason="試す"))
    assert "2行目 人の判断 未達成 この年度に選べる判定は、" in refused
    page = client.get(reverse("admin:indicators_indicator_change", args=[rule.indicator.pk]))
    assert 'value="やや遅れ"' in page.content.decode()


# Showing


def test_pages_say_that_a_person_judged(client, rule, planning):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    page = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/?year=2017"))
    assert "順調（人の判断）" in page
    assert "と判断しました（人の判断）。理由：条例案を議会に提出した。" in page
    assert "年度ごとに人が判断し、理由を示します。" in page
    value = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/values/2017/"))
    assert "実績値（年度計）順調（人の判断）" in value
    overview = text_of(client.get("/strategies/plan/?year=2017"))
    assert "1指標のうち" in overview
    listings = "/strategies/plan/listings/?year=2017"
    assert "空き家条例" in text_of(client.get(f"{listings}&kind=described"))
    assert "空き家条例" in text_of(client.get(f"{listings}&judgement=good"))
    assert client.get("/entry/2017/answer/").status_code == 200
    assert "順調（人の判断）" in text_of(client.get("/strategies/plan/measures/1-ア-1/?year=2017"))


def test_a_file_gives_back_what_it_was_loaded_from():
    data = read()
    kpi(data).update({**DESCRIBED, "yearly_targets": {}, "baseline": None})
    load_strategy(data)
    again = strategy_as_json(read_plain_tree(data["strategy"]["code"]))
    assert kpi(again)["kind"] == "described"
    assert json.dumps(load_strategy(again).changed) == "0"
    kpi(data)["target"] = "20"
    assert any("種類「記述目標」には目標値がありません。" in line for line in refusal(data))


def test_data_files_name_the_grade(rule):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    [listing] = strategy_as_json(read_tree("plan", 2017))["goals"][0]["measure_groups"][0][
        "measures"
    ][0]["kpis"]
    assert listing["actuals"]["2017"]["grade"] == "on_track"
    assert listing["assessment"]["label"] == "順調（人の判断）"
    assert listing["assessment"]["judged_by"] is None


def test_a_revision_leaves_earlier_years_their_numbers(measure):
    listing = make_kpi(measure, kind="level", target=5, sentence="５件")
    make_actual(listing.indicator, 2017, 5)
    make_revision(2018, listing)
    for name, said in DESCRIBED.items():
        setattr(listing, name, said)
    listing.save()
    make_actual(listing.indicator, 2018, None, grade="on_track", remarks=REASON)
    with pytest.raises(RecordingError, match="には記述目標ではありません"):
        make_actual(listing.indicator, 2016, None, grade="on_track", remarks=REASON)
    [node] = read_tree("plan", 2018).listings
    assert node.assess(2017).label == "目標値以上"
    assert node.assess(2018).label == "順調（人の判断）"


def test_grades_of_earlier_years_stand_beside_a_number_that_is_yet_to_come(client, planning, rule):
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    make_revision(2018, rule)
    rule.kind, rule.target, rule.sentence, rule.direction = "level", 5, "５件", "up"
    rule.save()
    page = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/?year=2018"))
    assert "順調（人の判断）" in page
    assert "数の実績値はまだありません。" in page


@pytest.mark.slow
def test_every_file_of_the_plan_is_made(client, planning, measure, rule):
    level = make_kpi(measure, kind="level", target=5, sentence="５件")
    make_revision(2018, level)
    for name, said in DESCRIBED.items():
        setattr(level, name, said)
    level.save()
    make_actual(level.indicator, 2017, 5)
    for year, listing in ((2017, rule), (2018, rule), (2018, level)):
        make_actual(listing.indicator, year, None, grade="on_track", remarks=REASON)

    def content(path):
        response = client.get(f"/strategies/plan/{path}")
        assert response.status_code == 200, path
        return response.getvalue()

    for name in FILES:
        assert content(f"{name}?year=2018"), name
    assert "graded,人の判断" in content("data/2018.csv").decode("utf-8-sig")
    assert "graded" in content("data/codes.csv?year=2018").decode("utf-8-sig")
    schema = json.loads(content("data/strategy.schema.json"))
    jsonschema.validate(json.loads(content("data/2018.json")), schema)


def test_two_windows_decide_which_grade_holds(client, rule, clerk, section):
    data = form_data(client.get("/entry/2017/").content.decode())
    make_actual(rule.indicator, 2017, None, grade="behind", remarks="提出が遅れた。", by=clerk)
    name = f"r{rule.indicator.pk}"
    data |= {f"{name}-value": "順調", f"{name}-remarks": REASON, "save": "1"}
    asked = client.post("/entry/2017/", data)
    assert "遅れ（人の判断）" in text_of(asked)
    assert "順調（人の判断）" in text_of(asked)
    assert stored().grade == "behind"
    data |= form_data(asked.content.decode())
    version = stored().version
    data |= {f"{name}-choice-{part}": f"mine:{version}" for part in ("value", "remarks")}
    client.post("/entry/2017/", data | {"save": "1"})
    assert (stored().grade, stored().remarks) == ("on_track", REASON)


# Rules of judging that change


def rules_page(strategy):
    return reverse("admin:goals_strategy_judging", args=[strategy.pk])


def test_the_grades_of_a_year_are_those_of_its_rules(client, planning, strategy, rule):
    make_fiscal_year(2018)
    revision = make_revision(2018, strategy=strategy, number=1)
    new = {
        "as_revision": revision.pk, "far_above": "120", "partly_achieved": "60",
        "word_on_track": "計画どおり", "save": "on",
    }  # fmt: skip
    client.post(rules_page(strategy), STANDARD | new)
    before = client.get("/entry/2017/").content.decode()
    assert '<option value="大きく上回る">' not in before
    assert '<option value="順調">' in before
    since = client.get("/entry/2018/").content.decode()
    assert '<option value="大きく上回る">' in since
    assert '<option value="計画どおり">' in since
    with pytest.raises(RecordingError, match="この年度に選べる判定は"):
        make_actual(rule.indicator, 2017, None, grade="far_above", remarks=REASON)
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    page = text_of(client.get("/strategies/plan/kpis/1-ア-1-1/?year=2018"))
    assert "順調（人の判断）" in page
    assert "計画どおり（人の判断）" not in page


def test_two_plans_offer_the_grades_that_both_have(client, clerk, rule):
    other = make_strategy(code="next", first_fiscal_year=2017, far_above=120)
    make_kpi(make_measure(make_goal(other)), rule.indicator, **DESCRIBED)
    assert '<option value="大きく上回る">' not in client.get("/entry/2017/").content.decode()
    with pytest.raises(RecordingError, match="この年度に選べる判定は"):
        make_actual(rule.indicator, 2017, None, grade="far_above", remarks=REASON)
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)


def test_a_year_with_a_grade_alone_is_known(rule):
    Actual.objects.all().delete()
    FiscalYear.objects.update(entry_opened_on=None)
    assert known_years() == []
    make_actual(rule.indicator, 2017, None, grade="on_track", remarks=REASON)
    FiscalYear.objects.update(entry_opened_on=None)
    assert known_years() == [2017]


def test_a_grade_that_corrected_rules_no_longer_offer_is_still_listed(
    client, planning, strategy, rule
):
    allowing = {"far_above": "120", "change_reason": "会議で決定", "save": "on"}
    client.post(rules_page(strategy), STANDARD | allowing)
    make_actual(rule.indicator, 2017, None, grade="far_above", remarks=REASON)
    asked = client.post(rules_page(strategy), STANDARD | {"save": "on"})
    gone = "大きく上回る（人の判断、今の決め方にない判定）"
    assert f"◎ 大きく上回る（人の判断） → ◎ {gone}" in asked.content.decode()
    meant = form_data(asked.content.decode()) | {"change_reason": "登録の誤り", "save": "on"}
    meant["changes_seen"] = asked.context["form"].fields["changes_seen"].widget.attrs["value"]
    client.post(rules_page(strategy), {k: v for k, v in meant.items() if k not in ("take", "try")})
    strategy.refresh_from_db()
    assert strategy.far_above is None
    assert judged().label == gone
    for path in ("", "goals/1/", "list/", "print/", "kpis/1-ア-1-1/"):
        page = client.get(f"/strategies/plan/{path}?year=2017", follow=True)
        assert page.status_code == 200, path
    assert client.get("/", follow=True).status_code == 200
    listed = text_of(client.get("/strategies/plan/listings/?year=2017&judgement=far_above"))
    assert "空き家条例" in listed
    assert client.get("/strategies/plan/workbook/?year=2017").status_code == 200
    entered = client.get("/entry/2017/").content.decode()
    assert '<option value="大きく上回る" selected>大きく上回る（この年度には選べません）' in entered
